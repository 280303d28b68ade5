"""One request, looked up by name: what stands where, whose machine it is, what may leave."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from autoscaler.contracts.policy import Policy
from autoscaler.model.available import Rotations
from autoscaler.model.commitments import BEGUN
from autoscaler.model.history import Histories
from autoscaler.model.lately import lately
from autoscaler.model.marks import AVAILABILITY, mark_of
from autoscaler.model.nodes import Instance, InstanceState, Node, NodeAvailability, NodeState
from autoscaler.model.observations import ClusterState
from autoscaler.model.policies import Availability, Mode
from autoscaler.model.pools import JOIN_TIMEOUT, Offering, PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import NodeRef, OfferingName, PoolName, ReplicaId, WorkloadRef
from autoscaler.model.resources import NOTHING
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import LeaveTraffic
from autoscaler.model.traffic import RotationState
from autoscaler.model.workloads import Origin, Replica, ReplicaState, Shape, Workload, WorkloadKind, surge_of
from autoscaler.planning.request import PlanRequest

LIVING = (ReplicaState.STARTING, ReplicaState.RUNNING)
WAITING = ReplicaState.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A node with the machine behind it, where its pool was seen."""

    node: Node
    pool: PoolName | None = None
    instance: Instance | None = None

    @property
    def ends_at(self) -> Instant | None:
        """When its cloud takes the machine, if it has said so."""
        return self.instance.ends_at if self.instance else None

    @property
    def counted_in(self) -> PoolName | None:
        """The pool whose count has it: none any more once the cloud ends it, however long its node is still seen."""
        gone = self.instance is None or self.instance.state in (InstanceState.STOPPING, InstanceState.FAILED)
        return None if gone else self.pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The request, indexed. The cluster was read; a pool may be missing in `pools` because it could not be.

    `nodes`: by id. `here` and `of`: all replicas of a node and of a workload; `standing`, `running`, `waiting`: what `live_on`, `live`,
    `homeless` tell; `grouped`: what `live_on` does, by workload. `strange`: workloads that were not seen and have replicas. `surged`: our
    surge, of those that have one. `ruled`: the first policy of each workload. `standing_by`: names of nodes whose machines are stopped
    until they are needed.
    """

    request: PlanRequest
    state: ClusterState
    nodes: dict[str, Node]
    workloads: dict[WorkloadRef, Workload]
    machines: dict[NodeRef, Machine]
    pools: dict[PoolName, PoolState]
    here: dict[NodeRef, tuple[Replica, ...]]
    of: dict[WorkloadRef, tuple[Replica, ...]]
    standing: dict[NodeRef, tuple[Replica, ...]]
    grouped: dict[NodeRef, dict[WorkloadRef, list[Replica]]]
    running: dict[WorkloadRef, tuple[Replica, ...]]
    waiting: dict[WorkloadRef, tuple[Replica, ...]]
    strange: frozenset[WorkloadRef]
    surged: dict[WorkloadRef, int]
    ruled: dict[WorkloadRef, Policy]
    promised: dict[WorkloadRef, Availability]
    offered: dict[tuple[PoolName, OfferingName], Offering]
    serving: dict[WorkloadRef, frozenset[ReplicaId]]
    lately: Histories
    standing_by: frozenset[str]

    @classmethod
    def gather(cls, request: PlanRequest, state: ClusterState) -> Self:
        """Index the request."""
        pools = {view.pool: view.state for view in request.observation.pools if not isinstance(view.state, Unknown)}
        workloads = {one.ref: one for one in state.workloads}
        daemons = frozenset(one.ref for one in state.workloads if one.kind is WorkloadKind.GLOBAL)
        of, here = _by_workload(state.replicas), _by_node(state.replicas)
        ruled = {one.workload: one for one in reversed(request.policies.policies)}
        promised = {ref: ruled[ref].availability if ref in ruled else request.policies.availability for ref in workloads}
        promised |= _patient(request, promised)
        standing = _standing(here, daemons)
        return cls(
            request=request,
            state=state,
            nodes={node.ref.id: node for node in state.nodes},
            workloads=workloads,
            machines=_machines(state.nodes, pools),
            pools=pools,
            here=here,
            of=of,
            standing=standing,
            grouped={ref: _grouped(there) for ref, there in standing.items()},
            running=_running(of, here, state.nodes),
            waiting={ref: tuple([one for one in there if one.state is WAITING and one.node is None]) for ref, there in of.items()},
            strange=frozenset(of.keys() - workloads.keys()),
            surged={one.ref: surge for one in state.workloads if one.marks and (surge := surge_of(one))},
            ruled=ruled,
            promised=promised,
            offered={(name, one.name): one for name, pool in pools.items() for one in reversed(pool.offerings)},
            serving=_serving(request, of, promised),
            lately=lately(request.histories, request.commitments, state),
            standing_by=frozenset(name for pool in pools.values() for name in pool.standing_by),
        )

    @property
    def now(self) -> Instant:
        """When the observation began: the only clock there is."""
        return self.request.observation.at

    def availability(self, ref: WorkloadRef) -> Availability:
        """What our changes must leave the workload."""
        return self.promised.get(ref) or self.request.policies.availability_of(ref)

    def base(self, ref: WorkloadRef) -> int:
        """The wanted count without our surge; 0 for a workload not seen."""
        workload = self.workloads.get(ref)
        return workload.wanted - self.surged.get(ref, 0) if workload else 0

    def surge(self, ref: WorkloadRef) -> int:
        """Our surge in the wanted count."""
        return self.surged.get(ref, 0)

    def live(self, ref: WorkloadRef) -> tuple[Replica, ...]:
        """Replicas that stand on a node that answers, stopping ones not counted."""
        return self.running.get(ref, ())

    def homeless(self, ref: WorkloadRef) -> tuple[Replica, ...]:
        """Replicas that nobody has found a node for."""
        return self.waiting.get(ref, ())

    def live_on(self, node: NodeRef) -> tuple[Replica, ...]:
        """What stands on the node and would have to move: no daemons, nothing that stops already."""
        return self.standing.get(node, ())

    def held_on(self, node: NodeRef) -> Mapping[WorkloadRef, Sequence[Replica]]:
        """The same by workload."""
        return self.grouped.get(node, {})

    def parting(self, ref: WorkloadRef, nodes: frozenset[NodeRef]) -> frozenset[ReplicaId]:
        """Healthy replicas that our own closing of one of `nodes` took out of rotation: what its plan counted on having to spare."""
        if not nodes:
            return frozenset()
        began = (one for one in self.request.commitments.records if one.status in BEGUN and isinstance(one.planned.step, LeaveTraffic))
        named = (one.intent.replicas for one in began if one.intent and getattr(one.planned.step, "node", None) in nodes)
        out = frozenset(replica for replicas in named for replica in replicas)
        if not out:
            return out
        return frozenset(one.id for one in self.live(ref) if one.id in out and one.healthy)

    def counted(self, ref: WorkloadRef) -> bool:
        """Whether the workload has replicas of its own; daemons end with their node and are in its capacity already."""
        workload = self.workloads.get(ref)
        return workload is None or workload.kind is not WorkloadKind.GLOBAL

    def answers(self, node: NodeRef) -> bool:
        """Whether the node is there and ready."""
        machine = self.machines.get(node)
        return machine is not None and machine.node.state is NodeState.READY

    def shape(self, workload: Workload) -> Shape:
        """Its shape; one without any request is taken to need the cluster's default, never nothing."""
        if workload.shape.requests != NOTHING:
            return workload.shape
        return replace(workload.shape, requests=self.request.policies.request, origin=Origin.DEFAULT)

    def ends_at(self, node: NodeRef | None) -> Instant | None:
        """When the node's cloud takes its machine, if it has said so."""
        machine = self.machines.get(node) if node else None
        return machine.ends_at if machine else None

    def drained(self, node: Node) -> bool:
        """Whether somebody asked for the node to be emptied, by its name or its id."""
        return bool({node.name, node.ref.id} & self.request.drains)

    def must_empty(self, node: Node) -> bool:
        """Whether the node has to be emptied, wanted or not: somebody asked for it, or its cloud takes it."""
        return self.drained(node) or self.ends_at(node.ref) is not None

    def node(self, ref: NodeRef) -> Node | None:
        """The node, same incarnation, if it was seen."""
        machine = self.machines.get(ref)
        return machine.node if machine else None

    def named(self, name: str) -> Node | None:
        """The node of this name."""
        return next((one.node for one in self.machines.values() if one.node.name == name), None)

    def managed_pool(self, node: NodeRef) -> PoolName | None:
        """The pool the node belongs to, if a policy names it, it was seen, and its mode lets us act on it."""
        machine = self.machines.get(node)
        pool = machine.pool if machine else None
        policy = self.request.policies.pool(pool) if pool else None
        return pool if policy and policy.spec.mode not in (Mode.RECOMMEND, Mode.OFF) else None

    def rests(self, node: Node) -> bool:
        """Whether it was emptied for somebody and stays so: in no pool that would have it back, and nobody asked to open it again."""
        if not ours(node) or {node.name, node.ref.id} & self.request.reopens:
            return False
        if node.availability is NodeAvailability.EMPTYING:
            return self.managed_pool(node.ref) is None
        return self.machines[node.ref].pool is None and not self.live_on(node.ref)  # nothing stood there, so the fence was all

    def offering(self, instance: Instance, pool: PoolName) -> Offering | None:
        """What the machine was opened as."""
        return self.offered.get((pool, instance.offering))

    def joining(self, pool: PoolName) -> tuple[Instance, ...]:
        """Machines paid for that their orchestrator does not see yet, and should soon."""
        known = {one.node.name for one in self.machines.values()}
        return tuple(one for one in self.pools[pool].instances if one.node_name not in known and self._comes(one, pool))

    def lost(self, pool: PoolName) -> tuple[Instance, ...]:
        """Machines that run, and that their orchestrator should have seen long ago."""
        known = {one.node.name for one in self.machines.values()}
        running = (one for one in self.pools[pool].instances if one.state is InstanceState.RUNNING)
        return tuple(one for one in running if one.node_name not in known and not self._comes(one, pool))

    def patience(self, pool: PoolName) -> Duration:
        """How long a machine that runs may take to be seen by its orchestrator: after that it is no capacity to come."""
        policy = self.request.policies.pool(pool)
        return policy.spec.join_timeout if policy else JOIN_TIMEOUT

    def resting(self, pool: PoolName) -> bool:
        """Whether nothing is launched into it for now, for its machines do not join."""
        return self.now < self.pools[pool].rests_until

    def comes_again(self, machine: Machine) -> bool:
        """Whether the node is of an earlier start of its machine, which stood by, was started, and will be ready soon."""
        node, instance = machine.node, machine.instance
        if node.state is NodeState.READY or instance is None or machine.pool is None or not self._comes(instance, machine.pool):
            return False
        return instance.state is InstanceState.LAUNCHING or 0 < node.joined_at < instance.launched_at

    def _comes(self, instance: Instance, pool: PoolName) -> bool:
        young = self.now - instance.launched_at <= self.patience(pool).ms
        return instance.state is InstanceState.LAUNCHING or (instance.state is InstanceState.RUNNING and young)


def promises(replica: Replica) -> bool:
    """Whether it serves, or will before long: not one that runs and is ill."""
    return replica.healthy or replica.state is ReplicaState.STARTING


def ours(node: Node) -> bool:
    """Whether it was we who closed it."""
    return node.availability is not NodeAvailability.OPEN and mark_of(node.marks, AVAILABILITY) is not None


def _by_workload(replicas: Iterable[Replica]) -> dict[WorkloadRef, tuple[Replica, ...]]:
    return {ref: tuple(there) for ref, there in _grouped(replicas).items()}


def _by_node(replicas: Iterable[Replica]) -> dict[NodeRef, tuple[Replica, ...]]:
    found: dict[tuple[str, str], tuple[NodeRef, list[Replica]]] = {}
    for one in replicas:
        ref = one.node  # each replica has one of its own: its parts are hashed and compared in a fraction of the time
        if ref is not None:
            parts = ref.id, ref.incarnation
            if parts in found:
                found[parts][1].append(one)
            else:
                found[parts] = ref, [one]
    return {ref: tuple(there) for ref, there in found.values()}


def _standing(here: dict[NodeRef, tuple[Replica, ...]], daemons: frozenset[WorkloadRef]) -> dict[NodeRef, tuple[Replica, ...]]:
    living = {ref: [one for one in there if one.state in LIVING] for ref, there in here.items()}
    return {ref: tuple([one for one in there if one.workload not in daemons] if daemons else there) for ref, there in living.items()}


def _grouped(there: Iterable[Replica]) -> dict[WorkloadRef, list[Replica]]:
    found: dict[WorkloadRef, list[Replica]] = defaultdict(list)
    for one in there:
        found[one.workload].append(one)
    return found


def _running(
    of: dict[WorkloadRef, tuple[Replica, ...]], here: dict[NodeRef, tuple[Replica, ...]], nodes: tuple[Node, ...]
) -> dict[WorkloadRef, tuple[Replica, ...]]:
    ready = {node.ref for node in nodes if node.state is NodeState.READY}
    off = {(one.workload, one.id) for ref, there in here.items() if ref not in ready for one in there}  # mostly nobody
    found = ((ref, [one for one in there if one.state in LIVING and one.node is not None]) for ref, there in of.items())
    return {ref: tuple([one for one in there if (ref, one.id) not in off] if off else there) for ref, there in found}


def _patient(request: PlanRequest, promised: dict[WorkloadRef, Availability]) -> dict[WorkloadRef, Availability]:
    """Those whose balancer has a time of its own for who leaves: it is that one then, not the policy's."""
    seen = ((view.traffic, view.state) for view in request.observation.rotations if isinstance(view.state, RotationState))
    own = ((traffic, ref, span) for traffic, state in seen for ref, span in state.drains)
    return {ref: replace(promised[ref], drain=span) for traffic, ref, span in own if ref in promised and promised[ref].traffic == traffic}


def _serving(
    request: PlanRequest, of: dict[WorkloadRef, tuple[Replica, ...]], promised: dict[WorkloadRef, Availability]
) -> dict[WorkloadRef, frozenset[ReplicaId]]:
    rotations = Rotations(request.observation)
    return {ref: rotations.available(of.get(ref, ()), one.traffic) for ref, one in promised.items()}


def _machines(nodes: tuple[Node, ...], pools: dict[PoolName, PoolState]) -> dict[NodeRef, Machine]:
    """The first machine of the first pool that has the node's name."""
    named = {one.node_name: (name, one) for name, pool in reversed(pools.items()) for one in reversed(pool.instances)}
    found = ((node, named.get(node.name)) for node in nodes)
    return {node.ref: Machine(node=node, pool=one[0], instance=one[1]) if one else Machine(node=node) for node, one in found}
