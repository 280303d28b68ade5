"""Conditions of `JoinTraffic` and `LeaveTraffic`: who may get requests, and when nobody waits for an answer any more."""

from dataclasses import replace

from autoscaler.model.available import in_rotation
from autoscaler.model.commitments import Intent, StepRecord
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.quantities import since
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ReplicaId
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import JoinTraffic, LeaveTraffic, Purpose
from autoscaler.model.traffic import Member, MemberState, RotationState
from autoscaler.model.workloads import Replica, ReplicaState, Workload, surge_of
from autoscaler.planning.conditions.context import Context, ends, gone, idle, leaving, members, still_due, unknown
from autoscaler.planning.conditions.floors import keeps_floor, readable
from autoscaler.planning.conditions.landing import Landing


def may_join(step: JoinTraffic, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """The workload and its rotation are seen."""
    del record
    rotation = ctx.rotation(step.traffic)
    if isinstance(rotation, Unknown):
        return unknown(rotation, step.traffic)
    return () if ctx.workload(step.workload) else gone(step.workload)


def joined(step: JoinTraffic, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """`count` are in it and up, or as many as are wanted by now, and nobody who should be in, or out, is left over."""
    rotation = ctx.rotation(step.traffic)
    if isinstance(rotation, Unknown) or not ctx.workload(step.workload):
        return None
    missing, dead = _missing(step, record, ctx, rotation), _dead(step, ctx, rotation)
    serving = [one for one in ctx.replicas(step.workload) if _serves(rotation, one, step)]
    return None if missing or dead or len(serving) < still_due(step.count, step.workload, ctx) else ()


def join_intent(step: JoinTraffic, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    """`addresses` join; `before` are members without a replica, which go first and free their places."""
    rotation = ctx.rotation(step.traffic)
    if isinstance(rotation, Unknown):
        return intent
    missing = _missing(step, record, ctx, rotation)
    return replace(
        intent,
        replicas=tuple(one.id for one in missing),
        addresses=tuple(one.address for one in missing),
        before=_dead(step, ctx, rotation),
    )


def join_landed(step: JoinTraffic, intent: Intent, ctx: Context) -> Landing:
    """Joining again is harmless, so it is simply done again."""
    del step, intent, ctx
    return Landing.UNTOUCHED


def may_leave(step: LeaveTraffic, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """Enough others stay available; a count about to be lowered is not being changed by its owner."""
    workload, rotation = ctx.workload(step.workload), ctx.rotation(step.traffic)
    if workload is None:
        return gone(step.workload)
    if isinstance(rotation, Unknown):
        return unknown(rotation, step.traffic)
    if workload.updating:
        return (Reason(Code.UPDATE_IN_PROGRESS, names=(str(workload.ref),)),)
    if record.intent is None and step.node is None and step.victims > len(workload.removal_order):
        return (Reason(Code.PREDICTION_CHANGED, (step.victims, len(workload.removal_order)), "replicas", (str(workload.ref),)),)
    going = record.intent.replicas if record.intent else _who(step, workload, ctx)
    floor = () if _ends_with_them(ctx, workload, frozenset(going)) else keeps_floor(ctx, workload, going, but=record.planned.id)
    return readable(ctx, step.workload) + floor


def left(step: LeaveTraffic, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """None of them gets requests, and none has one in flight, or their time is over; also when there is nobody to take out."""
    workload, rotation = ctx.workload(step.workload), ctx.rotation(step.traffic)
    if isinstance(rotation, Unknown):
        return None
    if workload is None:
        return ()
    if record.intent is None:
        return None if _somebody(step, workload, ctx) else ()
    places = members(rotation, step.workload)
    named = [places.get(address) for address in _held(step, record.intent, ctx)]
    if any(one is not None and one.state is MemberState.READY for one in named):
        return None
    over = since(record.acted or ctx.now, ctx.now) >= ctx.drain(step.workload)
    unseen = bool(record.intent.addresses) and not rotation.shows_draining
    if all(idle(one) for one in named) and (over or not unseen):
        return ()
    told = [one.sessions for one in named if one and one.sessions is not None]
    numbers = (sum(told),) if len(told) == sum(one is not None for one in named) else ()
    return (Reason(Code.SESSIONS_LEFT, numbers, "sessions", (str(step.workload),)),) if over else None


def leave_intent(step: LeaveTraffic, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    """Who leaves, read now."""
    del record
    workload = ctx.workload(step.workload)
    named = frozenset(_who(step, workload, ctx)) if workload else frozenset()
    who = [one for one in ctx.replicas(step.workload) if one.id in named]
    return replace(intent, replicas=tuple(one.id for one in who), addresses=tuple(one.address for one in who if one.address))


def leave_landed(step: LeaveTraffic, intent: Intent, ctx: Context) -> Landing:
    """Untouched while one of them still gets new requests."""
    return Landing.UNTOUCHED if still_ready(step, intent, ctx) else Landing.APPLIED


def still_ready(step: LeaveTraffic, intent: Intent, ctx: Context) -> tuple[str, ...]:
    """Addresses of the intent that still get new requests; all of them while the rotation is unknown."""
    rotation = ctx.rotation(step.traffic)
    if isinstance(rotation, Unknown):
        return intent.addresses
    ready = {address for address, one in members(rotation, step.workload).items() if one.state is MemberState.READY}
    return tuple(address for address in _held(step, intent, ctx) if address in ready)


def _ends_with_them(ctx: Context, workload: Workload, going: frozenset[ReplicaId]) -> bool:
    """Whether clouds end all of them before their sessions would be over: then it is not we who lower what is available."""
    drain = ctx.drain(workload.ref).ms
    soon = {name for name, at in ends(ctx).items() if at - ctx.now <= drain}
    nodes = {node.ref for node in ctx.state.nodes if node.name in soon}
    return all(one.node in nodes for one in ctx.replicas(workload.ref) if one.id in going) if nodes else False


def _held(step: LeaveTraffic, intent: Intent, ctx: Context) -> tuple[str, ...]:
    """The intent's addresses, but those a newer replica has by now: ports are used again."""
    newer = {one.address for one in ctx.replicas(step.workload) if one.id not in intent.replicas}
    return tuple(address for address in intent.addresses if address not in newer)


def _somebody(step: LeaveTraffic, workload: Workload, ctx: Context) -> bool:
    """Whether there is anybody to take out: nobody on a node that is empty by now, nor for a surge that a deploy took out of the count."""
    if step.purpose is Purpose.GIVE_BACK:
        return surge_of(workload) > 0
    return step.node is None or bool(_who(step, workload, ctx))


def _who(step: LeaveTraffic, workload: Workload, ctx: Context) -> tuple[ReplicaId, ...]:
    if step.node is not None:
        return tuple(one.id for one in ctx.replicas(workload.ref) if one.node == step.node)
    if step.victims:
        most = surge_of(workload) if step.purpose is Purpose.GIVE_BACK else step.victims
        return workload.removal_order[: min(step.victims, most)]
    present = {one.id for one in ctx.replicas(workload.ref)}
    return tuple(one for one in step.replicas if one in present)


def _missing(step: JoinTraffic, record: StepRecord, ctx: Context, rotation: RotationState) -> list[Replica]:
    """Healthy replicas that should get requests and do not."""
    out = leaving(ctx, step.workload, but=record.planned.id)
    places = members(rotation, step.workload)
    return [one for one in ctx.replicas(step.workload) if _should(one, out, ctx) and not _ready(places.get(one.address))]


def _should(replica: Replica, out: frozenset[ReplicaId], ctx: Context) -> bool:
    """Healthy, reachable, not on its way out, and its node not being emptied."""
    sound = replica.healthy and replica.state is ReplicaState.RUNNING and bool(replica.address)
    node = ctx.node(replica.node) if replica.node else None
    return sound and replica.id not in out and not (node and node.availability is NodeAvailability.EMPTYING)


def _ready(member: Member | None) -> bool:
    return member is not None and member.state is MemberState.READY


def _dead(step: JoinTraffic, ctx: Context, rotation: RotationState) -> tuple[str, ...]:
    """Members whose address no replica has, be it one that stops."""
    live = {one.address for one in ctx.replicas(step.workload)}
    return tuple(one.address for one in rotation.forgotten(step.workload, members(rotation, step.workload).values(), live))


def _serves(rotation: RotationState, replica: Replica, step: JoinTraffic) -> bool:
    off = step.off is not None and replica.node == step.off
    return replica.healthy and replica.state is ReplicaState.RUNNING and not off and in_rotation(rotation, replica)
