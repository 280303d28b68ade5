"""Which conditions belong to which kind of step: one row each, and the four questions execution asks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autoscaler.model.commitments import Intent, StepRecord
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import Token
from autoscaler.model.steps import (
    AwaitHealthy,
    AwaitNode,
    Evacuate,
    Fence,
    GrowPool,
    JoinTraffic,
    LeaveTraffic,
    ReleaseInstance,
    RemoveNode,
    SetReplicas,
    StartReplica,
    StopReplica,
    Undo,
    Unfence,
)
from autoscaler.planning.conditions import counts, fields, machines, pools, replicas, rotation
from autoscaler.planning.conditions.context import Context
from autoscaler.planning.conditions.landing import Landing


def _as_it_is(step: object, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    del step, record, ctx
    return intent


def _nothing_to_send(step: object, intent: Intent, ctx: Context) -> Landing:
    del step, intent, ctx
    return Landing.APPLIED


def _nothing_fails(step: object, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    del step, record, ctx
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """One kind's answers. `before`: why it may not begin. `after`: None until its effect is seen. `failed`: why it never will be."""

    before: Callable[[Any, StepRecord, Context], tuple[Reason, ...]]
    after: Callable[[Any, StepRecord, Context], tuple[Reason, ...] | None]
    intent: Callable[[Any, StepRecord, Context, Intent], Intent] = _as_it_is
    landed: Callable[[Any, Intent, Context], Landing] = _nothing_to_send
    failed: Callable[[Any, StepRecord, Context], tuple[Reason, ...]] = _nothing_fails


TABLE: dict[type, Conditions] = {
    GrowPool: Conditions(before=pools.may_grow, after=pools.grown, intent=pools.grow_intent, landed=pools.grow_landed),
    AwaitNode: Conditions(before=pools.may_await_node, after=pools.nodes_there),
    Fence: Conditions(before=machines.may_fence, after=machines.fenced, intent=machines.fence_intent, landed=machines.fence_landed),
    Unfence: Conditions(
        before=machines.may_unfence, after=machines.unfenced, intent=machines.unfence_intent, landed=machines.unfence_landed
    ),
    SetReplicas: Conditions(
        before=counts.may_set,
        after=counts.count_set,
        intent=counts.count_intent,
        landed=counts.count_landed,
        failed=counts.count_failed,
    ),
    StartReplica: Conditions(before=replicas.may_start, after=replicas.started, intent=replicas.start_intent, landed=replicas.start_landed),
    AwaitHealthy: Conditions(before=replicas.may_await_healthy, after=replicas.healthy, failed=replicas.may_await_healthy),
    JoinTraffic: Conditions(before=rotation.may_join, after=rotation.joined, intent=rotation.join_intent, landed=rotation.join_landed),
    LeaveTraffic: Conditions(before=rotation.may_leave, after=rotation.left, intent=rotation.leave_intent, landed=rotation.leave_landed),
    StopReplica: Conditions(before=replicas.may_stop, after=replicas.stopped, intent=replicas.stop_intent, landed=replicas.stop_landed),
    Evacuate: Conditions(
        before=machines.may_evacuate,
        after=machines.evacuated,
        intent=machines.evacuate_intent,
        landed=machines.evacuate_landed,
    ),
    RemoveNode: Conditions(before=machines.may_remove, after=machines.removed, landed=machines.remove_landed),
    ReleaseInstance: Conditions(before=pools.may_release, after=pools.released, intent=pools.release_intent, landed=pools.release_landed),
    Undo: Conditions(before=fields.may_undo, after=fields.undone, intent=fields.undo_intent, landed=fields.undo_landed),
}
WAITING_ONLY = (AwaitNode, AwaitHealthy)
"""Kinds that call nobody: they only wait for what others brought about."""


def precondition(record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """Why the step may not begin, or be sent again, now; empty when it may."""
    return _row(record).before(record.planned.step, record, ctx)


def postcondition(record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """None until the step's effect is seen; then what there is to say about it, mostly nothing."""
    return _row(record).after(record.planned.step, record, ctx)


def failed(record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """Why the effect of a step that was sent can no longer come; empty while it may."""
    return _row(record).failed(record.planned.step, record, ctx)


def resolve(record: StepRecord, ctx: Context, token: Token, term: int) -> Intent:
    """The step's numbers, fixed now: absolute counts, victims, addresses, fields."""
    return _row(record).intent(record.planned.step, record, ctx, Intent(token=token, term=term))


def landed(record: StepRecord, ctx: Context) -> Landing:
    """What became of the intent's call, as the world shows it; untouched before there is one."""
    if record.intent is None:
        return Landing.UNTOUCHED
    return _row(record).landed(record.planned.step, record.intent, ctx)


def overruled(record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """Why a step ends that found neither what it knew nor what it asked for."""
    step, intent = record.planned.step, record.intent
    return counts.overruled(step, intent, ctx) if isinstance(step, SetReplicas) and intent else (Reason(Code.CHANGED_BY_OTHERS),)


def concluded(record: StepRecord, ctx: Context) -> Intent | None:
    """The intent of a step that is done, with what only its effect could tell."""
    step, intent = record.planned.step, record.intent
    return replicas.started_by(step, intent, ctx) if isinstance(step, StartReplica) and intent else intent


def _row(record: StepRecord) -> Conditions:
    return TABLE[type(record.planned.step)]
