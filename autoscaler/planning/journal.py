"""What the journal must hold once a plan is adopted."""

from dataclasses import replace

from autoscaler.model.commitments import OPEN, Commitments, StepRecord, StepStatus
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.steps import OnSupersede


def records(plan: Plan, commitments: Commitments, now: Instant) -> tuple[StepRecord, ...]:
    """Steps carried over keep status and intent, under the new plan; new ones wait; those of the old plan are closed.

    The plan that is being carried out already has the records it has.
    """
    if commitments.plan is not None and plan.id == commitments.plan.id:
        return commitments.records
    known = {one.planned.id: one for one in commitments.records}
    carried = tuple(
        replace(known[one.id], plan=plan.id, planned=one) if one.id in known else StepRecord(plan=plan.id, planned=one)
        for one in plan.steps
    )
    kept = {one.id for one in plan.steps}
    left = (one for one in commitments.open if one.planned.id not in kept)
    return carried + tuple(_closed(one, plan, now) for one in left)


def _closed(record: StepRecord, plan: Plan, now: Instant) -> StepRecord:
    """Undone where the new plan's own steps take back what had begun; else dropped."""
    back = record.planned.step.on_supersede(record.progress) is OnSupersede.UNDO
    status = StepStatus.UNDONE if back else StepStatus.DROPPED
    why = Reason(Code.SUPERSEDED, names=(plan.id,))
    return replace(record, status=status, ended_at=now, reasons=(*record.reasons, why))


def supersedes(plan: Plan, commitments: Commitments) -> bool:
    """Whether the journal must be told: another plan, with something to do or something to drop."""
    same = commitments.plan is not None and plan.id == commitments.plan.id
    return not same and bool(plan.steps or any(one.status in OPEN for one in commitments.records))
