"""Asks over HTTP: bounded in time and size, no redirects, and no secret in any error."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration, Instant, Memory
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.wording import unknown

if TYPE_CHECKING:
    import httpx2

CONNECT_S = 3.0
HINT = "is it running, and reachable from here? see the address of the source"
PROXIED_HINT = f"{HINT}, and HTTPS_PROXY in the environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request."""

    url: str
    method: str = "GET"
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """`at`: our time in the middle between question and answer, which the Date header is held against."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    at: Instant

    @property
    def date(self) -> str:
        """The Date header, empty without one."""
        return self.headers.get("Date", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Of one answer. `proxied`: by the environment's proxies, as a cloud's own tools go; else straight to where the address says."""

    timeout: Duration
    largest: Memory
    proxied: bool = False


class BoundedHttp:
    """Connects at the first question and keeps the connection."""

    def __init__(self, runtime: Runtime, bounds: Bounds) -> None:
        self._runtime = runtime
        self._bounds = bounds
        self._client: httpx2.Client | None = None

    def ask(self, question: Question, within: Duration) -> Answer | Unknown:
        """The answer, whatever its status; UnavailableError when nobody answers.

        Unknown for a body that is too large or too slow, and for an address that cannot be asked.
        """
        import httpx2

        span = max(1, min(within.ms, self._bounds.timeout.ms))
        began, ends = self._runtime.now(), self._runtime.monotonic() + span
        limits = httpx2.Timeout(span / 1000, connect=min(CONNECT_S, span / 1000))
        # Compressed, a small body could grow beyond any bound.
        headers = {"Accept": "application/json", **(question.headers or {}), "Accept-Encoding": "identity"}
        try:
            with self.open().stream(
                question.method, question.url, params=question.params, headers=headers, content=question.content or None, timeout=limits
            ) as reply:
                middle = Instant((began + self._runtime.now()) // 2)
                return self._heard(reply, ends, middle)
        except httpx2.InvalidURL as error:
            return unknown(Code.REFUSED, f"the address is none that can be asked: {error}")
        except (httpx2.TransportError, httpx2.StreamError) as error:
            # The error's own words may hold headers, and a path may hold names: its kind and the host are enough.
            hint = PROXIED_HINT if self._bounds.proxied else HINT
            raise UnavailableError(f"{_host(question.url)} does not answer ({type(error).__name__})", hint=hint) from error

    def _heard(self, reply: "httpx2.Response", ends: int, middle: Instant) -> Answer | Unknown:
        import httpx2

        body = bytearray()
        try:
            for chunk in reply.iter_raw():
                body += chunk
                if len(body) > self._bounds.largest.bytes:
                    return Unknown(Code.TOO_LARGE, f"the answer is larger than {self._bounds.largest}")
                if self._runtime.monotonic() > ends:
                    return Unknown(Code.LATE, "the answer came too slowly")
        except httpx2.TimeoutException:
            return Unknown(Code.LATE, "the answer stopped coming")
        return Answer(reply.status_code, bytes(body), reply.headers, middle)

    def open(self) -> "httpx2.Client":
        """The client, made at the first question; it may be used by several threads, and is made by one."""
        import httpx2

        if self._client is None:
            self._client = httpx2.Client(follow_redirects=False, trust_env=self._bounds.proxied)
            weakref.finalize(self, self._client.close)
        return self._client


def _host(url: str) -> str:
    """The address without its path, and without a password."""
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc.rpartition('@')[2]}"
