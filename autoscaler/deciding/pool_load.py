"""How full a pool is: the built-in metrics `cpu` and `memory` of pools, the share of what its nodes offer that their replicas request."""

from collections.abc import Iterable, Mapping

from autoscaler.model.nodes import InstanceState, NodeState
from autoscaler.model.observations import ClusterState
from autoscaler.model.pools import PoolState
from autoscaler.model.reasons import Code
from autoscaler.model.refs import BUILT_IN_METRICS, MetricName, NodeRef, WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.samples import Reading, Sample, Unknown
from autoscaler.model.workloads import ReplicaState, WorkloadKind

WHOLE = 1000


def pool_load(pool: PoolState | Unknown, state: ClusterState | Unknown, usual: Resources) -> Mapping[MetricName, Reading]:
    """Both, over nodes that are ready; unknown without any. `usual`: what a replica that declares nothing is taken to request."""
    if isinstance(pool, Unknown) or isinstance(state, Unknown):
        return {}
    names = {one.node_name for one in pool.instances if one.state is InstanceState.RUNNING}
    nodes = {one.ref: one.capacity for one in state.nodes if one.name in names and one.state is NodeState.READY}
    offered, requested = _sum(nodes.values()), _requested(state, nodes, usual)
    pairs = zip(BUILT_IN_METRICS, (requested.cpu, requested.memory), (offered.cpu, offered.memory), strict=True)
    return {name: _share(part, whole, pool, len(nodes)) for name, part, whole in pairs}


def _share(part: int, whole: int, pool: PoolState, nodes: int) -> Reading:
    return Sample(part * WHOLE // whole, pool.read_at, covers=nodes) if whole else Unknown(Code.MISSING)


def _requested(state: ClusterState, nodes: Mapping[NodeRef, Resources], usual: Resources) -> Resources:
    """What the replicas on these nodes request; daemons are in the nodes' capacity already, and what stops will be gone."""
    shapes = {one.ref: _of(one.shape.requests, usual) for one in state.workloads if one.kind is not WorkloadKind.GLOBAL}
    there: dict[WorkloadRef, int] = {}
    for one in state.replicas:
        if one.node in nodes and one.state is not ReplicaState.STOPPING and one.workload in shapes:
            there[one.workload] = there.get(one.workload, 0) + 1
    return _sum(shapes[ref].times(count) for ref, count in there.items())


def _of(requests: Resources, usual: Resources) -> Resources:
    return usual if requests == NOTHING else requests


def _sum(amounts: Iterable[Resources]) -> Resources:
    total = NOTHING
    for one in amounts:
        total += one
    return total
