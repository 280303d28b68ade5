"""Votes that rest on a sample of each replica, or on the lifecycle of each: the arithmetic of Kubernetes HPA v2 (release 1.34)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from autoscaler.contracts.rule import Situation
from autoscaler.model.quantities import Number, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import MetricName, ReplicaId
from autoscaler.model.samples import PerReplica, ReplicaSample, Sample
from autoscaler.model.votes import Vote, Workings
from autoscaler_policies.amounts import unit_of
from autoscaler_policies.averages import Measured, Tolerance, Yardstick, average, count_for, rounded_up, utilisation
from autoscaler_policies.grouping import Groups, Settling, grouped, serving
from autoscaler_policies.requests import requests_of

CPU = MetricName("cpu")
PERCENT = 10
"""Thousandths in a percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is to be met: `container` names one of a replica's, or is empty for all."""

    metric: MetricName
    target: Share | Number
    tolerance: Tolerance
    container: str
    settling: Settling


def of_each(goal: Goal, reading: PerReplica, situation: Situation) -> Vote:
    """An average over the replicas: of their use against their requests for a share, of their use alone for a number."""
    samples = {one.replica: one for one in reading.samples if one.parts or goal.container}
    uses = _uses(goal, samples)
    if isinstance(uses, Reason):
        return Vote.unknown(uses)
    groups = grouped(situation.replicas, samples, situation.now, goal.settling if goal.metric == CPU else None)
    counted = {name: use for name, use in uses.items() if name not in {*groups.ignored, *groups.unready}}
    if not counted or not situation.replicas:
        return Vote.unknown(Reason(Code.NO_SAMPLE_COUNTS, (len(groups.unready), len(groups.missing)), "replicas", (goal.metric,)))
    yardstick = _yardstick(goal, situation)
    if isinstance(yardstick, Reason):
        return Vote.unknown(yardstick)
    measured = yardstick.measure(counted)
    if measured is None:
        return Vote.unknown(Reason(Code.REQUEST_MISSING, names=(goal.metric,)))
    count = count_for(yardstick, counted, groups, situation.target.replicas, goal.tolerance)
    return _vote(goal, count, situation.target.replicas, measured, groups)


def of_value(goal: Goal, sample: Sample, situation: Situation) -> Vote:
    """One value for all: its ratio to the target is that of the count to the replicas that serve."""
    ratio, current = sample.milli / goal.target.milli, situation.target.replicas
    reason = _reason(goal, sample.milli, near=goal.tolerance.has(ratio))
    if not current:
        return Vote.want(rounded_up(ratio), reason)
    if goal.tolerance.has(ratio):
        return Vote.hold(reason, asks=rounded_up(ratio * serving(situation.replicas)))
    if not situation.replicas:
        return Vote.unknown(Reason(Code.NO_REPLICAS))
    return Vote.want(rounded_up(ratio * serving(situation.replicas)), reason)


def of_total(goal: Goal, sample: Sample, observed: int) -> Vote:
    """A total, shared out among the `observed` replicas, which are right while it is near enough to the target for each."""
    ratio = sample.milli / (float(goal.target.milli) * observed) if observed else None
    near = ratio is not None and goal.tolerance.has(ratio)
    count = observed if near else rounded_up(sample.milli / goal.target.milli)
    return Vote.want(count, _reason(goal, sample.milli, near=near))


def _uses(goal: Goal, samples: Mapping[ReplicaId, ReplicaSample]) -> dict[ReplicaId, int] | Reason:
    found: dict[ReplicaId, int] = {}
    for name, sample in samples.items():
        use = sample.of(goal.container)
        if use is None:
            return Reason(Code.CONTAINER_MISSING, names=(goal.metric, goal.container, name))
        found[name] = use
    return found


def _yardstick(goal: Goal, situation: Situation) -> Yardstick | Reason:
    if not isinstance(goal.target, Share):
        target = goal.target.milli
        return Yardstick(partial(average, target=target), lambda _: target)
    requests = requests_of(situation.replicas, goal.metric, goal.container)
    if isinstance(requests, Reason):
        return requests
    percent = goal.target.milli / PERCENT
    most = max(100, int(percent))
    return Yardstick(partial(utilisation, requests=requests, target=percent), lambda name: requests[name] * most // 100)


def _vote(goal: Goal, count: int, current: int, measured: Measured, groups: Groups) -> Vote:
    value = measured.value * PERCENT if isinstance(goal.target, Share) else measured.value
    members = (groups.ready, groups.unready, groups.missing, groups.ignored)
    counted = Reason(Code.SAMPLES_COUNTED, tuple(map(len, members)), "replicas", (goal.metric,))
    reasons = (_reason(goal, value, near=count == current), counted)
    # Those without a sample are there for something: what is seen alone would ask for fewer, and must not be heard.
    asks = rounded_up(measured.ratio * len(groups.ready)) + len(groups.missing)
    vote = Vote.hold(*reasons, asks=min(current, asks) if groups.missing else asks) if count == current else Vote.want(count, *reasons)
    return replace(vote, workings=_workings(measured, groups))


def _workings(measured: Measured, groups: Groups) -> Workings:
    return Workings(
        ready=groups.ready,
        unready=groups.unready,
        missing=groups.missing,
        ignored=groups.ignored,
        use=measured.total,
        requested=measured.requested,
        value=measured.value,
    )


def _reason(goal: Goal, value: int, *, near: bool) -> Reason:
    code = Code.NEAR_TARGET if near else Code.OFF_TARGET
    return Reason(code, (value, goal.target.milli), unit_of(goal.target), (goal.metric,))
