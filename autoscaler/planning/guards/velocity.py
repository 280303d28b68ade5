"""So many replicas of a workload, so many nodes of a cluster, per minute and per hour; whoever asked for them."""

from collections.abc import Iterable

from autoscaler.model.history import ScaleEvent
from autoscaler.model.refs import WorkloadRef
from autoscaler.planning.facts import Facts

MINUTE = 60_000
HOUR = 60 * MINUTE


def replicas_left(facts: Facts, ref: WorkloadRef) -> int:
    """How many replicas of the workload may still come or go now."""
    limits = facts.request.policies.limits
    events = facts.request.histories.of(str(ref)).events
    return _left(facts, events, limits.replicas_per_minute, limits.replicas_per_hour)


def nodes_left(facts: Facts) -> int:
    """How many nodes may still come or go now, over all pools."""
    limits = facts.request.policies.limits
    entries = (entry for entry in facts.request.histories.entries if entry.subject.startswith("pool:"))
    events = [event for entry in entries for event in entry.events]
    return _left(facts, events, limits.nodes_per_minute, limits.nodes_per_hour)


def _left(facts: Facts, events: Iterable[ScaleEvent], per_minute: int, per_hour: int) -> int:
    mine = [event for event in events if not event.foreign]
    minute = sum(abs(event.change) for event in mine if facts.now - event.at < MINUTE)
    hour = sum(abs(event.change) for event in mine if facts.now - event.at < HOUR)
    return max(0, min(per_minute - minute, per_hour - hour))
