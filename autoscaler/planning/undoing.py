"""What takes back an operation that is given up, while nothing was stopped by it."""

from collections.abc import Container

from autoscaler.model.commitments import StepRecord
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ReplicaId, WorkloadRef
from autoscaler.model.steps import JoinTraffic, LeaveTraffic, Purpose, SetReplicas, StartReplica, Step, StopReplica, Unfence
from autoscaler.model.workloads import Workload, WorkloadKind
from autoscaler.planning.drafts import QUICK, START, Draft, DraftStep, last
from autoscaler.planning.facts import Facts
from autoscaler.planning.placing import leaving_order, never_moves
from autoscaler.planning.replacing import came, extra
from autoscaler.planning.standing import Operation, progress
from autoscaler.planning.targets import Targets, floor


def undo_close(facts: Facts, targets: Targets, operation: Operation, why: Reason) -> Draft | None:
    """Open the node, put its replicas back into rotation, give back what was started for it."""
    node = operation.node
    if node is None or node not in facts.machines:
        return None
    name = facts.machines[node].node.name
    steps = [DraftStep(step=Unfence(node=node), timeout=QUICK, reasons=(why,))]
    for ref in sorted(operation.workloads):
        after = _back_in(facts, targets, operation, ref, steps)
        _give_back(facts, operation, ref, after, steps)
    return Draft(operation=f"undo {name}", steps=tuple(steps), node=node, workloads=tuple(sorted(operation.workloads)))


def undo_scale(facts: Facts, targets: Targets, ref: WorkloadRef) -> Draft | None:
    """Put the victims of a scale-down that is not wanted any more back into rotation."""
    traffic = facts.availability(ref).traffic
    if traffic is None:
        return None
    join = JoinTraffic(workload=ref, traffic=traffic, count=floor(facts, targets, ref))
    step = DraftStep(step=join, timeout=START, reasons=(Reason(Code.SUPERSEDED),))
    return Draft(operation=f"undo {ref}", steps=(step,), workloads=(ref,))


def undo_surge(facts: Facts, ref: WorkloadRef) -> Draft | None:
    """Give back extra replicas of ours that nobody waits for any more; None where there are none."""
    steps: list[DraftStep] = []
    _without_surge(facts, ref, facts.surge(ref), (), steps)
    return Draft(operation=f"undo {ref}", steps=tuple(steps), workloads=(ref,), reasons=(Reason(Code.SUPERSEDED),)) if steps else None


def undo_surplus(facts: Facts, busy: Container[WorkloadRef]) -> list[Draft]:
    """Where we start and stop each replica, end those past a count that no operation explains: what would have done so was cut short.

    `busy`: workloads that something is done for.
    """
    can = facts.state.capabilities
    idle = (one for one in facts.workloads.values() if one.ref not in busy) if can.bound and can.stops else ()
    found = (_surplus(facts, one) for one in idle if not never_moves(facts, one, can))
    return [one for one in found if one]


def _surplus(facts: Facts, workload: Workload) -> Draft | None:
    ref = workload.ref
    order, steps = leaving_order(facts, ref), list[DraftStep]()
    if workload.kind is not WorkloadKind.REPLICATED or len(order) <= workload.wanted:
        return None
    for replica in order[: len(order) - workload.wanted]:
        _stop(facts, ref, replica, (), steps)
    return Draft(operation=f"undo {ref}", steps=tuple(steps), workloads=(ref,), reasons=(Reason(Code.SUPERSEDED),))


def undo_move(facts: Facts, operation: Operation) -> Draft | None:
    """End what was started in place of a replica that stands still, once that one is back in rotation; None where there is no such."""
    live = {one.id: ref for ref in operation.workloads for one in facts.live(ref)}
    starts = (one for one in operation.begun if isinstance(one.planned.step, StartReplica) and one.planned.step.instead_of in live)
    new = next((new for one in starts for new in came(facts, one) if new in live), None)
    if new is None:
        return None
    ref, steps = live[new], list[DraftStep]()
    if traffic := facts.availability(ref).traffic:
        join = JoinTraffic(workload=ref, traffic=traffic, count=facts.availability(ref).least(facts.base(ref), facts.base(ref)))
        steps.append(DraftStep(step=join, timeout=START))
    _stop(facts, ref, new, last(steps), steps)
    return Draft(operation=f"undo {ref} {new}", steps=tuple(steps), workloads=(ref,), reasons=(Reason(Code.SUPERSEDED),))


def _back_in(facts: Facts, targets: Targets, operation: Operation, ref: WorkloadRef, steps: list[DraftStep]) -> tuple[int, ...]:
    traffic = facts.availability(ref).traffic
    if traffic is None or not any(_left(record, ref) for record in operation.records):
        return (0,)
    join = JoinTraffic(workload=ref, traffic=traffic, count=floor(facts, targets, ref))
    steps.append(DraftStep(step=join, after=(0,), timeout=START))
    return (len(steps) - 1,)


def _give_back(facts: Facts, operation: Operation, ref: WorkloadRef, after: tuple[int, ...], steps: list[DraftStep]) -> None:
    after = _without_surge(facts, ref, facts.surge(ref) if ref in operation.surged else 0, after, steps)
    for replica in _started(facts, operation, ref):
        _stop(facts, ref, replica, after, steps)


def _without_surge(facts: Facts, ref: WorkloadRef, surge: int, after: tuple[int, ...], steps: list[DraftStep]) -> tuple[int, ...]:
    """Who goes leaves traffic first; what others may wait for is that they have."""
    traffic = facts.availability(ref).traffic
    if not surge:
        return after
    if traffic:
        leave = LeaveTraffic(workload=ref, traffic=traffic, victims=surge, purpose=Purpose.GIVE_BACK)
        steps.append(DraftStep(step=leave, after=after))
        after = last(steps)
    back = SetReplicas(workload=ref, seen=facts.workloads[ref].wanted, change=-surge, purpose=Purpose.GIVE_BACK)
    steps.append(DraftStep(step=back, after=after, timeout=QUICK))
    if traffic:  # whose replicas are gone leaves its place in rotation
        join = JoinTraffic(workload=ref, traffic=traffic, count=facts.availability(ref).least(facts.base(ref), facts.base(ref)))
        steps.append(DraftStep(step=join, after=last(steps)))
    return after


def _stop(facts: Facts, ref: WorkloadRef, replica: ReplicaId, after: tuple[int, ...], steps: list[DraftStep]) -> None:
    traffic = facts.availability(ref).traffic
    goes: list[Step] = [LeaveTraffic(workload=ref, traffic=traffic, replicas=(replica,))] if traffic else []
    for step in (*goes, StopReplica(workload=ref, replica=replica)):
        steps.append(DraftStep(step=step, after=after))
        after = (len(steps) - 1,)


def _left(record: StepRecord, ref: WorkloadRef) -> bool:
    step = record.planned.step
    return isinstance(step, LeaveTraffic) and step.workload == ref and progress(record).begun


def _started(facts: Facts, operation: Operation, ref: WorkloadRef) -> list[ReplicaId]:
    """Replacements we started by name, that stand beside what they were to replace."""
    starts = (one for one in operation.begun if isinstance(one.planned.step, StartReplica) and one.planned.step.workload == ref)
    named = {replica for one in starts for replica in came(facts, one)}
    return sorted(one.id for one in facts.live(ref) if one.id in named)[: extra(facts, ref)]
