"""Reads how far groups are behind, all of them together."""

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import MetricQuery, Reading, Unknown
from autoscaler_kafka.answers import lag
from autoscaler_kafka.cluster import Cluster, Seen
from autoscaler_kafka.queries import Asked, asked
from autoscaler_kafka.settings import KafkaSettings
from autoscaler_sources.asking import ask_each
from autoscaler_sources.freshness import fresh


class KafkaReader:
    """One Kafka."""

    def __init__(self, settings: KafkaSettings, site: Site) -> None:
        self._site = site
        self._cluster = Cluster(settings, site.runtime)

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """A few questions for all queries together."""
        meant = {query.text: asked(query.text) for query in queries}
        wanted = tuple(dict.fromkeys(found.consumed for found in meant.values() if isinstance(found, Asked)))
        began = self._site.runtime.now()
        seen = ask_each(self._site, [wanted] if wanted else [], deadline, self._cluster.ask).get(wanted, {})
        now = Instant((began + self._site.runtime.now()) // 2)
        return tuple(_reading(query, meant[query.text], seen, now) for query in queries)


def _reading(query: MetricQuery, meant: Asked | Unknown, seen: Seen | Unknown, now: Instant) -> Reading:
    if isinstance(meant, Unknown):
        return meant
    partitions = seen if isinstance(seen, Unknown) else seen[meant.consumed]
    if isinstance(partitions, Unknown):
        return partitions
    found = lag(partitions, from_start=meant.from_start)
    return found if isinstance(found, Unknown) else fresh(found, clock=None, now=now, stale_after=query.stale_after)
