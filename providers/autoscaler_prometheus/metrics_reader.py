"""Reads metrics by instant queries, each distinct one once."""

from autoscaler.contracts.provider import Site
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_prometheus.answers import parse
from autoscaler_prometheus.freshness import fresh
from autoscaler_prometheus.http_source import HttpSource
from autoscaler_prometheus.settings import PrometheusSettings

Asked = tuple[str, Duration]
"""What makes a question: its text, and how far back it may look."""


class PrometheusReader:
    """One Prometheus, or whatever speaks its query API."""

    def __init__(self, settings: PrometheusSettings, site: Site) -> None:
        self._site = site
        self._source = HttpSource(settings, site.runtime)

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """One question after the other on one connection; when it breaks, the rest is unknown."""
        ends = self._site.runtime.monotonic() + deadline.ms
        found: dict[Asked, Reading] = {}
        for asked in dict.fromkeys(_asked(query) for query in queries):
            try:
                found[asked] = self._ask(*asked, Duration(ends - self._site.runtime.monotonic()))
            except UnavailableError:
                if not found:
                    raise
                break
        rest = Unknown(Code.UNAVAILABLE, "the source stopped answering before this query")
        return tuple(found.get(_asked(query), rest) for query in queries)

    def _ask(self, text: str, stale_after: Duration, left: Duration) -> Reading:
        if left.ms <= 0:
            return Unknown(Code.LATE, "no time was left to ask")
        answer = self._source.ask(text, stale_after, left)
        if isinstance(answer, Unknown):
            return answer
        value = parse(answer.status, answer.body)
        if isinstance(value, Unknown):
            return value
        return fresh(value, date=answer.date, now=answer.at, stale_after=stale_after)


def _asked(query: MetricQuery) -> Asked:
    return query.text, query.stale_after
