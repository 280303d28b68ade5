"""Conditions of `StartReplica`, `StopReplica` and `AwaitHealthy`."""

from dataclasses import replace

from autoscaler.model.commitments import BEGUN, Intent, StepRecord
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ReplicaId
from autoscaler.model.steps import AwaitHealthy, SetReplicas, StartReplica, StopReplica
from autoscaler.model.workloads import Replica, ReplicaState, Workload
from autoscaler.planning.conditions.capacity import overfills
from autoscaler.planning.conditions.context import Context, drained, gone, still_due
from autoscaler.planning.conditions.floors import floor_of, keeps_floor, out_of_traffic, readable
from autoscaler.planning.conditions.landing import Landing
from autoscaler.planning.conditions.neighbours import refused_end
from autoscaler.planning.conditions.places import refused_places


def may_start(step: StartReplica, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """The node is open and holds one more, beside those we asked for that are not seen yet, and no rule between workloads is against it."""
    workload = ctx.workload(step.workload)
    if workload is None:
        return gone(step.workload)
    if workload.updating:
        return (Reason(Code.UPDATE_IN_PROGRESS, names=(str(workload.ref),)),)
    return refused_places(ctx, workload, (step.place,), record.planned.id)


def started(step: StartReplica, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """One that was not there before stands on the node; or whom it was to replace went by itself, which others make up for, or by count."""
    if record.intent is None and step.instead_of:
        old = next((one for one in ctx.replicas(step.workload) if one.id == step.instead_of), None)
        if old is None or (old.state is ReplicaState.STOPPING and old.id in _counted_out(ctx)):
            return ()
    return () if record.intent and _newcomers(step, record.intent, ctx) else None


def _counted_out(ctx: Context) -> frozenset[ReplicaId]:
    """Who ends, or ended, because of a lower count: nobody comes in their place."""
    begun = (one for one in ctx.commitments.records if one.status in BEGUN and isinstance(one.planned.step, SetReplicas))
    return frozenset(replica for one in begun if one.intent for replica in one.intent.replicas)


def start_intent(step: StartReplica, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    """Who stands there before."""
    del record
    return replace(intent, before=tuple(one.id for one in _there(step, ctx)))


def start_landed(step: StartReplica, intent: Intent, ctx: Context) -> Landing:
    """A newcomer on the node; the same token starts one once."""
    return Landing.APPLIED if _newcomers(step, intent, ctx) else Landing.UNTOUCHED


def started_by(step: StartReplica, intent: Intent, ctx: Context) -> Intent:
    """With the newcomer's name, so that who gives the step up knows whom to stop again."""
    return replace(intent, replicas=tuple(one.id for one in _newcomers(step, intent, ctx)[:1]))


def may_stop(step: StopReplica, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """It is out of traffic, enough others stay available, and if its orchestrator starts another for it, that fits wherever it comes."""
    workload = ctx.workload(step.workload)
    if workload is None:
        return gone(step.workload)
    if workload.updating:
        return (Reason(Code.UPDATE_IN_PROGRESS, names=(str(workload.ref),)),)
    one = frozenset((step.replica,))
    served = out_of_traffic(ctx, step.workload, one, drained(ctx, step.workload))
    held = readable(ctx, step.workload) or served or keeps_floor(ctx, workload, one, but=record.planned.id)
    held = held or (refused_end(ctx, workload, step.replica) if _comes_first(ctx, workload) else ())
    return held or (overfills(ctx, workload, 1, but=record.planned.id) if _missed(workload, step, ctx) else ())


def _comes_first(ctx: Context, workload: Workload) -> bool:
    """Whether it is replaced before it goes: what has to go first leaves alone for a while who must stand beside it."""
    return ctx.policies.availability_of(workload.ref).most_extra(workload.wanted) > 0 and floor_of(ctx, workload) > 0


def _missed(workload: Workload, step: StopReplica, ctx: Context) -> bool:
    """Whether fewer than the count are left without it: somebody raised that since another one was started in its place."""
    live = [one for one in ctx.replicas(workload.ref) if one.state is not ReplicaState.STOPPING and one.id != step.replica]
    return len(live) < workload.wanted


def stopped(step: StopReplica, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """It is gone, or asked to go."""
    del record
    return () if stop_landed(step, None, ctx) is Landing.APPLIED else None


def stop_intent(step: StopReplica, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    """Exactly this one."""
    del record, ctx
    return replace(intent, replicas=(step.replica,))


def stop_landed(step: StopReplica, intent: Intent | None, ctx: Context) -> Landing:
    """Stopping again is harmless."""
    del intent
    there = any(one.id == step.replica and one.state is not ReplicaState.STOPPING for one in ctx.replicas(step.workload))
    return Landing.UNTOUCHED if there else Landing.APPLIED


def may_await_healthy(step: AwaitHealthy, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """The workload is there."""
    del record
    return () if ctx.workload(step.workload) else gone(step.workload)


def healthy(step: AwaitHealthy, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """`count` run and are healthy, those on `off` not counted."""
    del record
    sound = [one for one in ctx.replicas(step.workload) if one.healthy and one.state is ReplicaState.RUNNING]
    counted = [one for one in sound if step.off is None or one.node != step.off]
    return () if len(counted) >= still_due(step.count, step.workload, ctx) else None


def _there(step: StartReplica, ctx: Context) -> list[Replica]:
    return [one for one in ctx.replicas(step.workload) if one.node == step.node]


def _newcomers(step: StartReplica, intent: Intent, ctx: Context) -> list[Replica]:
    return [one for one in _there(step, ctx) if one.id not in intent.before]
