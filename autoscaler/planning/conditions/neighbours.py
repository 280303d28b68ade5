"""Rules between workloads and devices, as all stand right now: whether one more may come, or so many find places among each other."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from autoscaler.model.commitments import StepStatus
from autoscaler.model.constraints import AntiAffinity
from autoscaler.model.marks import AVAILABILITY, mark_of
from autoscaler.model.nodes import Node, NodeAvailability, NodeState
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, ReplicaId, StepId, WorkloadRef
from autoscaler.model.steps import Place, SetReplicas, StartReplica, StopReplica
from autoscaler.model.workloads import ReplicaState, Workload, WorkloadKind, surge_of
from autoscaler.placement import (
    Host,
    HostState,
    Load,
    Problem,
    Resident,
    bereaved,
    device_places,
    hindered,
    no_devices,
    places_for,
    uprooted,
)
from autoscaler.planning.conditions.context import Context, ends
from autoscaler.planning.conditions.requests import request_of
from autoscaler.planning.missing import misses


def refused_room(ctx: Context, workload: Workload, count: int) -> tuple[Reason, ...]:
    """Why so many more find no place among others, wherever their scheduler puts them; nothing where no rule is about it."""
    if not ruled(ctx):
        return ()
    places = places_for(_problem(ctx, None), workload.ref, count)
    return () if places >= count else (Reason(Code.NO_ROOM, (count, places), "replicas", (str(workload.ref),)),)


def refused_devices(ctx: Context, workload: Workload, count: int, coming: Mapping[WorkloadRef, int], *, sure: bool) -> tuple[Reason, ...]:
    """Why so many more may be without devices, whichever they get, and wherever what was asked for before comes to stand.

    Not `sure`: its scheduler looks at no requests, so that all may come to any one machine.
    """
    ask = workload.shape.device
    if ask is None:
        return ()
    places, nodes = device_places(_problem(ctx, None), workload.ref, coming, anywhere=not sure)
    return () if places >= count else (no_devices(ask, workload.ref, nodes),)


def refused_leaving(ctx: Context, node: NodeRef, workloads: tuple[WorkloadRef, ...]) -> tuple[Reason, ...]:
    """Whose rules would be kept to less if these left the node now; nothing where no rule is about it.

    Of whom our surge stands the rest can wait, so that the others come before.
    """
    if not ruled(ctx):
        return ()
    found = _problem(ctx, None)
    hosts = tuple(one._replace(state=HostState.CLOSING) if one.key == node.id else one for one in found.hosts)
    residents = tuple(one for one in found.residents if one.host != node.id or one.workload in workloads)
    surged = {one.ref for one in ctx.state.workloads if surge_of(one)}
    why = uprooted(replace(found, hosts=hosts, residents=residents), node.id, surged)
    return (why,) if why else ()


def refused_at(ctx: Context, workload: Workload, places: Sequence[Place], but: StepId) -> tuple[Reason, ...]:
    """Why it may not be started there once each, beside those that we asked for and do not see yet. All nodes are seen."""
    nodes = [node for one in places if (node := ctx.node(one.node))]
    if not all(workload.shape.may_stand(node.labels, node.taints) for node in nodes):
        return (Reason(Code.NO_NODE_MATCHES, names=(str(workload.ref),)),)
    if not ruled(ctx) and workload.shape.device is None:
        return ()
    asked = unseen(ctx, but)
    unsure = _unsure(ctx, asked) if _looks_around(workload) else {}
    why = hindered(_beside(ctx, asked), workload.ref, [(one.node.id, one.devices) for one in places], unsure)
    return (why,) if why else ()


def refused_end(ctx: Context, workload: Workload, replica: ReplicaId) -> tuple[Reason, ...]:
    """Whose rules would be kept to less once it has ended: those go first, or others come. A machine that ends leaves no choice."""
    node = next((ctx.node(one.node) for one in ctx.replicas(workload.ref) if one.id == replica and one.node), None)
    minding = {owner.ref for owner in ctx.state.workloads if owner.shape.constraints and misses(owner, workload)}
    if node is None or node.name in ends(ctx) or not minding:
        return ()
    staying = _beside(ctx, unseen(ctx, None), _going(ctx) - {replica})
    why = bereaved(staying, workload.ref, node.ref.id, minding)
    return (why,) if why else ()


def ruled(ctx: Context) -> bool:
    """Whether anybody minds where others stand."""
    return any(workload.shape.constraints for workload in ctx.state.workloads)


def _problem(ctx: Context, but: StepId | None) -> Problem:
    """Everybody where he is seen, or was started by another step and is not seen yet."""
    return _beside(ctx, unseen(ctx, but))


def _beside(ctx: Context, asked: Sequence[tuple[WorkloadRef, Place]], gone: Collection[ReplicaId] = ()) -> Problem:
    """Everybody where he is seen, or was `asked` to come. What is ending stands there until it has gone, unless it is `gone` already."""
    loads = [one for one in ctx.state.workloads if one.kind is not WorkloadKind.GLOBAL]
    daemons = [one for one in ctx.state.workloads if one.kind is WorkloadKind.GLOBAL]
    known, nodes = {one.ref for one in loads}, {node.ref: node for node in ctx.state.nodes}
    there = [one for one in ctx.state.replicas if one.id not in gone]
    standing = Counter((one.workload, one.node) for one in there if one.node)
    coming = [(ref, place) for ref, place in asked if ref in known]
    standing.update((ref, place.node) for ref, place in coming)
    devices = defaultdict[tuple[WorkloadRef, NodeRef | None], list[tuple[int, ...]]](list)
    for one in (one for one in there if one.devices):
        devices[one.workload, one.node].append(one.devices)
    for ref, place in coming:
        devices[ref, place.node].append(place.devices)
    return Problem(
        hosts=tuple(
            _host(ctx, node, tuple(one.ref for one in daemons for _ in range(standing[one.ref, node.ref]))) for node in nodes.values()
        ),
        loads=tuple(Load(workload=one.ref, shape=replace(one.shape, requests=request_of(ctx, one)), labels=one.labels) for one in loads),
        residents=tuple(
            Resident(workload=ref, host=node.id, count=count, devices=tuple(devices.get((ref, node), ())))
            for (ref, node), count in standing.items()
            if ref in known and node in nodes
        ),
        daemons=tuple(Load(workload=one.ref, shape=one.shape, labels=one.labels) for one in daemons),
    )


def _looks_around(workload: Workload) -> bool:
    """Whether its rules may be broken by who is not there, and not only by who is."""
    return any(not isinstance(rule, AntiAffinity) for rule in workload.shape.constraints)


def _unsure(ctx: Context, asked: Sequence[tuple[WorkloadRef, Place]]) -> Mapping[tuple[WorkloadRef, str], int]:
    """Who may not be there when a call arrives: calls of one pass come in any order, and who was `asked` for may never come."""
    going = _going(ctx)
    found = Counter((one.workload, one.node.id) for one in ctx.state.replicas if one.id in going and one.node)
    found.update((ref, place.node.id) for ref, place in asked)
    return found


def _going(ctx: Context) -> frozenset[ReplicaId]:
    """Who ends, or was asked to."""
    ending = {one.id for one in ctx.state.replicas if one.state is ReplicaState.STOPPING}
    asked = (one.intent for one in ctx.commitments.open if isinstance(one.planned.step, SetReplicas | StopReplica))
    return frozenset(ending.union(*(intent.replicas for intent in asked if intent)))


def _host(ctx: Context, node: Node, daemons: tuple[WorkloadRef, ...]) -> Host:
    """Where we choose each place, a node that we fenced is no domain any more: whoever is last on it could never leave otherwise."""
    open_ = node.state is NodeState.READY and node.availability is NodeAvailability.OPEN
    state = HostState.OPEN if open_ else HostState.SHUT
    emptied = node.availability is NodeAvailability.EMPTYING or (
        ctx.state.capabilities.bound and mark_of(node.marks, AVAILABILITY) is not None
    )
    return Host(
        key=node.ref.id,
        capacity=node.capacity,
        state=state,
        labels=node.labels,
        taints=node.taints,
        emptied=emptied,
        devices=node.devices,
        daemons=daemons,
    )


def unseen(ctx: Context, but: StepId | None) -> list[tuple[WorkloadRef, Place]]:
    """Replicas that steps other than `but` asked for at places of our choice, and that stand nowhere yet."""
    found: list[tuple[WorkloadRef, Place]] = []
    for record in ctx.commitments.records:
        step, intent = record.planned.step, record.intent
        asked = record.planned.id != but and record.status in (StepStatus.INTENDED, StepStatus.SENT)
        if asked and isinstance(step, StartReplica):
            there = [one for one in ctx.replicas(step.workload) if one.node == step.node]
            came = intent is not None and any(one.id not in intent.before for one in there)
            found += [] if came else [(step.workload, step.place)]
        elif asked and isinstance(step, SetReplicas) and step.places and intent:
            workload = ctx.workload(step.workload)
            came = workload is None or workload.wanted != intent.seen
            found += [] if came else [(step.workload, place) for place in step.places]
    return found
