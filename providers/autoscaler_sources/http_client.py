"""A source at one address, let in by headers that are made anew for each question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration, Memory
from autoscaler.model.samples import Unknown
from autoscaler_sources.bounded_http import Answer, BoundedHttp, Bounds, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTarget:
    """The bounds of one answer, and the `headers` to be let in."""

    timeout: Duration
    max_answer: Memory
    headers: Callable[[], dict[str, str]]


class HttpClient:
    """Straight to the source: the environment's proxies are not used."""

    def __init__(self, target: HttpTarget, runtime: Runtime) -> None:
        self._headers = target.headers
        self._http = BoundedHttp(runtime, Bounds(timeout=target.timeout, largest=target.max_answer))

    def get(self, url: str, params: Mapping[str, str] | None, within: Duration) -> Answer | Unknown:
        """As `BoundedHttp.ask`."""
        return self._http.ask(Question(url=url, params=params, headers=self._headers()), within)

    def open(self) -> None:
        """Before several threads ask at once."""
        self._http.open()
