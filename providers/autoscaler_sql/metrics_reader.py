"""Reads numbers by SELECT, each distinct one once."""

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_sources.asking import ask_each
from autoscaler_sources.freshness import fresh
from autoscaler_sql.answers import clock, value
from autoscaler_sql.database import AT_ONCE, Answer, Database
from autoscaler_sql.settings import SqlSettings


class SqlReader:
    """One database."""

    def __init__(self, settings: SqlSettings, site: Site) -> None:
        self._site = site
        self._naive_is_utc = settings.dialect.naive_is_utc
        self._database = Database(settings, site.runtime)

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """Two queries at a time, over connections that are kept."""
        self._database.open()  # before several threads would
        answers = ask_each(self._site, (query.text for query in queries), deadline, self._database.ask, at_once=AT_ONCE)
        return tuple(self._reading(query, answers[query.text]) for query in queries)

    def _reading(self, query: MetricQuery, answer: Answer | Unknown) -> Reading:
        if isinstance(answer, Unknown):
            return answer
        rows, now = answer
        found = value(rows, naive_is_utc=self._naive_is_utc)
        return found if isinstance(found, Unknown) else fresh(found, clock=clock(rows), now=now, stale_after=query.stale_after)
