"""What a reader gave is looked over before anybody rests on it: impossible is unknown, never taken at its word."""

from dataclasses import replace

from autoscaler.model.observations import ClusterState
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import PoolName
from autoscaler.model.samples import LONGEST, MetricOf, MetricQuery, PerReplica, Reading, ReplicaSample, Sample, Unknown
from autoscaler.model.traffic import RotationState

SKEW_MS = 30_000
"""A sample from further in the future comes from a clock that cannot be trusted."""

LARGEST = 10**15
"""Milli-units: a million million of whatever is counted. Products of two such values stay integers we can think of."""


def cluster(state: ClusterState) -> ClusterState | Unknown:
    """Every id names one thing, and what stands somewhere stands on something that has a shape."""
    ids = ([one.id for one in state.replicas], [one.ref for one in state.nodes], [one.ref for one in state.workloads])
    twice = any(len(set(each)) < len(each) for each in ids)
    return Unknown(Code.CONTRADICTORY, "an id is there twice") if twice else state


def pool(name: PoolName, state: PoolState) -> PoolState | Unknown:
    """It is this pool, and its count is one."""
    if state.pool != name:
        return Unknown(Code.CONTRADICTORY, f"asked for {name}, got {state.pool}")
    ids = [one.ref for one in state.instances]
    strange = state.wanted < 0 or len(set(ids)) < len(ids)
    return Unknown(Code.CONTRADICTORY, "a negative count, or a machine that is there twice") if strange else state


def rotation(state: RotationState) -> RotationState | Unknown:
    """Nobody is in it twice, nobody has fewer than no sessions."""
    places = [(one.workload, one.address) for one in state.members]
    strange = len(set(places)) < len(places) or any(one.sessions is not None and one.sessions < 0 for one in state.members)
    return Unknown(Code.CONTRADICTORY, "a member that is there twice, or negative sessions") if strange else state


def reading(query: MetricQuery, read: Reading, now: Instant) -> Reading:
    """Not negative, not absurd, neither stale nor from the future; of samples of each replica, those that are none; words that end."""
    if isinstance(read, Unknown):
        return read if len(read.detail) <= LONGEST else replace(read, detail=read.detail[:LONGEST])
    if isinstance(read, PerReplica):
        return _each(query, read, now)
    problem = _problem(query, read, now)
    return Unknown(problem, f"{read.milli} milli at {read.at}") if problem else read


def _each(query: MetricQuery, read: PerReplica, now: Instant) -> PerReplica | Unknown:
    """A replica whose sample cannot be used has none; a whole reading that cannot says why."""
    problems = [_worst(query, one, now) for one in read.samples]
    kept = tuple(one for one, problem in zip(read.samples, problems, strict=True) if problem is None)
    why = next((problem for problem in problems if problem), None)
    return Unknown(why, f"{len(problems)} replicas' samples", of=MetricOf.PODS) if why and not kept else PerReplica(kept)


def _worst(query: MetricQuery, sample: ReplicaSample, now: Instant) -> Code | None:
    each = (_problem(query, Sample(milli, sample.at), now) for _, milli in sample.parts)
    return next((problem for problem in each if problem), None)


def _problem(query: MetricQuery, sample: Sample, now: Instant) -> Code | None:
    if sample.milli < 0 or sample.covers < 0:
        return Code.CONTRADICTORY
    if sample.milli > LARGEST:
        return Code.TOO_LARGE
    if sample.at - now > SKEW_MS:
        return Code.SKEWED
    return Code.STALE if now - sample.at > query.stale_after.ms else None
