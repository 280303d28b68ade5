"""A pool's bounds at this instant: rules move them inside the policy file's min and max, never a count against placement."""

from collections.abc import Mapping
from dataclasses import replace

from autoscaler.contracts.policy import ClusterPolicies, PoolPolicy
from autoscaler.contracts.rule import Situation, Target
from autoscaler.deciding.pool_load import pool_load
from autoscaler.deciding.seen import Seen
from autoscaler.deciding.voting import votes
from autoscaler.model.decisions import PoolBounds, RuleVote
from autoscaler.model.history import Histories
from autoscaler.model.nodes import InstanceState
from autoscaler.model.observations import Observation
from autoscaler.model.pools import PoolSpec, PoolState
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName
from autoscaler.model.resources import Resources
from autoscaler.model.samples import Reading, Sample, Unknown
from autoscaler.model.votes import VoteKind

LOW = (VoteKind.AT_LEAST, VoteKind.WANT)
HIGH = (VoteKind.AT_MOST, VoteKind.WANT)


def bounds(policies: ClusterPolicies, observation: Observation, histories: Histories) -> tuple[PoolBounds, ...]:
    """Every pool's bounds, in the order of the file; a pool that could not be read has them too, for a schedule needs no reading."""
    seen = Seen.of(observation, histories)
    return tuple(_bounds(pool, observation, seen, policies.request) for pool in policies.pools)


def _bounds(pool: PoolPolicy, observation: Observation, seen: Seen, usual: Resources) -> PoolBounds:
    state = observation.pool(pool.spec.name)
    load = pool_load(state, observation.state, usual) if pool.rules else {}
    situation = Situation(target=_counted(_target(pool.spec, state), load), now=seen.at, history=seen.history(f"pool:{pool.spec.name}"))
    voted = votes(pool.rules, situation, lambda metric: load.get(metric, Unknown(Code.MISSING)))
    low, high = _within(pool.spec, voted, situation.target.replicas)
    return PoolBounds(pool=pool.spec.name, min=low, max=high, votes=voted)


def _counted(target: Target, load: Mapping[MetricName, Reading]) -> Target:
    """Ready are the nodes whose load is known: those still booting would make a share of too many."""
    nodes = [one.covers for one in load.values() if isinstance(one, Sample)]
    return replace(target, ready=nodes[0]) if nodes else target


def _target(spec: PoolSpec, state: PoolState | Unknown) -> Target:
    if isinstance(state, Unknown):
        return Target(name=f"pool:{spec.name}", replicas=0, ready=0)
    running = sum(one.state is InstanceState.RUNNING for one in state.instances)
    return Target(name=f"pool:{spec.name}", replicas=state.wanted, ready=running)


def _within(spec: PoolSpec, voted: tuple[RuleVote, ...], current: int) -> tuple[int, int]:
    """Both bounds. A want is both at once; at_least wins over at_most; with an unknown the pool keeps what it has."""
    lows = [one.vote.count_or(0) for one in voted if one.vote.kind in LOW]
    highs = [one.vote.count_or(0) for one in voted if one.vote.kind in HIGH]
    if any(one.vote.kind is VoteKind.UNKNOWN for one in voted):
        lows.append(current)
    low = max(spec.min, min(spec.max, max(lows, default=spec.min)))
    return low, max(low, min(spec.max, min(highs, default=spec.max)))
