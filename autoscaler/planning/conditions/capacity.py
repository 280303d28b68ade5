"""Room: what is used and what may land on a node never exceed it, whichever node the orchestrator picks."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.nodes import Node, NodeAvailability, NodeState
from autoscaler.model.observations import replicas_on
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, StepId, WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.steps import Evacuate, SetReplicas
from autoscaler.model.workloads import Origin, Replica, Workload, WorkloadKind
from autoscaler.planning.conditions.context import Context
from autoscaler.planning.conditions.neighbours import refused_devices, refused_room
from autoscaler.planning.conditions.requests import request_of


@dataclass(frozen=True, slots=True)
class _Usage:
    """Replicas seen by node and workload, read in one pass. `used`: by all that stands on a node; `told`: what its scheduler counts of it.

    Daemons are in the node's capacity already. `placed`: those of a workload that stand anywhere; `sees_all`: the scheduler counts all that
    is used, and so overfills nothing whatever we ask for at once.
    """

    used: Mapping[NodeRef, Resources]
    told: Mapping[NodeRef, Resources]
    here: Mapping[tuple[NodeRef, WorkloadRef], int]
    placed: Mapping[WorkloadRef, int]
    sees_all: bool

    @classmethod
    def of(cls, ctx: Context, replicas: tuple[Replica, ...]) -> Self:
        """By what these replicas use."""
        known = {one.ref: one for one in ctx.state.workloads if one.kind is not WorkloadKind.GLOBAL}
        asks, sure = {ref: request_of(ctx, one) for ref, one in known.items()}, {ref for ref, one in known.items() if _sure(ctx, one)}
        here = Counter((one.node, one.workload) for one in replicas if one.node)
        used, told, placed = defaultdict[NodeRef, Resources](Resources), defaultdict[NodeRef, Resources](Resources), Counter[WorkloadRef]()
        for (node, ref), count in here.items():
            placed[ref] += count
            if ref in known:
                used[node] += asks[ref].times(count)
            if ref in sure:
                told[node] += asks[ref].times(count)
        return cls(used, told, here, placed, len(sure) == len(known))

    def room(self, node: Node) -> Resources:
        """What the node has left beside everything on it."""
        return node.capacity - self.used.get(node.ref, NOTHING)


def room_on(ctx: Context, node: Node) -> Resources:
    """What the node has left beside everything on it, stopping ones too: they use it until they are gone."""
    return _Usage.of(ctx, replicas_on(ctx.state, node.ref)).room(node)


def room_for(ctx: Context, workload: Workload, count: int, *, but: StepId) -> tuple[Reason, ...]:
    """Why `count` more may not be asked for: there is no room for them, or a node could be overfilled."""
    usage, asks = _Usage.of(ctx, ctx.state.replicas), request_of(ctx, workload)
    nodes = _candidates(ctx, workload)
    room = sum(min(_may_come(ctx, workload, node, count, usage), asks.fits_times(usage.room(node))) for node in nodes)
    if room < count:
        return (Reason(Code.NO_ROOM, (count, room), "replicas", (str(workload.ref),)),)
    coming = _coming(ctx, but, usage)
    refused = refused_room(ctx, workload, count) or refused_devices(ctx, workload, count, coming, sure=_sure(ctx, workload))
    return refused or _overfills(ctx, workload, count, _asks(ctx, coming), usage)


def overfills(ctx: Context, workload: Workload, count: int, *, but: StepId, beside: Resources = NOTHING) -> tuple[Reason, ...]:
    """Why `count` more, wherever their scheduler puts them, could exceed a node: it knows less of what is used than we do.

    What other steps asked for and is not seen anywhere yet may land on the same node. `but`: the step that asks; `beside`:
    what it brings of other workloads.
    """
    usage = _Usage.of(ctx, ctx.state.replicas)
    coming, sure = _coming(ctx, but, usage), _sure(ctx, workload)
    refused = () if sure else refused_devices(ctx, workload, count, coming, sure=sure)
    return refused or _overfills(ctx, workload, count, _asks(ctx, coming) + beside, usage)


def _overfills(ctx: Context, workload: Workload, count: int, coming: Resources, usage: _Usage) -> tuple[Reason, ...]:
    names, asks, beside = [], request_of(ctx, workload), NOTHING if usage.sees_all else coming
    for node in _candidates(ctx, workload):
        may = _may_come(ctx, workload, node, count, usage)
        names += [node.name] if may and not (asks.times(may) + beside).fits(usage.room(node)) else []
    return (Reason(Code.NO_ROOM, (count,), "replicas", (str(workload.ref), *names)),) if names else ()


def _candidates(ctx: Context, workload: Workload) -> tuple[Node, ...]:
    """Nodes its scheduler may pick."""
    return tuple(node for node in ctx.state.nodes if _takes(node, workload))


def _may_come(ctx: Context, workload: Workload, node: Node, count: int, usage: _Usage) -> int:
    """How many of them may land on the node: as many as fit by what its scheduler counts, and by the workload's own rules."""
    here = usage.here.get((node.ref, workload.ref), 0)
    spread = 1 if workload.shape.host_ports else workload.shape.max_per_node
    most = count if spread is None else max(0, min(count, spread - here))
    if not _sure(ctx, workload):
        return most
    free = node.capacity - usage.told.get(node.ref, NOTHING)
    return min(most, workload.shape.requests.fits_times(free))


def _sure(ctx: Context, workload: Workload) -> bool:
    """Whether its scheduler keeps what it asks for free."""
    return ctx.state.capabilities.reserves and workload.shape.origin is Origin.DECLARED and workload.shape.requests != NOTHING


def _coming(ctx: Context, but: StepId, usage: _Usage) -> Counter[WorkloadRef]:
    """What was asked for and stands nowhere yet: counts told and not reached, counts about to be told, and what is being evacuated."""
    found = Counter[WorkloadRef]()
    for workload in ctx.state.workloads:
        if workload.kind is WorkloadKind.REPLICATED:
            found[workload.ref] += max(0, workload.wanted - usage.placed.get(workload.ref, 0))
    for record in ctx.commitments.records:
        if record.planned.id != but and record.status in (StepStatus.INTENDED, StepStatus.SENT):
            found += _asked(ctx, record)
    return +found


def _asks(ctx: Context, coming: Counter[WorkloadRef]) -> Resources:
    """All of them together."""
    found = ((ctx.workload(ref), count) for ref, count in coming.items())
    return sum((request_of(ctx, workload).times(count) for workload, count in found if workload), NOTHING)


def _asked(ctx: Context, record: StepRecord) -> Counter[WorkloadRef]:
    """What a step under way brings that the observation does not show."""
    step, intent = record.planned.step, record.intent
    if intent is None:
        return Counter()
    if isinstance(step, SetReplicas):
        workload = ctx.workload(step.workload)
        return Counter({step.workload: max(0, intent.wanted - workload.wanted)}) if workload else Counter()
    if not isinstance(step, Evacuate):
        return Counter()
    there = {one.id: one.workload for one in replicas_on(ctx.state, step.node) if one.id in intent.replicas}
    return Counter(ref for ref in there.values() if ctx.workload(ref))


def _takes(node: Node, workload: Workload) -> bool:
    open_ = node.state is NodeState.READY and node.availability is NodeAvailability.OPEN
    return open_ and workload.shape.may_stand(node.labels, node.taints)
