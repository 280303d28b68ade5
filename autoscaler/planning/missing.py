"""Whose rules are broken by somebody who is not there, and not only by who is."""

from autoscaler.model.constraints import Affinity, AntiAffinity, TopologySpread
from autoscaler.model.workloads import Workload


def misses(owner: Workload, one: Workload) -> bool:
    """Whether a rule of `owner` may be kept to less once a replica of `one` has gone. Of two who join each other nobody can go first."""
    looking = (rule for rule in owner.shape.constraints if not isinstance(rule, AntiAffinity))
    counting = [rule for rule in looking if counts(owner, rule, one)]
    spread = owner.ref == one.ref or any(isinstance(rule, TopologySpread) for rule in counting)
    return bool(counting) and (spread or not _joins(one, owner))


def joins_first(owner: Workload, one: Workload) -> bool:
    """Whether replicas of `owner` must stand beside those of `one`, another workload, and not these beside them."""
    return owner.ref != one.ref and _joins(owner, one) and not _joins(one, owner)


def _joins(owner: Workload, one: Workload) -> bool:
    return any(isinstance(rule, Affinity) and counts(owner, rule, one) for rule in owner.shape.constraints)


def counts(owner: Workload, rule: Affinity | TopologySpread, one: Workload) -> bool:
    """Whether the rule of `owner` looks at replicas of `one`."""
    selector = rule.to if isinstance(rule, Affinity) else rule.over
    return owner.ref == one.ref if selector is None else selector.selects(one.labels)
