"""The world as model values: what a reader is shown, and what the checks hold against it."""

from functools import reduce
from operator import sub

from autoscaler.model.nodes import Instance, Node, NodeState
from autoscaler.model.observations import Capabilities, ClusterState, Moves
from autoscaler.model.pools import Offering, PoolState
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import InstanceRef, NodeRef, OfferingName, PoolName, ReplicaId, Token, TrafficName, WorkloadRef
from autoscaler.model.traffic import Member, RotationState
from autoscaler.model.workloads import Replica, ReplicaState, Workload
from autoscaler.simulation.world import machines, replicas, rotation
from autoscaler.simulation.world.core import Core
from autoscaler.simulation.world.devices import devices_of
from autoscaler.simulation.world.removal import removal_order
from autoscaler.simulation.world.specs import OfferingSpec, WorldPool
from autoscaler.simulation.world.standing import welcome
from autoscaler.simulation.world.state import Hire, Host, Machine, Phase, Seat, Service, Unit

SWARM = Capabilities(moves=Moves.NODE, conditional_writes=True, reserves=True)
BOUND = Capabilities(
    moves=Moves.REPLICA, bound=True, stops=True, chosen_victims=True, conditional_writes=True, reserves=True, names_devices=True
)

PHASES = {
    Phase.WAITING: ReplicaState.WAITING,
    Phase.STARTING: ReplicaState.STARTING,
    Phase.SETTLING: ReplicaState.STARTING,
    Phase.RUNNING: ReplicaState.RUNNING,
    Phase.STOPPING: ReplicaState.STOPPING,
}


def capabilities(core: Core) -> Capabilities:
    """What this world's orchestrator can do."""
    return BOUND if core.spec.bound else SWARM


def cluster_state(core: Core, read_at: Instant) -> ClusterState:
    """The orchestrator's side."""
    state = core.state
    return ClusterState(
        identity=f"simulated-{core.spec.name}",
        read_at=read_at,
        capabilities=capabilities(core),
        workloads=tuple(_workload(core, service) for service in state.services.values()),
        nodes=tuple(_node(core, host) for host in state.hosts.values()),
        replicas=tuple(_replica(core, unit) for unit in state.units.values()),
        owner=state.owner,
    )


def pool_state(core: Core, name: str, read_at: Instant) -> PoolState:
    """The cloud's side of one pool."""
    pool, hire = machines.find(core, name)
    return PoolState(
        pool=PoolName(name),
        read_at=read_at,
        wanted=machines.count(core, name),
        instances=tuple(_instance(one) for one in core.state.machines.values() if one.pool == name),
        offerings=_offerings(pool, hire),
        failed_launches=machines.failed_lately(core, hire),
    )


def rotation_state(core: Core, name: TrafficName, workloads: tuple[WorkloadRef, ...], read_at: Instant) -> RotationState:
    """The balancer's side, of these workloads."""
    asked = {ref.path: ref for ref in workloads}
    seats = [seat for seat in core.state.seats.values() if seat.service in asked]
    members = tuple(_member(core, asked[seat.service], seat) for seat in seats)
    free = tuple((ref, slots_left(core, path)) for path, ref in asked.items()) if core.spec.rotation_slots else ()
    return RotationState(traffic=name, read_at=read_at, members=members, free=free)


def slots_left(core: Core, path: str) -> int:
    """How many more members the backend holds."""
    return core.spec.rotation_slots - sum(seat.service == path for seat in core.state.seats.values())


def node_ref(host: Host) -> NodeRef:
    """A host's name outside."""
    return NodeRef(host.id, host.incarnation, host.name)


def _workload(core: Core, service: Service) -> Workload:
    spec = core.services[service.path]
    order = () if core.spec.bound else removal_order(core.state.of(service.path))
    return Workload(
        ref=core.ref(service.path),
        wanted=service.wanted,
        shape=spec.shape,
        kind=spec.kind,
        version=str(service.revision),
        updating=service.updating,
        obstacles=spec.obstacles,
        labels=tuple(sorted(spec.labels)),
        removal_order=tuple(ReplicaId(unit.id) for unit in order),
        stop_grace=spec.grace,
        failures=len(replicas.failed_lately(core, service)),
        marks=service.marks,
    )


def _node(core: Core, host: Host) -> Node:
    daemons = (spec.request for spec in core.services.values() if spec.everywhere and welcome(spec, host))
    return Node(
        ref=node_ref(host),
        name=host.name,
        state=NodeState.READY if host.up else NodeState.DOWN,
        availability=host.availability,
        capacity=reduce(sub, daemons, host.capacity),
        address=host.address or host.name,
        labels=host.labels,
        manager=host.manager,
        joined_at=Instant(host.joined_at),
        marks=host.marks,
        taints=host.taints,
        devices=host.devices,
    )


def _replica(core: Core, unit: Unit) -> Replica:
    host = core.state.hosts.get(unit.node)
    settling = unit.phase is Phase.SETTLING and core.spec.bound
    return Replica(
        id=ReplicaId(unit.id),
        workload=core.ref(unit.service),
        node=node_ref(host) if host else None,
        state=ReplicaState.RUNNING if settling else PHASES[unit.phase],
        healthy=unit.healthy,
        address=unit.address if unit.healthy or settling or unit.phase is Phase.STOPPING else "",
        started_at=Instant(unit.started_at),
        devices=unit.devices,
    )


def _instance(machine: Machine) -> Instance:
    return Instance(
        ref=InstanceRef(machine.id, machine.incarnation),
        state=machine.state,
        offering=OfferingName(machine.offering),
        node_name=machine.name,
        launched_at=Instant(machine.launched_at),
        token=Token(machine.token) if machine.token else None,
        ends_at=Instant(machine.ends_at) if machine.noticed else None,
    )


def _offerings(pool: WorldPool, hire: Hire) -> tuple[Offering, ...]:
    refused = dict(hire.sold_out)
    return tuple(_offering(each, refused.get(each.name, 0), pool.name, hire) for each in pool.offerings)


def _offering(each: OfferingSpec, until: int, pool: str, hire: Hire) -> Offering:
    return Offering(
        name=each.offering,
        capacity=each.capacity,
        price=each.price,
        zone=each.zone,
        spot=each.spot,
        labels=each.labels_in(pool),
        taints=each.taints,
        devices=devices_of(each.devices),
        sold_out_until=Instant(until),
        standby=machines.standing_by(hire, each),
    )


def _member(core: Core, ref: WorkloadRef, seat: Seat) -> Member:
    sessions = rotation.in_flight(core, seat)
    return Member(workload=ref, address=seat.address, state=seat.state, sessions=sessions, up=rotation.up(core, seat))
