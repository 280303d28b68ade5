"""What was seen, in one frozen value. Each part has its own `read_at`; what could not be read is Unknown, never empty."""

from dataclasses import dataclass
from enum import StrEnum

from autoscaler.model.marks import OwnerMark
from autoscaler.model.nodes import Instance, Node
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, NodeRef, PoolName, TrafficName, WorkloadRef
from autoscaler.model.samples import MetricReading, Reading, Unknown
from autoscaler.model.traffic import Member, RotationState
from autoscaler.model.workloads import Replica, Workload


class Moves(StrEnum):
    """The finest thing an orchestrator can be told to empty."""

    REPLICA = "replica"
    WORKLOAD_ON_NODE = "workload_on_node"
    NODE = "node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an orchestrator can do. Planning asks these, never a plugin's name.

    `bound`: we choose a new replica's node; else its scheduler does and a destination in a plan is only expected.
    `stops`: we stop the old copy ourselves; else the orchestrator does, once told to empty.
    `chosen_victims`: we choose who goes at a scale-down; else it is predicted by `Workload.removal_order`.
    `reserves`: its scheduler keeps declared requests free; else every node it may pick must fit.
    `names_devices`: where we choose the node, we may choose which of its devices too, and both of each that a higher count brings.
    """

    moves: Moves = Moves.NODE
    bound: bool = False
    stops: bool = False
    chosen_victims: bool = False
    conditional_writes: bool = True
    reserves: bool = True
    names_devices: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterState:
    """One orchestrator, read at once. `identity` tells this cluster from another at the same address.

    `ended`: replicas that run no more and are still listed. They hold nothing and serve nobody; only rules look at them.
    """

    identity: str
    read_at: Instant
    capabilities: Capabilities
    workloads: tuple[Workload, ...]
    nodes: tuple[Node, ...]
    replicas: tuple[Replica, ...]
    owner: OwnerMark | None = None
    ended: tuple[Replica, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolView:
    """A pool that was asked for, and what came of it."""

    pool: PoolName
    state: PoolState | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationView:
    """A rotation that was asked for, and what came of it."""

    traffic: TrafficName
    state: RotationState | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """All that one tick may know of the outside. `at`: when its reading began."""

    cluster: ClusterName
    at: Instant
    state: ClusterState | Unknown
    pools: tuple[PoolView, ...] = ()
    rotations: tuple[RotationView, ...] = ()
    metrics: tuple[MetricReading, ...] = ()

    def pool(self, name: PoolName) -> PoolState | Unknown:
        """The pool's state; Unknown also when it was not asked for."""
        return next((view.state for view in self.pools if view.pool == name), Unknown(Code.MISSING))

    def rotation(self, name: TrafficName) -> RotationState | Unknown:
        """The rotation's state; Unknown also when it was not asked for."""
        return next((view.state for view in self.rotations if view.traffic == name), Unknown(Code.MISSING))

    def reading(self, metric: MetricName, workload: WorkloadRef) -> Reading:
        """What the metric read for the workload; Unknown also when it was not asked for."""
        wanted = (entry.reading for entry in self.metrics if (entry.metric, entry.workload) == (metric, workload))
        return next(wanted, Unknown(Code.MISSING))


def workload_of(state: ClusterState, ref: WorkloadRef) -> Workload | None:
    """The workload `ref` names, if it was seen."""
    return next((workload for workload in state.workloads if workload.ref == ref), None)


def node_of(state: ClusterState, ref: NodeRef) -> Node | None:
    """The node `ref` names, same incarnation, if it was seen."""
    return next((node for node in state.nodes if node.ref == ref), None)


def replicas_of(state: ClusterState, ref: WorkloadRef) -> tuple[Replica, ...]:
    """The workload's replicas, in the order seen."""
    return tuple(replica for replica in state.replicas if replica.workload == ref)


def replicas_on(state: ClusterState, ref: NodeRef) -> tuple[Replica, ...]:
    """What stands on the node, stopping ones too."""
    return tuple(replica for replica in state.replicas if replica.node == ref)


def instance_of(pool: PoolState, node: Node) -> Instance | None:
    """The pool's machine behind the node, matched by name."""
    return next((instance for instance in pool.instances if instance.node_name == node.name), None)


def member_of(rotation: RotationState, replica: Replica) -> Member | None:
    """The replica's place in rotation, matched by workload and address."""
    found = (one for one in rotation.members if (one.workload, one.address) == (replica.workload, replica.address))
    return next(found, None)
