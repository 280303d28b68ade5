"""Places of our choice, a node and perhaps its devices, as all stand right now: whether they are still free."""

from collections import Counter
from collections.abc import Sequence

from autoscaler.model.nodes import NodeAvailability, NodeState
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, StepId, WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.steps import Place
from autoscaler.model.workloads import Workload
from autoscaler.planning.conditions.capacity import room_on
from autoscaler.planning.conditions.context import Context, gone
from autoscaler.planning.conditions.neighbours import refused_at, unseen
from autoscaler.planning.conditions.requests import request_of


def refused_places(ctx: Context, workload: Workload, places: Sequence[Place], but: StepId) -> tuple[Reason, ...]:
    """Why it may not be started there once each: a node that is not open, or holds no more beside those we asked for, or a rule."""
    coming = unseen(ctx, but)
    for ref, count in Counter(one.node for one in places).items():
        node = ctx.node(ref)
        if node is None:
            return gone(ref)
        if node.state is not NodeState.READY or node.availability is not NodeAvailability.OPEN:
            return (Reason(Code.NODE_NOT_READY, names=(node.name,)),)
        fits = request_of(ctx, workload).fits_times(room_on(ctx, node) - _taken(ctx, ref, coming))
        if fits < count:
            return (Reason(Code.NO_ROOM, (count, fits), "replicas", (str(workload.ref), node.name)),)
    return refused_at(ctx, workload, places, but)


def _taken(ctx: Context, node: NodeRef, coming: Sequence[tuple[WorkloadRef, Place]]) -> Resources:
    """What we asked for on the node and do not see there yet."""
    refs = [ref for ref, place in coming if place.node == node]
    return sum((request_of(ctx, workload) for ref in refs if (workload := ctx.workload(ref))), NOTHING)
