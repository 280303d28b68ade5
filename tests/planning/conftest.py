"""A small cluster to plan for, and a world in which steps simply work, one after the other, with the rules watched."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import pytest

from autoscaler.contracts.policy import ClusterPolicies, Policy, PoolPolicy
from autoscaler.model.commitments import Commitments, Intent, StepRecord, StepStatus
from autoscaler.model.decisions import Decision
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Arrivals, Histories, History, Recommendation, ScaleEvent
from autoscaler.model.marks import FieldChange, Mark
from autoscaler.model.nodes import Instance, InstanceState, Node, NodeAvailability, NodeState
from autoscaler.model.observations import Capabilities, ClusterState, Observation, PoolView, RotationView
from autoscaler.model.plans import Plan, PlannedStep
from autoscaler.model.policies import Availability, Bounds, Consolidation, Limits, Mode
from autoscaler.model.pools import Offering, PoolSpec, PoolState
from autoscaler.model.quantities import Duration, Instant, Money, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import (
    ClusterName,
    InstanceRef,
    NodeRef,
    OfferingName,
    PlanId,
    PolicyName,
    PoolName,
    ReplicaId,
    StoreId,
    Token,
    TrafficName,
    WorkloadRef,
)
from autoscaler.model.resources import Resources
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import (
    Evacuate,
    Fence,
    GrowPool,
    JoinTraffic,
    LeaveTraffic,
    Purpose,
    ReleaseInstance,
    RemoveNode,
    SetReplicas,
    StartReplica,
    Step,
    StopReplica,
    Undo,
    Unfence,
)
from autoscaler.model.traffic import Member, MemberState, RotationState
from autoscaler.model.workloads import Replica, ReplicaState, Shape, Workload
from autoscaler.planning import PlanRequest, plan, records

SHOP = ClusterName("shop")
EDGE = TrafficName("edge")
POOL = PoolName("general")
NOW = Instant(10_000_000)
SMALL = Offering(name=OfferingName("small"), capacity=Resources(4000, 4 * 2**30), price=Money(100_000))


@dataclass
class World:
    """Nodes named n1, n2, …; all in one pool but those of `static`. Change anything, then ask for `observation` or `plan`."""

    nodes: dict[str, Node] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    workloads: dict[WorkloadRef, Workload] = field(default_factory=dict)
    replicas: list[Replica] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    availability: dict[WorkloadRef, Availability] = field(default_factory=dict)
    decided: dict[WorkloadRef, int] = field(default_factory=dict)
    eventually: dict[WorkloadRef, int] = field(default_factory=dict)
    bounds: tuple[int, int] = (0, 20)
    consolidate: Consolidation = Consolidation()
    idle: Duration = Duration(300_000)
    limits: Limits = field(default_factory=Limits)
    capabilities: Capabilities = field(default_factory=Capabilities)
    offerings: tuple[Offering, ...] = (SMALL,)
    pool_unknown: bool = False
    rotation_read_at: Instant | None = None
    rotation_free: dict[WorkloadRef, int] = field(default_factory=dict)
    rotation_drains: dict[WorkloadRef, Duration] = field(default_factory=dict)
    failed_launches: int = 0
    standing_by: tuple[str, ...] = ()
    arrivals: Arrivals = Arrivals()
    idle_since: Instant | None = Instant(0)
    needed: list[Recommendation] = field(default_factory=list)
    events: dict[str, list[ScaleEvent]] = field(default_factory=dict)
    freezes: list[Freeze] = field(default_factory=list)
    drains: set[str] = field(default_factory=set)
    policies: dict[str, object] = field(default_factory=dict)
    at: Instant = NOW
    serial: int = 0

    def node(self, name: str, *, pooled: bool = True, capacity: Resources = SMALL.capacity, **more: object) -> NodeRef:
        ref = NodeRef(name, "1")
        made = Node(ref=ref, name=name, state=NodeState.READY, availability=NodeAvailability.OPEN, capacity=capacity)
        self.nodes[name] = replace(made, **more)  # type: ignore[arg-type]
        if pooled:
            machine = Instance(ref=InstanceRef(f"i-{name}", "1"), state=InstanceState.RUNNING, offering=SMALL.name, node_name=name)
            self.instances[name] = machine
        return ref

    def workload(
        self,
        name: str,
        places: Iterable[str],
        *,
        cpu: int = 1000,
        traffic: bool = True,
        surge: int | Share = 4,
        floor: Share = Share(1000),  # noqa: B008 - a frozen value
        allow_gap: bool = False,
        managed: bool = True,
        shape: Shape | None = None,
        **more: object,
    ) -> WorkloadRef:
        ref = WorkloadRef(SHOP, name)
        places = list(places)
        shape = shape or Shape(requests=Resources(cpu, 2**20))
        self.workloads[ref] = replace(Workload(ref=ref, wanted=len(places), shape=shape), **more)  # type: ignore[arg-type]
        self.availability[ref] = Availability(
            floor=floor, surge=surge, traffic=EDGE if traffic else None, allow_gap=allow_gap, managed=managed
        )
        for place in places:
            self.start(ref, place)
        if traffic:
            self.join(ref)
        return ref

    def start(self, ref: WorkloadRef, place: str, *, devices: tuple[int, ...] = ()) -> ReplicaId:
        self.serial += 1
        self.replicas.append(
            Replica(
                id=ReplicaId(f"r{self.serial:04}"),
                workload=ref,
                node=self.nodes[place].ref,
                state=ReplicaState.RUNNING,
                healthy=True,
                address=f"10.0.0.1:{self.serial}",
                started_at=Instant(self.serial),
                devices=devices,
            )
        )
        return self.replicas[-1].id

    def join(self, ref: WorkloadRef) -> None:
        live = {one.address for one in self.replicas if one.workload == ref}
        for address in [address for address, one in self.members.items() if one.workload == ref and address not in live]:
            del self.members[address]
        for one in self.replicas:
            emptying = one.node and self.nodes[one.node.id].availability is NodeAvailability.EMPTYING
            if one.workload == ref and one.healthy and not emptying:
                self.members[one.address] = Member(workload=ref, address=one.address, state=MemberState.READY, sessions=0, up=True)

    def leave(self, gone: Iterable[ReplicaId]) -> None:
        for one in self.replicas:
            if one.id in set(gone) and one.address in self.members:
                self.members[one.address] = replace(self.members[one.address], state=MemberState.OUT)

    def on(self, name: str, ref: WorkloadRef | None = None) -> list[Replica]:
        return [one for one in self.replicas if one.node and one.node.id == name and ref in (None, one.workload)]

    def order(self, ref: WorkloadRef) -> tuple[ReplicaId, ...]:
        """As Swarm: the n-th replica of a node goes before the (n-1)-th of any."""
        seen: Counter[str] = Counter()
        ranks = []
        for one in self.replicas:
            if one.workload == ref:
                seen[one.node.id if one.node else ""] += 1
                ranks.append((-seen[one.node.id] if one.node else -10_000, one.id))
        return tuple(name for _, name in sorted(ranks))

    def room(self, name: str) -> Resources:
        left = self.nodes[name].capacity
        for one in self.on(name):
            left -= self.workloads[one.workload].shape.requests
        return left

    def state(self) -> ClusterState:
        chosen = self.capabilities.chosen_victims
        workloads = (replace(one, removal_order=() if chosen else self.order(one.ref)) for one in self.workloads.values())
        return ClusterState(
            identity="c1",
            read_at=self.at,
            capabilities=self.capabilities,
            workloads=tuple(workloads),
            nodes=tuple(self.nodes.values()),
            replicas=tuple(self.replicas),
        )

    def pool(self) -> PoolState:
        return PoolState(
            pool=POOL,
            read_at=self.at,
            wanted=sum(one.state in (InstanceState.LAUNCHING, InstanceState.RUNNING) for one in self.instances.values()),
            instances=tuple(self.instances.values()),
            offerings=self.offerings,
            failed_launches=self.failed_launches,
            standing_by=self.standing_by,
        )

    def observation(self, state: ClusterState | Unknown | None = None) -> Observation:
        read_at = self.rotation_read_at or self.at
        members, free = tuple(self.members.values()), tuple(self.rotation_free.items())
        drains = tuple(self.rotation_drains.items())
        rotation = RotationState(traffic=EDGE, read_at=read_at, members=members, free=free, drains=drains)
        pool = Unknown(Code.LATE) if self.pool_unknown else self.pool()
        return Observation(
            cluster=SHOP,
            at=self.at,
            state=state or self.state(),
            pools=(PoolView(pool=POOL, state=pool),),
            rotations=(RotationView(traffic=EDGE, state=rotation),),
        )

    def request(self, commitments: Commitments | None = None, state: ClusterState | Unknown | None = None) -> PlanRequest:
        managed = [ref for ref, one in self.availability.items() if one.managed]
        policies = tuple(
            Policy(name=PolicyName(ref.path), workload=ref, bounds=Bounds(min=0, max=100), rules=(), availability=self.availability[ref])
            for ref in managed
        )
        spec = PoolSpec(name=POOL, cluster=SHOP, min=self.bounds[0], max=self.bounds[1], idle=self.idle, consolidate=self.consolidate)
        cluster = ClusterPolicies(cluster=SHOP, policies=policies, pools=(PoolPolicy(spec=spec),), limits=self.limits)
        mine = History(subject=f"pool:{POOL}", began=self.idle_since, recommendations=tuple(self.needed), arrivals=self.arrivals)
        histories = [mine] + [History(subject=subject, events=tuple(found)) for subject, found in self.events.items()]
        return PlanRequest(
            observation=self.observation(state),
            decisions=tuple(self.decision(ref, count) for ref, count in self.decided.items()),
            policies=replace(cluster, **self.policies),  # type: ignore[arg-type]
            histories=Histories(tuple(histories)),
            commitments=commitments or Commitments(),
            freezes=tuple(self.freezes),
            drains=frozenset(self.drains),
        )

    def decision(self, ref: WorkloadRef, count: int) -> Decision:
        current = self.workloads[ref].wanted - sum(int(one.ours) - int(one.was) for one in self.workloads[ref].marks)
        return Decision(
            policy=PolicyName(ref.path),
            workload=ref,
            at=self.at,
            mode=Mode.ACTIVE,
            current=current,
            recommended=count,
            eventually=self.eventually.get(ref, count),
            count=count,
            votes=(),
            stages=(),
        )

    def plan(self, commitments: Commitments | None = None) -> Plan:
        return plan(self.request(commitments))

    def adopt(self, made: Plan, before: Commitments | None = None) -> Commitments:
        return Commitments(plan=made, records=records(made, before or Commitments(), self.at))

    def apply(self, step: Step, made: Plan) -> Intent:
        """Do it at once; what cannot be told from the world is in the intent."""
        intent = Intent(token=Token("t"), term=1)
        doing: dict[type, Callable[[], Intent | None]] = {
            GrowPool: lambda: self._grow(step),
            Fence: lambda: self._availability(step, NodeAvailability.FENCED, made.id),
            Unfence: lambda: self._availability(step, NodeAvailability.OPEN, made.id),
            SetReplicas: lambda: self._set(step, made.id),
            StartReplica: lambda: self._start(step),
            JoinTraffic: lambda: self.join(step.workload),  # type: ignore[union-attr]
            LeaveTraffic: lambda: self._leave(step),
            StopReplica: lambda: self._stop(step),
            Evacuate: lambda: self._evacuate(step, made.id),
            ReleaseInstance: lambda: self._release(step),
            RemoveNode: lambda: self._remove(step),
            Undo: lambda: self._undo(step),
        }
        return (doing[type(step)]() if type(step) in doing else None) or intent

    def finish(self, made: Plan, watch: Callable[["World", PlannedStep], None] | None = None, steps: int = 10_000) -> Commitments:
        """Carry out the plan in its order; at most `steps` of it."""
        before = self.adopt(made)
        done: list[StepRecord] = []
        for one in before.records[:steps]:
            assert set(one.planned.after) <= {record.planned.id for record in done}, "a step came before what it waits for"
            intent = self.apply(one.planned.step, made)
            done.append(replace(one, status=StepStatus.DONE, intent=intent, began_at=self.at))
            if watch:
                watch(self, one.planned)
        return Commitments(plan=made, records=(*done, *before.records[steps:]))

    def _grow(self, step: Step) -> None:
        assert isinstance(step, GrowPool)
        assert self.pool().wanted <= step.seen  # fewer, if some were given back meanwhile
        kind = next((one for one in self.offerings if one.name == step.offering), SMALL)
        for _ in range(step.wanted - step.seen):
            self.serial += 1
            self.node(f"m{self.serial:04}", capacity=kind.capacity)
            self.instances[f"m{self.serial:04}"] = replace(self.instances[f"m{self.serial:04}"], offering=kind.name)

    def _availability(self, step: Step, wanted: NodeAvailability, owner: PlanId) -> None:
        assert isinstance(step, Fence | Unfence | Evacuate)
        node = self.nodes[step.node.id]
        mark = Mark(store=StoreId("s"), plan=owner, field="availability", was="open", ours=wanted.value)
        marks = () if wanted is NodeAvailability.OPEN else (mark,)
        self.nodes[step.node.id] = replace(node, availability=wanted, marks=marks)

    def _set(self, step: Step, owner: PlanId) -> Intent:
        assert isinstance(step, SetReplicas)
        workload = self.workloads[step.workload]
        wanted = workload.wanted + step.change
        surge = sum(int(one.ours) - int(one.was) for one in workload.marks) + (0 if step.purpose is Purpose.SCALE else step.change)
        mark = Mark(store=StoreId("s"), plan=owner, field="replicas", was=str(wanted - surge), ours=str(wanted))
        gone = self.order(step.workload)[: max(0, -step.change)]
        self.workloads[step.workload] = replace(workload, wanted=wanted, marks=(mark,) if surge else ())
        self.replicas = [one for one in self.replicas if one.id not in gone]
        for _ in range(step.change):
            self._place(step.workload)
        fields = (FieldChange(object=str(step.workload), field="replicas", was="", ours=str(wanted)),)
        return Intent(token=Token("t"), term=1, seen=workload.wanted, wanted=wanted, replicas=gone, fields=fields)

    def _place(self, ref: WorkloadRef) -> None:
        shape = self.workloads[ref].shape
        able = [
            name
            for name, node in self.nodes.items()
            if node.availability is NodeAvailability.OPEN and node.state is NodeState.READY and shape.requests.fits(self.room(name))
        ]
        if not able:  # its scheduler keeps requests free, so it waits
            self.serial += 1
            self.replicas.append(Replica(id=ReplicaId(f"r{self.serial:04}"), workload=ref, node=None, state=ReplicaState.WAITING))
            return
        self.start(ref, min(able, key=lambda name: (len(self.on(name, ref)), len(self.on(name)), name)))

    def _start(self, step: Step) -> Intent:
        assert isinstance(step, StartReplica)
        return Intent(token=Token("t"), term=1, replicas=(self.start(step.workload, step.node.id, devices=step.devices),))

    def _leave(self, step: Step) -> Intent:
        assert isinstance(step, LeaveTraffic)
        who = self.order(step.workload)[: step.victims] or step.replicas
        if step.node:
            who = tuple(one.id for one in self.on(step.node.id, step.workload))
        self.leave(who)
        return Intent(token=Token("t"), term=1, replicas=who)

    def _stop(self, step: Step) -> None:
        assert isinstance(step, StopReplica)
        self.replicas = [one for one in self.replicas if one.id != step.replica]

    def _evacuate(self, step: Step, owner: PlanId) -> None:
        assert isinstance(step, Evacuate)
        self._availability(step, NodeAvailability.EMPTYING, owner)
        moved = self.on(step.node.id)
        self.replicas = [one for one in self.replicas if one not in moved]
        for one in moved:
            self._place(one.workload)

    def _release(self, step: Step) -> None:
        assert isinstance(step, ReleaseInstance)
        if step.node is None:
            self.instances = {name: one for name, one in self.instances.items() if one.ref != step.instance}
            return
        assert not self.on(step.node.id)  # seen as stopping until its node is forgotten
        self.instances[step.node.id] = replace(self.instances[step.node.id], state=InstanceState.STOPPING)
        self.nodes[step.node.id] = replace(self.nodes[step.node.id], state=NodeState.DOWN)

    def _remove(self, step: Step) -> None:
        assert isinstance(step, RemoveNode)
        assert self.nodes.pop(step.node.id).state is NodeState.DOWN
        self.instances.pop(step.node.id, None)

    def tick(self, made: Plan) -> None:
        """A second passes: what waits starts where it can, and the history knows what was needed."""
        self.settle()
        self.needed += [Recommendation(self.at, count) for _, count in made.needed]
        self.at = Instant(self.at + 1000)

    def settle(self) -> None:
        """What waits starts where there is room by now."""
        everybody, self.replicas = self.replicas, [one for one in self.replicas if one.node is not None]
        for one in (one for one in everybody if one.node is None):
            self._place(one.workload)

    def _undo(self, step: Step) -> None:
        assert isinstance(step, Undo)
        if step.object in self.nodes:
            self.nodes[step.object] = replace(self.nodes[step.object], availability=NodeAvailability.OPEN, marks=())
        else:
            ref = WorkloadRef.parse(step.object)
            gone = self.order(ref)[: max(0, self.workloads[ref].wanted - int(step.was))]
            self.replicas = [one for one in self.replicas if one.id not in gone]
            self.workloads[ref] = replace(self.workloads[ref], wanted=int(step.was), marks=())


@pytest.fixture(scope="session")
def small() -> type[World]:
    """The small world's type: a fresh one per test, or per example of a property."""
    return World
