"""What every workload's count should be, and how much of the way may be gone now."""

from dataclasses import dataclass, replace

from autoscaler.model.decisions import Decision
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.workloads import WorkloadKind
from autoscaler.planning.facts import Facts
from autoscaler.planning.guards import replicas_allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One workload's count. `base`: the wanted count without our surge; `decided`: where it should go.

    `count`: where guards and room let it go now. `held_back`: by how much a guard cut the change, `withheld`: which and why;
    `remarks`: what else stands in the way.
    """

    workload: WorkloadRef
    base: int
    decided: int
    count: int
    held_back: int = 0
    reasons: tuple[Reason, ...] = ()
    withheld: tuple[Reason, ...] = ()
    remarks: tuple[Reason, ...] = ()

    @property
    def change(self) -> int:
        """By how much the count may change now."""
        return self.count - self.base


Targets = dict[WorkloadRef, Target]


def targets(facts: Facts, moving: dict[WorkloadRef, str]) -> Targets:
    """One per workload with a decision. `moving`: workloads with replicas on the move, and for which operation."""
    found = (_target(facts, decision, moving) for decision in facts.request.decisions)
    return {one.workload: one for one in found if one}


def floor(facts: Facts, targets: Targets, ref: WorkloadRef) -> int:
    """The fewest available replicas the workload must keep through this plan."""
    workload, base, target = facts.workloads.get(ref), facts.base(ref), targets.get(ref)
    if workload is None or workload.kind is not WorkloadKind.REPLICATED:
        return 0
    return facts.availability(ref).least(base, target.count if target else base)


def _target(facts: Facts, decision: Decision, moving: dict[WorkloadRef, str]) -> Target | None:
    workload = facts.workloads.get(decision.workload)
    if workload is None or workload.kind is not WorkloadKind.REPLICATED:
        return None
    ref, base = workload.ref, facts.base(workload.ref)
    decided = decision.count
    told = Target(workload=ref, base=base, decided=decided, count=base, reasons=_why(decision))
    if decided == base:
        return told
    if workload.updating:
        return _held(told, Reason(Code.UPDATE_IN_PROGRESS, names=(str(ref),)))
    if decided < base and ref in moving:
        return _held(told, Reason(Code.COMMITTED, names=(moving[ref],)))
    change, reasons = replicas_allowed(facts, ref, decided - base)
    held_back = decided - base - change
    return replace(told, count=base + change, held_back=held_back, withheld=reasons)


def _held(told: Target, why: Reason) -> Target:
    return replace(told, remarks=(why,))


def _why(decision: Decision) -> tuple[Reason, ...]:
    decided = Reason(Code.DECIDED, (decision.current, decision.count), "replicas", (decision.policy,))
    return (decided, *(reason for stage in decision.stages for reason in stage.reasons))
