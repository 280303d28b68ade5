"""From a step and its intent to the calls that bring it about. Everything a call says was journalled before."""

from collections.abc import Callable
from functools import partial

from autoscaler.contracts.runtime import Call
from autoscaler.contracts.store import Lease
from autoscaler.execution.hands import Hands
from autoscaler.model.commitments import Intent, StepRecord
from autoscaler.model.marks import Mark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.observations import Moves
from autoscaler.model.steps import (
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
from autoscaler.planning.conditions import Context
from autoscaler.planning.conditions.rotation import still_ready


def calls_of(record: StepRecord, ctx: Context, lease: Lease, hands: Hands) -> tuple[Call, ...]:
    """The calls of a step with an intent; none where the world asks for none any more."""
    step, intent = record.planned.step, record.intent
    if intent is None:
        return ()
    if isinstance(step, GrowPool | ReleaseInstance):
        return _on_pool(step, intent, hands)
    if isinstance(step, JoinTraffic | LeaveTraffic):
        return _on_rotation(step, intent, ctx, hands)
    return tuple(Call(ctx.observation.cluster, run) for run in _on_cluster(record, intent, ctx, lease, hands))


def _on_pool(step: GrowPool | ReleaseInstance, intent: Intent, hands: Hands) -> tuple[Call, ...]:
    def run() -> None:
        writer = hands.pool(step.pool)
        if isinstance(step, GrowPool):
            writer.grow(seen=intent.seen, wanted=intent.wanted, token=intent.token, offering=step.offering)
        else:
            writer.release(frozenset((step.instance,)), token=intent.token)

    return (Call(step.pool, run),)


def _on_rotation(step: JoinTraffic | LeaveTraffic, intent: Intent, ctx: Context, hands: Hands) -> tuple[Call, ...]:
    """One call, for a joining as a whole too: it takes the places that the dead leave first."""
    if isinstance(step, LeaveTraffic):
        ready = still_ready(step, intent, ctx)
        return (Call(step.traffic, partial(_leave, step, hands, ready)),) if ready else ()
    wanted = intent.addresses or intent.before
    return (Call(step.traffic, partial(_join, step, hands, intent)),) if wanted else ()


def _leave(step: LeaveTraffic, hands: Hands, addresses: tuple[str, ...]) -> None:
    hands.balancer(step.traffic).leave(step.workload, addresses)


def _join(step: JoinTraffic, hands: Hands, intent: Intent) -> None:
    writer = hands.balancer(step.traffic)
    if intent.before:
        writer.remove(step.workload, intent.before)
    if intent.addresses:
        writer.join(step.workload, intent.addresses)


def _on_cluster(record: StepRecord, intent: Intent, ctx: Context, lease: Lease, hands: Hands) -> tuple[Callable[[], object], ...]:
    step, writer, mark = record.planned.step, hands.orchestrator, _mark(record, intent, lease)
    runs: tuple[Callable[[], object], ...] = ()
    match step:
        case SetReplicas():
            count = partial(writer.set_replicas, step.workload, seen=intent.seen, wanted=intent.wanted)
            runs = (partial(count, victims=frozenset(intent.replicas), mark=mark, places=step.places),)
        case Fence():
            runs = (partial(writer.set_availability, step.node, NodeAvailability.FENCED, mark),)
        case Evacuate() if ctx.state.capabilities.moves is Moves.NODE:
            runs = (partial(writer.set_availability, step.node, NodeAvailability.EMPTYING, mark),)
        case Evacuate():
            runs = tuple(partial(writer.evacuate, step.node, one, at_once=step.at_once) for one in step.workloads)
        case StartReplica():
            runs = (partial(writer.start_replica, step.workload, step.node, token=intent.token, devices=step.devices),)
        case StopReplica():
            runs = (partial(writer.stop_replica, step.replica),)
        case RemoveNode():
            runs = (partial(writer.remove_node, step.node),)
        case Undo() | Unfence():
            runs = tuple(partial(writer.restore, change) for change in intent.fields)
        case _:
            pass
    return runs


def _mark(record: StepRecord, intent: Intent, lease: Lease) -> Mark | None:
    """What we leave on the object: whose, of which plan, what it was and is."""
    change = next(iter(intent.fields), None)
    if change is None:
        return None
    return Mark(store=lease.store, plan=record.plan, field=change.field, was=change.was, ours=change.ours)
