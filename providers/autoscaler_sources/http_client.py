"""Asks one source over HTTP: bounded in time and size, no redirects, no proxies, and no secret in any error."""

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration, Instant, Memory
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.wording import unknown

if TYPE_CHECKING:
    import httpx2

CONNECT_S = 3.0
HINT = "is it running, and reachable from here? see `url` of the source"


@dataclass(frozen=True, slots=True)
class Answer:
    """`at`: our time in the middle between question and answer, which the Date header is held against."""

    status: int
    body: bytes
    date: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTarget:
    """Who is asked: `name` for errors, `headers` to be let in (made anew each time), and the bounds of one answer."""

    name: str
    timeout: Duration
    max_answer: Memory
    headers: Callable[[], dict[str, str]]


class HttpClient:
    """Connects at the first question and keeps the connection."""

    def __init__(self, target: HttpTarget, runtime: Runtime) -> None:
        self._target = target
        self._runtime = runtime
        self._client: httpx2.Client | None = None

    def get(self, url: str, params: Mapping[str, str] | None, within: Duration) -> Answer | Unknown:
        """The answer; UnavailableError when nobody answers, Unknown for a body too large or too slow, or an address too long."""
        import httpx2

        span = min(within.ms, self._target.timeout.ms)
        began, ends = self._runtime.now(), self._runtime.monotonic() + span
        limits = httpx2.Timeout(span / 1000, connect=min(CONNECT_S, span / 1000))
        # Compressed, a small body could grow beyond any bound.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **self._target.headers()}
        try:
            with self.open().stream("GET", url, params=params, headers=headers, timeout=limits) as reply:
                middle = Instant((began + self._runtime.now()) // 2)
                return self._heard(reply, ends, middle)
        except httpx2.InvalidURL as error:
            return unknown(Code.REFUSED, f"the address is none that can be asked: {error}")
        except (httpx2.TransportError, httpx2.StreamError) as error:
            # The error's own words may hold headers: its kind is enough.
            raise UnavailableError(f"{self._target.name} does not answer ({type(error).__name__})", hint=HINT) from error

    def _heard(self, reply: "httpx2.Response", ends: int, middle: Instant) -> Answer | Unknown:
        import httpx2

        body = bytearray()
        try:
            for chunk in reply.iter_raw():
                body += chunk
                if len(body) > self._target.max_answer.bytes:
                    return Unknown(Code.TOO_LARGE, f"the answer is larger than {self._target.max_answer}")
                if self._runtime.monotonic() > ends:
                    return Unknown(Code.LATE, "the answer came too slowly")
        except httpx2.TimeoutException:
            return Unknown(Code.LATE, "the answer stopped coming")
        return Answer(reply.status_code, bytes(body), reply.headers.get("Date", ""), middle)

    def open(self) -> "httpx2.Client":
        """The client, made at the first question; it may be used by several threads, and is made by one."""
        import httpx2

        if self._client is None:
            self._client = httpx2.Client(follow_redirects=False, trust_env=False)
            weakref.finalize(self, self._client.close)
        return self._client
