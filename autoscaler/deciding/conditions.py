"""A decision in the words of Kubernetes HPA: three conditions, each with whether it holds and why."""

from collections.abc import Iterator, Mapping

from autoscaler.contracts.policy import Policy
from autoscaler.deciding.combine import unfounded
from autoscaler.deciding.queries import needs_of
from autoscaler.model.decisions import Aspect, Cause, Condition, Decision, Stage, StageResult
from autoscaler.model.policies import Bounds
from autoscaler.model.reasons import Code
from autoscaler.model.refs import BUILT_IN_METRICS
from autoscaler.model.samples import MetricNeed, MetricOf, MetricReading, PerReplica, Unknown
from autoscaler.model.votes import VoteKind

FAILED: Mapping[MetricOf, Cause] = {
    MetricOf.PODS: Cause.FAILED_GET_PODS_METRIC,
    MetricOf.OBJECT: Cause.FAILED_GET_OBJECT_METRIC,
    MetricOf.EXTERNAL: Cause.FAILED_GET_EXTERNAL_METRIC,
}


def conditions(decision: Decision, policy: Policy, before: tuple[Condition, ...] = ()) -> tuple[Condition, ...]:
    """What the decision says of each aspect; what it says nothing of is as it was `before`."""
    told = {one.aspect: one for one in (*before, *_told(decision, policy))}
    return tuple(told[aspect] for aspect in Aspect if aspect in told)


def blind(decision: Decision) -> bool:
    """Whether no count was found because a rule could not see: none of them could, or the others would have fewer."""
    combined = _stage(decision, Stage.COMBINE)
    return combined is not None and unfounded(combined, decision.votes, decision.current)


def _told(decision: Decision, policy: Policy) -> Iterator[Condition]:
    yield Condition(aspect=Aspect.ABLE_TO_SCALE, holds=True, cause=_able(decision, policy))
    guarded = _stage(decision, Stage.GUARD)
    if guarded and any(one.code is Code.AT_NONE_BY_HAND for one in guarded.reasons):
        yield Condition(aspect=Aspect.SCALING_ACTIVE, holds=False, cause=Cause.SCALING_DISABLED)
    elif not guarded and blind(decision):
        yield Condition(aspect=Aspect.SCALING_ACTIVE, holds=False, cause=_unread(decision, policy))
    elif not guarded:
        yield Condition(aspect=Aspect.SCALING_ACTIVE, holds=True, cause=Cause.VALID_METRIC_FOUND)
        yield _limited(decision, policy.bounds)


def _able(decision: Decision, policy: Policy) -> Cause:
    if decision.count != decision.current:
        return Cause.SUCCEEDED_RESCALE
    stabilised = _stage(decision, Stage.STABILISE)
    if stabilised is None or blind(decision):
        return Cause.SUCCEEDED_GET_SCALE
    if stabilised.before == stabilised.after:
        return Cause.READY_FOR_NEW_SCALE
    up = stabilised.before >= decision.current and not policy.behaviour.legacy
    return Cause.SCALE_UP_STABILIZED if up else Cause.SCALE_DOWN_STABILIZED


def _limited(decision: Decision, bounds: Bounds) -> Condition:
    """By the limits, or by min and max: whichever of the two was the narrower."""
    rated, clamped = _stage(decision, Stage.RATE_LIMIT), _stage(decision, Stage.CLAMP)
    if rated is None or clamped is None or rated.before == clamped.after:
        return Condition(aspect=Aspect.SCALING_LIMITED, holds=False, cause=Cause.DESIRED_WITHIN_RANGE)
    if clamped.after < rated.before:
        cause = Cause.SCALE_UP_LIMIT if rated.after < bounds.max else Cause.TOO_MANY_REPLICAS
    else:
        cause = Cause.SCALE_DOWN_LIMIT if rated.after > bounds.min else Cause.TOO_FEW_REPLICAS
    return Condition(aspect=Aspect.SCALING_LIMITED, holds=True, cause=cause)


def _unread(decision: Decision, policy: Policy) -> Cause:
    """By the first rule that could not see: what kind of metric it needs."""
    unseen = {one.rule for one in decision.votes if one.vote.kind is VoteKind.UNKNOWN}
    needs = (need for rule in policy.rules if rule.name in unseen for need in needs_of(rule))
    need = next(needs, None)
    if need is None:
        return Cause.FAILED_GET_EXTERNAL_METRIC
    if need.metric in BUILT_IN_METRICS:
        return Cause.FAILED_GET_CONTAINER_RESOURCE_METRIC if need.container else Cause.FAILED_GET_RESOURCE_METRIC
    return FAILED[_of(need, decision.readings)]


def _of(need: MetricNeed, readings: tuple[MetricReading, ...]) -> MetricOf:
    """What the metric is of, as its reading tells; external, where it does not."""
    reading = next((one.reading for one in readings if one.metric == need.metric), None)
    if isinstance(reading, Unknown):
        return reading.of
    return MetricOf.PODS if isinstance(reading, PerReplica) else MetricOf.EXTERNAL


def _stage(decision: Decision, which: Stage) -> StageResult | None:
    return next((one for one in decision.stages if one.stage is which), None)
