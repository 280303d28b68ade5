"""Room: what is used and what may land on a node never exceed it."""

from autoscaler.model.nodes import Node, NodeAvailability, NodeState
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.workloads import Origin, Shape, Workload
from autoscaler.planning.conditions.context import Context


def room_on(ctx: Context, node: Node) -> Resources:
    """What the node has left beside everything on it, stopping ones too: they use it until they are gone."""
    used = NOTHING
    shapes = {workload.ref: workload.shape for workload in ctx.state.workloads}
    for replica in ctx.state.replicas:
        if replica.node == node.ref and replica.workload in shapes:
            used += shapes[replica.workload].requests
    return node.capacity - used


def candidates(ctx: Context, shape: Shape) -> tuple[Node, ...]:
    """Nodes the orchestrator may pick for one more replica of this shape."""
    return tuple(node for node in ctx.state.nodes if _takes(node, shape))


def room_for(ctx: Context, workload: Workload, count: int) -> tuple[Reason, ...]:
    """Why `count` more may not be asked for.

    A scheduler that keeps declared requests free leaves what does not fit waiting: it is enough that they fit somewhere. Any other
    may overfill a node: each one it may pick must hold one more, or we wait. (One, not `count`: such schedulers spread.)
    """
    shape = workload.shape
    fits = [shape.requests.fits_times(room_on(ctx, node)) for node in candidates(ctx, shape)]
    reserves = ctx.state.capabilities.reserves and shape.origin is Origin.DECLARED
    enough = sum(fits) >= count and (reserves or all(fits))
    return () if enough else (Reason(Code.NO_ROOM, (count, sum(fits)), "replicas", (str(workload.ref),)),)


def _takes(node: Node, shape: Shape) -> bool:
    open_ = node.state is NodeState.READY and node.availability is NodeAvailability.OPEN
    labels = dict(node.labels)
    return open_ and all((labels.get(rule.key) == rule.value) is rule.equal for rule in shape.node_rules)
