"""Votes go in, a decision comes out, with every stage on the way."""

from collections.abc import Iterator

from autoscaler.contracts.policy import ClusterPolicies, Policy
from autoscaler.contracts.rule import Situation
from autoscaler.deciding.bound import bound
from autoscaler.deciding.case import Case, Judge
from autoscaler.deciding.clamp import clamp
from autoscaler.deciding.combine import combine
from autoscaler.deciding.mode import mode, permitted
from autoscaler.deciding.queries import needs_of
from autoscaler.deciding.rate_limit import rate_limit
from autoscaler.deciding.seen import Seen
from autoscaler.deciding.selecting import resolve, selected_twice
from autoscaler.deciding.stabilise import stabilise
from autoscaler.deciding.voting import votes
from autoscaler.model.decisions import Decision, StageResult
from autoscaler.model.history import Histories
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Remark
from autoscaler.model.policies import Pick
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.samples import MetricReading, Unknown
from autoscaler.model.workloads import Workload, WorkloadKind

ORDER: tuple[Judge, ...] = (combine, bound, stabilise, rate_limit, clamp, mode)
RECOMMENDED = 2
"""So many stages come before stabilisation."""


def decide(policies: ClusterPolicies, observation: Observation, histories: Histories) -> tuple[Decision, ...]:
    """One decision per policy whose workload was seen and has a count to set, in the order of the file.

    While the cluster is Unknown there is none: `undecided` says of whom, and why.
    """
    seen = Seen.of(observation, histories)
    return tuple(_decide(policy, workload, seen) for policy, workload in _cases(policies, observation, seen) if workload)


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


def _decide(policy: Policy, workload: Workload, seen: Seen) -> Decision:
    target, history = seen.target(workload), seen.history(str(policy.workload))
    situation = Situation(target=target, now=seen.at, history=history, replicas=seen.told.get(policy.workload, ()))
    voted = votes(policy.rules, situation, lambda metric: seen.reading(metric, policy.workload))
    case = Case(policy=policy, current=target.replicas, votes=voted, history=history, now=seen.at)
    stages = _judge(case)
    return Decision(
        policy=policy.name,
        workload=policy.workload,
        at=seen.at,
        mode=policy.mode,
        current=case.current,
        recommended=stages[RECOMMENDED].before,
        eventually=_eventually(case, stages[RECOMMENDED].before),
        count=stages[-1].after,
        votes=voted,
        stages=stages,
        readings=_readings(policy, seen),
        ready=target.ready,
    )


def _judge(case: Case) -> tuple[StageResult, ...]:
    results: list[StageResult] = []
    for judge in ORDER:
        results.append(judge(case, results[-1].after if results else case.current))
    return tuple(results)


def _eventually(case: Case, recommended: int) -> int:
    """The count with all windows over: a direction that is switched off stays off."""
    count = permitted(case, clamp(case, recommended).after)
    behaviour = case.policy.behaviour
    direction = behaviour.scale_up if count > case.current else behaviour.scale_down
    return case.current if direction.pick is Pick.NONE else count


def _readings(policy: Policy, seen: Seen) -> tuple[MetricReading, ...]:
    metrics = dict.fromkeys(need.metric for rule in policy.rules for need in needs_of(rule))
    read = ((metric, seen.reading(metric, policy.workload)) for metric in metrics)
    return tuple(MetricReading(metric=metric, workload=policy.workload, reading=reading) for metric, reading in read)
