"""Reads metrics by instant queries, each distinct one once."""

from functools import partial

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Call
from autoscaler.errors import AutoscalerError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_prometheus.answers import parse
from autoscaler_prometheus.freshness import fresh
from autoscaler_prometheus.http_source import HttpSource
from autoscaler_prometheus.settings import PrometheusSettings

Asked = tuple[str, Duration]
"""What makes a question: its text, and how far back it may look."""

AT_ONCE = 8
"""Questions in flight: hundreds end within a tick's deadline, and no Prometheus feels eight."""

MARGIN = Duration(100)
"""A question ends that much before its deadline, so that its own reason is told."""


class PrometheusReader:
    """One Prometheus, or whatever speaks its query API."""

    def __init__(self, settings: PrometheusSettings, site: Site) -> None:
        self._site = site
        self._source = HttpSource(settings, site.runtime)

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """A few questions at a time, over connections that are kept; once one is not answered at all, the rest is unknown."""
        clock = self._site.runtime.monotonic
        ends, left = clock() + deadline.ms, list(dict.fromkeys(_asked(query) for query in queries))
        found: dict[Asked, Reading] = {}
        broken: AutoscalerError | None = None
        while left and not broken:
            batch, left = left[:AT_ONCE], left[AT_ONCE:]
            for asked, answer in zip(batch, self._ask_all(batch, Duration(ends - clock())), strict=True):
                if isinstance(answer, AutoscalerError):
                    broken = broken or answer
                else:
                    found[asked] = answer
        if broken and not (found and isinstance(broken, UnavailableError)):
            raise broken
        rest = Unknown(Code.UNAVAILABLE, "the source stopped answering before this query")
        return tuple(found.get(_asked(query), rest) for query in queries)

    def _ask_all(self, batch: list[Asked], left: Duration) -> list[Reading | AutoscalerError]:
        within = Duration(left.ms - MARGIN.ms)
        if within.ms <= 0:
            return [Unknown(Code.LATE, "no time was left to ask") for _ in batch]
        self._source.open()  # before several threads would
        calls = [Call(self._site.name, partial(self._ask, text, stale_after, within)) for text, stale_after in batch]
        return self._site.runtime.gather(calls, left)

    def _ask(self, text: str, stale_after: Duration, left: Duration) -> Reading:
        answer = self._source.ask(text, stale_after, left)
        if isinstance(answer, Unknown):
            return answer
        value = parse(answer.status, answer.body)
        if isinstance(value, Unknown):
            return value
        return fresh(value, date=answer.date, now=answer.at, stale_after=stale_after)


def _asked(query: MetricQuery) -> Asked:
    return query.text, query.stale_after
