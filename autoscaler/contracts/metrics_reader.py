"""Reads metrics of one source."""

from typing import Protocol

from autoscaler.model.quantities import Duration
from autoscaler.model.samples import MetricQuery, Reading


class MetricsReader(Protocol):
    """A metrics store, or an orchestrator's own statistics."""

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """One reading per query, in order, in as few calls as the source allows.

        NaN, infinite, negative zero, empty, stale by the sample's own time, two values where one is meant, a body too large or not
        the source's format: Unknown with the reason. The whole source down or late: UnavailableError. Never zero for unknown.
        Built-ins: `cpu` and `memory` are the replicas' average share of what they request, in milli-units.
        """
        ...
