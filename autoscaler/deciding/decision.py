"""Votes go in, a decision comes out, with every stage on the way."""

from collections.abc import Iterator

from autoscaler.contracts.policy import ClusterPolicies, Policy
from autoscaler.contracts.rule import Situation
from autoscaler.deciding.bound import bound
from autoscaler.deciding.case import Case, Judge
from autoscaler.deciding.clamp import clamp
from autoscaler.deciding.combine import combine, unfounded
from autoscaler.deciding.guard import guard
from autoscaler.deciding.mode import mode, permitted
from autoscaler.deciding.queries import needs_of
from autoscaler.deciding.rate_limit import rate_limit
from autoscaler.deciding.seen import Seen
from autoscaler.deciding.selecting import resolve, selected_twice
from autoscaler.deciding.stabilise import stabilise
from autoscaler.deciding.voting import votes
from autoscaler.model.decisions import Decision, RuleVote, Stage, StageResult
from autoscaler.model.history import Histories
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Remark
from autoscaler.model.policies import Fallbacks, Pick
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.samples import MetricReading, Unknown
from autoscaler.model.votes import MOST, Vote
from autoscaler.model.workloads import Workload, WorkloadKind

AFTERWARDS: tuple[Judge, ...] = (bound, stabilise, rate_limit, clamp, mode)
"""What comes after the votes were combined, where the guard settled nothing."""

LOOKED_BACK_AT = frozenset({Stage.GUARD, Stage.COMBINE, Stage.BOUND})
"""The last of these makes the count that later windows look back at."""


def decide(policies: ClusterPolicies, observation: Observation, histories: Histories, proposal: int | None = None) -> tuple[Decision, ...]:
    """One decision per policy whose workload was seen and has a count to set, in the order of the file.

    While the cluster is Unknown there is none: `undecided` says of whom, and why. `proposal`: what the rules ask for; they are not asked.
    """
    seen = Seen.of(observation, histories)
    found = _cases(policies, observation, seen)
    fallbacks = {metric.name: metric.fallback for metric in policies.metrics if metric.fallback}
    return tuple(decide_on(policy, workload, seen, fallbacks, _proposed(proposal)) for policy, workload in found if workload)


def _proposed(count: int | None) -> tuple[RuleVote, ...]:
    return (
        ()
        if count is None
        else (RuleVote(rule="proposal", vote=Vote.want(max(0, min(MOST, count)), Reason(Code.PROPOSED, (count,), "replicas"))),)
    )


def undecided(policies: ClusterPolicies, observation: Observation) -> tuple[Remark, ...]:
    """Policies that led to no decision: their workload is unknown, has no count to set, or is another's; or none has their labels."""
    seen = Seen.of(observation, Histories())
    left = [policy.workload for policy, workload in _cases(policies, observation, seen) if workload is None]
    found = [Remark(subject=str(ref), reasons=(_why_not(ref, observation, seen),)) for ref in left]
    if isinstance(observation.state, Unknown):
        return tuple(found)
    twice = selected_twice(policies, observation.state).items()
    found += [Remark(subject=str(ref), reasons=(Reason(Code.SELECTED_TWICE, names=names),)) for ref, names in twice]
    idle = resolve(policies, observation.state).selectors
    found += [Remark(subject=f"policy:{one.template.name}", reasons=(Reason(Code.NO_WORKLOAD_MATCHES),)) for one in idle]
    return tuple(found)


def _why_not(ref: WorkloadRef, observation: Observation, seen: Seen) -> Reason:
    if isinstance(observation.state, Unknown):
        return Reason(Code.WORKLOAD_UNKNOWN, names=(observation.state.why,))
    found = seen.workloads.get(ref)
    return Reason(Code.NO_COUNT, names=(found.kind,)) if found else Reason(Code.WORKLOAD_UNKNOWN, names=(Code.NOT_FOUND,))


def _cases(policies: ClusterPolicies, observation: Observation, seen: Seen) -> Iterator[tuple[Policy, Workload | None]]:
    state = None if isinstance(observation.state, Unknown) else observation.state
    for policy in resolve(policies, state).policies:
        workload = seen.workloads.get(policy.workload)
        yield policy, workload if workload and workload.kind is WorkloadKind.REPLICATED else None


def decide_on(
    policy: Policy, workload: Workload, seen: Seen, fallbacks: Fallbacks | None = None, proposed: tuple[RuleVote, ...] = ()
) -> Decision:
    """The decision of one policy on its workload. `proposed`: votes to take in place of the rules' own."""
    target, history = seen.target(workload), seen.history(str(policy.workload))
    situation = Situation(target=target, now=seen.at, history=history, replicas=seen.told.get(policy.workload, ()))
    voted = proposed or votes(policy.rules, situation, lambda metric: seen.reading(metric, policy.workload), fallbacks)
    case = Case(policy=policy, current=target.replicas, votes=voted, history=history, now=seen.at)
    stages = _judge(case)
    recommended = next(one.after for one in reversed(stages) if one.stage in LOOKED_BACK_AT)
    return Decision(
        policy=policy.name,
        workload=policy.workload,
        at=seen.at,
        mode=policy.mode,
        current=case.current,
        recommended=recommended,
        eventually=_eventually(case, recommended, guarded=stages[0].stage is Stage.GUARD),
        count=stages[-1].after,
        votes=voted,
        stages=stages,
        readings=_readings(policy, seen),
        ready=target.ready,
    )


def _judge(case: Case) -> tuple[StageResult, ...]:
    settled = guard(case)
    if settled:
        return settled, mode(case, settled.after)
    results = [combine(case, case.current)]
    if case.policy.behaviour.legacy and unfounded(results[0], case.votes, case.current):
        return results[0], mode(case, results[0].after)  # damping the legacy way raises counts, and HPA does not get so far
    for judge in AFTERWARDS:
        results.append(judge(case, results[-1].after))
    return tuple(results)


def _eventually(case: Case, recommended: int, *, guarded: bool) -> int:
    """The count with all windows over: a direction that is switched off stays off, and what is at none by hand stays there."""
    if guarded:
        return permitted(case, recommended)
    count = permitted(case, clamp(case, recommended).after)
    behaviour = case.policy.behaviour
    direction = behaviour.scale_up if count > case.current else behaviour.scale_down
    return case.current if direction.pick is Pick.NONE else count


def _readings(policy: Policy, seen: Seen) -> tuple[MetricReading, ...]:
    metrics = dict.fromkeys(need.metric for rule in policy.rules for need in needs_of(rule))
    read = ((metric, seen.reading(metric, policy.workload)) for metric in metrics)
    return tuple(MetricReading(metric=metric, workload=policy.workload, reading=reading) for metric, reading in read)
