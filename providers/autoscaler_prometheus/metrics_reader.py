"""Reads metrics by instant queries, each distinct one once, and what they were by range queries."""

from functools import partial

from autoscaler.contracts.past_reader import Moments, Stretch
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_prometheus.answers import parse
from autoscaler_prometheus.past import read_range
from autoscaler_prometheus.selectors import with_time
from autoscaler_prometheus.settings import PrometheusSettings
from autoscaler_sources.asking import ask_each
from autoscaler_sources.credentials import bearer
from autoscaler_sources.freshness import fresh
from autoscaler_sources.http_client import HttpClient, HttpTarget
from autoscaler_sources.moments import clock

Asked = tuple[str, Duration]
"""What makes a question: its text, and how far back it may look."""


class PrometheusReader:
    """One Prometheus, or whatever speaks its query API."""

    def __init__(self, settings: PrometheusSettings, site: Site) -> None:
        self._site = site
        self._settings = settings
        self._url = settings.query_url
        target = HttpTarget(timeout=settings.timeout, max_answer=settings.max_answer, headers=partial(bearer, settings.token))
        self._http = HttpClient(target, site.runtime)

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """A few questions at a time, over connections that are kept; once one is not answered at all, the rest is unknown."""
        self._http.open()  # before several threads would
        found = ask_each(self._site, (_asked(query) for query in queries), deadline, self._ask)
        return tuple(found[_asked(query)] for query in queries)

    def read_past(self, text: str, stretch: Stretch) -> Moments:
        """As `PastReader` has it, by range queries."""
        return read_range(self._http, self._settings, text, stretch)

    def _ask(self, asked: Asked, within: Duration) -> Reading:
        text, stale_after = asked
        answer = self._http.get(self._url, {"query": with_time(text), "lookback_delta": f"{stale_after.ms}ms"}, within)
        if isinstance(answer, Unknown):
            return answer
        value = parse(answer.status, answer.body)
        if isinstance(value, Unknown):
            return value
        return fresh(value, clock=clock(answer.date), now=answer.at, stale_after=stale_after)


def _asked(query: MetricQuery) -> Asked:
    return query.text, query.stale_after
