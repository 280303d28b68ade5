"""Conditions of `Fence`, `Unfence`, `Evacuate` and `RemoveNode`: a node is closed, emptied and forgotten in that order only."""

from dataclasses import replace

from autoscaler.model.commitments import BEGUN, Intent, StepRecord
from autoscaler.model.marks import AVAILABILITY, FieldChange, mark_of
from autoscaler.model.nodes import InstanceState, Node, NodeAvailability, NodeState
from autoscaler.model.observations import Moves, instance_of, replicas_on
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, ReplicaId, WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import Evacuate, Fence, RemoveNode, Unfence
from autoscaler.model.workloads import Replica, Workload, WorkloadKind
from autoscaler.planning.conditions.capacity import overfills
from autoscaler.planning.conditions.context import Context, drained, ends, gone, stale
from autoscaler.planning.conditions.floors import floor_of, keeps_floor, out_of_traffic, readable
from autoscaler.planning.conditions.landing import Landing
from autoscaler.planning.conditions.neighbours import refused_leaving
from autoscaler.planning.conditions.requests import request_of


def may_fence(step: Fence, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """The node is there and runs no orchestrator."""
    del record
    node = ctx.node(step.node)
    if node is None:
        return gone(step.node)
    return (Reason(Code.NODE_IS_MANAGER, names=(node.name,)),) if node.manager else ()


def fenced(step: Fence, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """It takes no more."""
    del record
    node = ctx.node(step.node)
    return () if node and node.availability is not NodeAvailability.OPEN else None


def fence_intent(step: Fence, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    """Its availability, before and after."""
    del record
    return _changing(ctx.node(step.node), NodeAvailability.FENCED, intent)


def fence_landed(step: Fence, intent: Intent, ctx: Context) -> Landing:
    """By its availability."""
    del intent
    node = ctx.node(step.node)
    if node is None:
        return Landing.CHANGED
    return Landing.UNTOUCHED if node.availability is NodeAvailability.OPEN else Landing.APPLIED


def may_unfence(step: Unfence, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """It was we who closed it: a mark of ours, or a step of this plan, says so."""
    del record
    node = ctx.node(step.node)
    if node is None:
        return gone(step.node)
    ours = mark_of(node.marks, AVAILABILITY) or _closed_by_us(ctx, node)
    return () if ours else (Reason(Code.NODE_FENCED_BY_OTHERS, names=(node.name,)),)


def unfenced(step: Unfence, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """Nothing of ours keeps it closed: it is open, or as somebody else wants it; or it is gone and there is nothing to open."""
    del record
    node = ctx.node(step.node)
    if node is None:
        return ()
    if mark_of(node.marks, AVAILABILITY):
        return None
    if node.availability is NodeAvailability.OPEN:
        return ()
    ours = _closed_by_us(ctx, node)
    return None if ours and ours.was != ours.ours else (Reason(Code.NODE_FENCED_BY_OTHERS, names=(node.name,)),)


def unfence_intent(step: Unfence, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    """Our own change, to be taken back: what the node was before any of ours, while it still is what we made it."""
    del record
    node = ctx.node(step.node)
    if node is None:
        return intent
    mark, made = mark_of(node.marks, AVAILABILITY), _closed_by_us(ctx, node)
    change = FieldChange(object=node.name, field=AVAILABILITY, was=mark.was, ours=mark.ours) if mark else made
    return replace(intent, fields=(change,) if change else ())


def unfence_landed(step: Unfence, intent: Intent, ctx: Context) -> Landing:
    """Taking back again is harmless: it only ever touches what is still ours."""
    del step, intent, ctx
    return Landing.UNTOUCHED


def may_evacuate(step: Evacuate, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """The node is closed, every replica that would go is out of traffic, its floor holds without it, and what replaces it fits."""
    node = ctx.node(step.node)
    if node is None:
        return gone(step.node)
    if node.availability is NodeAvailability.OPEN:
        return (Reason(Code.WAITING, names=(node.name,)),)
    strangers = _unnamed(step, ctx)
    if strangers:
        return (Reason(Code.NO_RECIPE, names=strangers),)
    moving = [workload for workload in ctx.state.workloads if workload.ref in step.workloads]
    held = tuple(reason for workload in moving for reason in _may_move(workload, step, record, ctx))
    if held or node.name in ends(ctx):  # where its cloud takes all of it, nothing is kept to by staying
        return held
    return refused_leaving(ctx, step.node, step.workloads)


def evacuated(step: Evacuate, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """Nothing of these workloads is left there, not even stopping; where whole nodes are emptied, nothing but daemons."""
    del record
    node = ctx.node(step.node)
    rest = [one for one in _moving(step.node, ctx) if _whole(ctx) or one.workload in step.workloads]
    closed = node is None or node.availability is not NodeAvailability.OPEN
    return () if closed and not rest else None


def evacuate_intent(step: Evacuate, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    """Who stands there now."""
    del record
    there = tuple(one.id for one in replicas_on(ctx.state, step.node) if one.workload in step.workloads)
    changed = _changing(ctx.node(step.node), NodeAvailability.EMPTYING, intent) if _whole(ctx) else intent
    return replace(changed, replicas=there)


def evacuate_landed(step: Evacuate, intent: Intent, ctx: Context) -> Landing:
    """By the node's availability where whole nodes are emptied; else a repeat goes on with what is left."""
    del intent
    node = ctx.node(step.node)
    if node is None:
        return Landing.APPLIED
    emptying = node.availability is NodeAvailability.EMPTYING
    return Landing.APPLIED if _whole(ctx) and emptying else Landing.UNTOUCHED


def may_remove(step: RemoveNode, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """Closed, seen empty of all but daemons, and its machine is on its way out."""
    del record
    node = ctx.node(step.node)
    if node is None:
        return ()
    if node.manager:
        return (Reason(Code.NODE_IS_MANAGER, names=(node.name,)),)
    return empty(step.node, ctx) or _still_runs(node, ctx) or stale(ctx)


def removed(step: RemoveNode, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """Nobody knows this incarnation any more."""
    del record
    return None if ctx.node(step.node) else ()


def remove_landed(step: RemoveNode, intent: Intent, ctx: Context) -> Landing:
    """Removing again is harmless."""
    del intent
    return Landing.UNTOUCHED if ctx.node(step.node) else Landing.APPLIED


def empty(ref: NodeRef, ctx: Context) -> tuple[Reason, ...]:
    """Why the node does not count as empty: it is open, or something but a daemon is seen there."""
    node = ctx.node(ref)
    if node is None:
        return gone(ref)
    rest = _moving(ref, ctx)
    if node.availability is NodeAvailability.OPEN or rest:
        return (Reason(Code.WAITING, (len(rest),), "replicas", (node.name,)),)
    return ()


def _may_move(workload: Workload, step: Evacuate, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    there = frozenset(one.id for one in replicas_on(ctx.state, step.node) if one.workload == workload.ref)
    if not there:
        return ()
    if workload.updating:
        return (Reason(Code.UPDATE_IN_PROGRESS, names=(str(workload.ref),)),)
    floor = readable(ctx, workload.ref) or keeps_floor(ctx, workload, there, but=record.planned.id)
    served = () if _gap(workload, ctx) else out_of_traffic(ctx, workload.ref, there, _ended(record, workload.ref, ctx))
    return floor or served or overfills(ctx, workload, len(there), but=record.planned.id, beside=_moving_beside(workload, step, ctx))


def _moving_beside(workload: Workload, step: Evacuate, ctx: Context) -> Resources:
    """What the other workloads need that go with the node: one node may be picked for all of them."""
    others = [one for one in ctx.state.workloads if one.ref in step.workloads and one.ref != workload.ref]
    on = [one.workload for one in replicas_on(ctx.state, step.node)]
    return sum((request_of(ctx, one).times(on.count(one.ref)) for one in others), NOTHING)


def _gap(workload: Workload, ctx: Context) -> bool:
    """Whether its policy lets it go from under its requests: it can be in one place only, and said so."""
    return ctx.policies.availability_of(workload.ref).allow_gap and floor_of(ctx, workload) == 0


def _ended(record: StepRecord, workload: WorkloadRef, ctx: Context) -> frozenset[ReplicaId]:
    """Whose time was over: by a step that ended, or by this one when it had begun."""
    return drained(ctx, workload) | frozenset(record.intent.replicas if record.intent else ())


def _unnamed(step: Evacuate, ctx: Context) -> tuple[str, ...]:
    """Workloads that would go with the node though the plan does not speak of them."""
    if not _whole(ctx):
        return ()
    return tuple(sorted({str(one.workload) for one in _moving(step.node, ctx) if one.workload not in step.workloads}))


def _moving(ref: NodeRef, ctx: Context) -> tuple[Replica, ...]:
    """What stands there and does not belong to the node; a replica of a workload nobody shows counts, for it could be anything."""
    daemons = {workload.ref for workload in ctx.state.workloads if workload.kind is WorkloadKind.GLOBAL}
    return tuple(one for one in replicas_on(ctx.state, ref) if one.workload not in daemons)


def _whole(ctx: Context) -> bool:
    return ctx.state.capabilities.moves is Moves.NODE


def _still_runs(node: Node, ctx: Context) -> tuple[Reason, ...]:
    """Orchestrators refuse to forget a machine that answers; its cloud must have begun to take it away."""
    if node.state is NodeState.DOWN:
        return ()
    pools = [view.state for view in ctx.observation.pools if not isinstance(view.state, Unknown)]
    behind = [one for pool in pools if (one := instance_of(pool, node)) is not None]
    runs = any(one.state in (InstanceState.LAUNCHING, InstanceState.RUNNING) for one in behind)
    return (Reason(Code.WAITING, names=(node.name,)),) if runs else ()


def _closed_by_us(ctx: Context, node: Node) -> FieldChange | None:
    """The change of a step of this plan that the node still shows, though our mark is off."""
    records = [one for one in ctx.commitments.records if one.status in BEGUN and _closes(one, node.ref)]
    last = max(records, key=lambda one: one.acted, default=None)
    change = next(iter(last.intent.fields), None) if last and last.intent else None
    return change if change and change.ours == node.availability.value else None


def _closes(record: StepRecord, ref: NodeRef) -> bool:
    step = record.planned.step
    return isinstance(step, Fence | Evacuate) and step.node == ref and record.intent is not None and bool(record.intent.fields)


def _changing(node: Node | None, to: NodeAvailability, intent: Intent) -> Intent:
    """`was` is what the node had before any of our changes, so that undoing the last undoes all; somebody else's since stays theirs."""
    if node is None:
        return intent
    mark, now = mark_of(node.marks, AVAILABILITY), node.availability.value
    was = mark.was if mark and mark.ours == now else now
    return replace(intent, fields=(FieldChange(object=node.name, field=AVAILABILITY, was=was, ours=to.value),))
