"""An API of a cloud over plain HTTP, for what no SDK of a pool's is needed for: one JSON object asked for at a time."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import NotFoundError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration, Memory
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.api_bodies import Json, understood_body
from autoscaler_sources.bounded_http import Answer, BoundedHttp, Bounds, Question

LARGEST = Memory(64 * 2**20)
"""A page of Google's prices is a tenth of it."""

SECURE = "https://"
THROTTLED = (b"rateLimitExceeded", b"RATE_LIMIT_EXCEEDED")
"""Which Google answers with 403."""

LATER = "nothing to do: it is asked again later"
GRANT = "grant what it names to the account this process runs under"
Sign = Callable[[Duration], Mapping[str, str]]
"""Headers that say who we are, found within that time."""


def nobody(within: Duration) -> Mapping[str, str]:
    """For what anybody may ask."""
    del within
    return {}


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered, with the server's own time as it writes it."""

    body: Json
    date: str


class Rest:
    """Signs what goes over https, and only that: what listens to plain http is a stand-in."""

    def __init__(self, runtime: Runtime, timeout: Duration, sign: Sign = nobody, http: BoundedHttp | None = None) -> None:
        self._http = http or BoundedHttp(runtime, Bounds(timeout=timeout, largest=LARGEST, proxied=True))
        self._timeout = timeout
        self._sign = sign

    def get(self, url: str, params: Mapping[str, str] | None = None) -> Reply:
        """UnavailableError: busy, late or broken. NotFoundError: no such object. SetupError: whatever else was refused."""
        return self._asked(Question(url=url, params=params or None, headers=self._signed(url)))

    def post(self, url: str, body: Mapping[str, object]) -> Reply:
        """As `get`, for what is asked with a body. It must be something that may be asked again."""
        headers = {**self._signed(url), "Content-Type": "application/json"}
        return self._asked(Question(url=url, method="POST", headers=headers, content=json.dumps(body).encode()))

    def _signed(self, url: str) -> Mapping[str, str]:
        return self._sign(self._timeout) if url.startswith(SECURE) else {}

    def _asked(self, question: Question) -> Reply:
        answer = self._http.ask(question, self._timeout)
        if isinstance(answer, Unknown):
            raise _failed(answer)
        if any(words in answer.body for words in THROTTLED) and answer.status >= 400:  # noqa: PLR2004 - a refusal
            raise UnavailableError(f"HTTP {answer.status}: asked too often", hint=LATER)
        return _understood(answer)


def _understood(answer: Answer) -> Reply:
    body = understood_body(answer.status, answer.body)
    if isinstance(body, Unknown):
        raise _failed(body)
    return Reply(body, answer.date)


def _failed(found: Unknown) -> Exception:
    if found.why is Code.NOT_FOUND:
        return NotFoundError(found.detail, hint="see whether it is there, and whether we may see it")
    if found.why is Code.REFUSED:
        return SetupError(found.detail, hint=GRANT)
    return UnavailableError(found.detail, hint=LATER)
