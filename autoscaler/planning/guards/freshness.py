"""Nothing is taken away on parts of an observation that were read too far apart, or not at all."""

from autoscaler.model.observations import Observation
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PoolName, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.planning.facts import Facts


def stale_rotation(facts: Facts, ref: WorkloadRef) -> tuple[Reason, ...]:
    """The workload's rotation is unknown, or of another time than the cluster."""
    name = facts.availability(ref).traffic
    return _apart(facts, facts.request.observation.rotation(name), name) if name else ()


def stale_pool(facts: Facts, pool: PoolName) -> tuple[Reason, ...]:
    """The pool is unknown, or of another time than the cluster."""
    seen = facts.request.observation.pool(pool)
    if isinstance(seen, Unknown):
        return (Reason(Code.POOL_UNKNOWN, names=(pool,)),)
    return _apart(facts, seen, pool)


def stale_cluster(facts: Facts) -> tuple[Reason, ...]:
    """The cluster was read long before the rest was asked for."""
    return _late(facts, facts.request.observation)


def _late(facts: Facts, observation: Observation) -> tuple[Reason, ...]:
    apart, fresh = abs(facts.state.read_at - observation.at), facts.request.policies.limits.fresh.ms
    return (Reason(Code.INPUT_STALE, (apart, fresh), "ms"),) if apart > fresh else ()


def _apart(facts: Facts, part: object, name: str) -> tuple[Reason, ...]:
    if isinstance(part, Unknown):
        return (Reason(Code.INPUT_STALE, names=(name, part.why.value)),)
    read_at, fresh = getattr(part, "read_at", facts.state.read_at), facts.request.policies.limits.fresh.ms
    apart = abs(facts.state.read_at - read_at)
    return (Reason(Code.INPUT_STALE, (apart, fresh), "ms", (name,)),) if apart > fresh else ()
