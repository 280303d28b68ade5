"""Room: what is used and what may land on a node never exceed it, whichever node the orchestrator picks."""

from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.nodes import Node, NodeAvailability, NodeState
from autoscaler.model.observations import replicas_on
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import StepId
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.steps import Evacuate, SetReplicas
from autoscaler.model.workloads import Origin, Workload, WorkloadKind
from autoscaler.planning.conditions.context import Context
from autoscaler.planning.conditions.neighbours import refused_room
from autoscaler.planning.conditions.requests import request_of


def room_on(ctx: Context, node: Node) -> Resources:
    """What the node has left beside everything on it, stopping ones too: they use it until they are gone."""
    return node.capacity - _used(ctx, node, declared_only=False)


def room_for(ctx: Context, workload: Workload, count: int, *, but: StepId) -> tuple[Reason, ...]:
    """Why `count` more may not be asked for: there is no room for them, or a node could be overfilled."""
    room = sum(min(_may_come(ctx, workload, node, count), _fit(ctx, workload, node)) for node in _candidates(ctx, workload))
    if room < count:
        return (Reason(Code.NO_ROOM, (count, room), "replicas", (str(workload.ref),)),)
    return refused_room(ctx, workload, count) or overfills(ctx, workload, count, but=but)


def overfills(ctx: Context, workload: Workload, count: int, *, but: StepId, beside: Resources = NOTHING) -> tuple[Reason, ...]:
    """Why `count` more, wherever their scheduler puts them, could exceed a node: it knows less of what is used than we do.

    What other steps asked for and is not seen anywhere yet may land on the same node. `but`: the step that asks; `beside`:
    what it brings of other workloads.
    """
    coming, names = _coming(ctx, but) + beside, []
    for node in _candidates(ctx, workload):
        may = _may_come(ctx, workload, node, count)
        need = request_of(ctx, workload).times(may) + (NOTHING if _sees_all(ctx) else coming)
        names += [node.name] if may and not need.fits(room_on(ctx, node)) else []
    return (Reason(Code.NO_ROOM, (count,), "replicas", (str(workload.ref), *names)),) if names else ()


def _candidates(ctx: Context, workload: Workload) -> tuple[Node, ...]:
    """Nodes its scheduler may pick."""
    return tuple(node for node in ctx.state.nodes if _takes(node, workload))


def _may_come(ctx: Context, workload: Workload, node: Node, count: int) -> int:
    """How many of them may land on the node: as many as fit by what its scheduler counts, and by the workload's own rules."""
    here = sum(one.workload == workload.ref for one in replicas_on(ctx.state, node.ref))
    spread = 1 if workload.shape.host_ports else workload.shape.max_per_node
    most = count if spread is None else max(0, min(count, spread - here))
    if not _sure(ctx, workload):
        return most
    free = node.capacity - _used(ctx, node, declared_only=True)
    return min(most, workload.shape.requests.fits_times(free))


def _fit(ctx: Context, workload: Workload, node: Node) -> int:
    return request_of(ctx, workload).fits_times(room_on(ctx, node))


def _sure(ctx: Context, workload: Workload) -> bool:
    """Whether its scheduler keeps what it asks for free."""
    return ctx.state.capabilities.reserves and workload.shape.origin is Origin.DECLARED and workload.shape.requests != NOTHING


def _sees_all(ctx: Context) -> bool:
    """Whether its scheduler counts all that is used, and so overfills nothing whatever we ask for at once."""
    return all(_sure(ctx, one) for one in ctx.state.workloads if one.kind is not WorkloadKind.GLOBAL)


def _used(ctx: Context, node: Node, *, declared_only: bool) -> Resources:
    """By what stands there; daemons are in the node's capacity already."""
    total, known = NOTHING, {one.ref: one for one in ctx.state.workloads if one.kind is not WorkloadKind.GLOBAL}
    for replica in replicas_on(ctx.state, node.ref):
        workload = known.get(replica.workload)
        if workload and (not declared_only or _sure(ctx, workload)):
            total += request_of(ctx, workload)
    return total


def _coming(ctx: Context, but: StepId) -> Resources:
    """What was asked for and stands nowhere yet: counts told and not reached, counts about to be told, and what is being evacuated."""
    total = NOTHING
    for workload in ctx.state.workloads:
        if workload.kind is WorkloadKind.REPLICATED:
            placed = sum(one.node is not None for one in ctx.replicas(workload.ref))
            total += request_of(ctx, workload).times(max(0, workload.wanted - placed))
    for record in ctx.commitments.records:
        if record.planned.id != but and record.status in (StepStatus.INTENDED, StepStatus.SENT):
            total += _asked(ctx, record)
    return total


def _asked(ctx: Context, record: StepRecord) -> Resources:
    """What a step under way brings that the observation does not show."""
    step, intent = record.planned.step, record.intent
    if intent is None:
        return NOTHING
    if isinstance(step, SetReplicas):
        workload = ctx.workload(step.workload)
        unseen = intent.wanted - workload.wanted if workload else 0
        return request_of(ctx, workload).times(max(0, unseen)) if workload else NOTHING
    if not isinstance(step, Evacuate):
        return NOTHING
    there = {one.id: one.workload for one in replicas_on(ctx.state, step.node) if one.id in intent.replicas}
    moving = [workload for ref in there.values() if (workload := ctx.workload(ref))]
    return sum((request_of(ctx, workload) for workload in moving), NOTHING)


def _takes(node: Node, workload: Workload) -> bool:
    open_ = node.state is NodeState.READY and node.availability is NodeAvailability.OPEN
    return open_ and workload.shape.may_stand(node.labels, node.taints)
