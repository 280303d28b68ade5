"""Conditions of `Undo`: one field of ours on a node or workload, taken back only while it still has our value."""

from dataclasses import replace

from autoscaler.model.commitments import Intent, StepRecord, StepStatus
from autoscaler.model.marks import FieldChange, Mark, mark_of
from autoscaler.model.nodes import Node
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.steps import Undo
from autoscaler.model.workloads import Workload
from autoscaler.planning.conditions.context import Context, drained
from autoscaler.planning.conditions.floors import keeps_floor, out_of_traffic, readable
from autoscaler.planning.conditions.landing import Landing


def may_undo(step: Undo, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """Opening a node needs nothing. Lowering a count needs what every lowering needs: those who go are out of traffic."""
    found = holder(step, ctx)
    if not isinstance(found, Workload) or _value(found) != step.ours:
        return ()
    if found.updating:
        return (Reason(Code.UPDATE_IN_PROGRESS, names=(str(found.ref),)),)
    fewer = int(step.ours) - int(step.was) if step.was.isdigit() and step.ours.isdigit() else 0
    who = frozenset(found.removal_order[: max(0, fewer)])
    if len(who) < fewer:
        return (Reason(Code.PREDICTION_CHANGED, (fewer, len(who)), "replicas", (str(found.ref),)),)
    served = out_of_traffic(ctx, found.ref, who, drained(ctx, found.ref))
    return readable(ctx, found.ref) or served or keeps_floor(ctx, found, who, but=record.planned.id)


def undone(step: Undo, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """Our mark is off, and the value was taken back or is somebody else's by now."""
    found = holder(step, ctx)
    if found is None:
        return ()
    back = record.status is StepStatus.SENT or _value(found) != step.ours
    return () if back and not mark_of(_marks(found), step.field) else None


def undo_intent(step: Undo, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    """The field as the step names it, and who goes with it."""
    del record
    found = holder(step, ctx)
    fewer = int(step.ours) - int(step.was) if step.was.isdigit() and step.ours.isdigit() else 0
    who = found.removal_order[: max(0, fewer)] if isinstance(found, Workload) else ()
    change = FieldChange(object=step.object, field=step.field, was=step.was, ours=step.ours)
    return replace(intent, fields=(change,), replicas=who)


def undo_landed(step: Undo, intent: Intent, ctx: Context) -> Landing:
    """By our mark: the call takes it off whatever else it does."""
    del intent
    found = holder(step, ctx)
    return Landing.UNTOUCHED if found is not None and mark_of(_marks(found), step.field) else Landing.APPLIED


def holder(step: Undo, ctx: Context) -> Node | Workload | None:
    """The node or workload the step names, by the name its kind goes by."""
    nodes = [node for node in ctx.state.nodes if step.object in (node.name, node.ref.id)]
    named = [one for one in ctx.state.workloads if step.object in (str(one.ref), one.ref.path)]
    return next(iter(nodes), None) or next(iter(named), None)


def _marks(found: Node | Workload) -> tuple[Mark, ...]:
    return found.marks


def _value(found: Node | Workload) -> str:
    return found.availability.value if isinstance(found, Node) else str(found.wanted)
