"""Reads numbers out of JSON, each path once."""

from dataclasses import dataclass

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_http_json.answers import told, value
from autoscaler_http_json.queries import Asked, asked
from autoscaler_http_json.settings import HttpJsonSettings
from autoscaler_sources.asking import ask_each
from autoscaler_sources.freshness import fresh
from autoscaler_sources.http_client import HttpClient, HttpTarget
from autoscaler_sources.moments import clock


@dataclass(frozen=True, slots=True)
class Told:
    """The JSON of one path; `clock` is what the server's showed at `at` of ours."""

    whole: object
    clock: Instant | None
    at: Instant


class HttpJsonReader:
    """One JSON API."""

    def __init__(self, settings: HttpJsonSettings, site: Site) -> None:
        self._site = site
        self._base = settings.url.text.rstrip("/")
        target = HttpTarget(timeout=settings.timeout, max_answer=settings.max_answer, headers=settings.headers)
        self._http = HttpClient(target, site.runtime)

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """One question for each path, whatever is looked for in its answer."""
        self._http.open()  # before several threads would
        meant = {query.text: asked(query.text) for query in queries}
        paths = (found.path for found in meant.values() if isinstance(found, Asked))
        answers = ask_each(self._site, paths, deadline, self._ask)
        return tuple(_reading(query, meant[query.text], answers) for query in queries)

    def _ask(self, path: str, within: Duration) -> Told | Unknown:
        answer = self._http.get(self._base + path, None, within)
        if isinstance(answer, Unknown):
            return answer
        whole = told(answer.status, answer.body)
        return whole if isinstance(whole, Unknown) else Told(whole, clock(answer.date), answer.at)


def _reading(query: MetricQuery, meant: Asked | Unknown, answers: dict[str, Told | Unknown]) -> Reading:
    if isinstance(meant, Unknown):
        return meant
    answer = answers[meant.path]
    if isinstance(answer, Unknown):
        return answer
    found = value(answer.whole, meant)
    return found if isinstance(found, Unknown) else fresh(found, clock=answer.clock, now=answer.at, stale_after=query.stale_after)
