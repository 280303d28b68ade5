"""Asks one Prometheus over HTTP: bounded in time and size, no redirects, no proxies, and no secret in any error."""

import re
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_prometheus.selectors import with_time
from autoscaler_prometheus.settings import PrometheusSettings

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


class HttpSource:
    """Connects at the first question and keeps the connection."""

    def __init__(self, settings: PrometheusSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._client: httpx2.Client | None = None

    def ask(self, query: str, stale_after: Duration, within: Duration) -> Answer | Unknown:
        """The answer to an instant query; UnavailableError when nobody answers, Unknown for a body that is too large or too slow."""
        import httpx2

        asked = {"query": with_time(query), "lookback_delta": f"{stale_after.ms}ms"}
        span = min(within.ms, self._settings.timeout.ms)
        began, ends = self._runtime.now(), self._runtime.monotonic() + span
        limits = httpx2.Timeout(span / 1000, connect=min(CONNECT_S, span / 1000))
        try:
            with self.open().stream("GET", self._settings.query_url, params=asked, headers=self._headers(), timeout=limits) as reply:
                middle = Instant((began + self._runtime.now()) // 2)
                return self._heard(reply, ends, middle)
        except (httpx2.TransportError, httpx2.InvalidURL, httpx2.StreamError) as error:
            # The error's own words may hold headers: its kind is enough.
            raise UnavailableError(f"{self._settings.url} does not answer ({type(error).__name__})", hint=HINT) from error

    def _heard(self, reply: "httpx2.Response", ends: int, middle: Instant) -> Answer | Unknown:
        import httpx2

        body = bytearray()
        try:
            for chunk in reply.iter_raw():
                body += chunk
                if len(body) > self._settings.max_answer.bytes:
                    return Unknown(Code.TOO_LARGE, f"the answer is larger than {self._settings.max_answer}")
                if self._runtime.monotonic() > ends:
                    return Unknown(Code.LATE, "the answer came too slowly")
        except httpx2.TimeoutException:
            return Unknown(Code.LATE, "the answer stopped coming")
        return Answer(reply.status_code, bytes(body), reply.headers.get("Date", ""), middle)

    def _headers(self) -> dict[str, str]:
        # Compressed, a small body could grow beyond any bound.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        token = self._settings.token.reveal() if self._settings.token else ""
        if not re.fullmatch("[!-~]*", token):
            raise SetupError(
                "the token of the source holds more than printable characters", hint="write the bare token, without a line end"
            )
        return {**headers, "Authorization": f"Bearer {token}"} if token else headers

    def open(self) -> "httpx2.Client":
        """The client, made at the first question; it may be used by several threads, and is made by one."""
        import httpx2

        if self._client is None:
            self._client = httpx2.Client(follow_redirects=False, trust_env=False)
            weakref.finalize(self, self._client.close)
        return self._client
