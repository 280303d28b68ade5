"""So many replicas of a workload, so many nodes of a cluster, per minute and per hour; whoever asked for them."""

from collections.abc import Iterable

from autoscaler.model.history import ScaleEvent
from autoscaler.model.refs import WorkloadRef
from autoscaler.planning.facts import Facts

MINUTE = 60_000
HOUR = 60 * MINUTE
POOLS = "pool:"


def replicas_left(facts: Facts, ref: WorkloadRef) -> int:
    """How many replicas of the workload may still come or go now."""
    limits = facts.request.policies.limits
    return _left(facts, facts.lately.of(str(ref)).events, limits.replicas_per_minute, limits.replicas_per_hour)


def nodes_left(facts: Facts) -> int:
    """How many nodes may still come or go now, over all pools."""
    limits = facts.request.policies.limits
    entries = (entry for entry in facts.lately.entries if entry.subject.startswith(POOLS))
    return _left(facts, [event for entry in entries for event in entry.events], limits.nodes_per_minute, limits.nodes_per_hour)


def _left(facts: Facts, events: Iterable[ScaleEvent], per_minute: int, per_hour: int) -> int:
    ages = [(facts.now - event.at, abs(event.change)) for event in events if not event.foreign]
    minute = sum(many for age, many in ages if age < MINUTE)
    hour = sum(many for age, many in ages if age < HOUR)
    return max(0, min(per_minute - minute, per_hour - hour))
