"""A small cluster in hand-made values: nodes n1, n2, …, workload `shop/web` in rotation `edge`, pool `general`. For tests of steps."""

from dataclasses import replace

from autoscaler.contracts.policy import ClusterPolicies, Policy, PoolPolicy
from autoscaler.model.commitments import Commitments, Intent, StepRecord, StepStatus
from autoscaler.model.marks import Mark
from autoscaler.model.nodes import Instance, InstanceState, Node, NodeAvailability, NodeState
from autoscaler.model.observations import Capabilities, ClusterState, Observation, PoolView, RotationView
from autoscaler.model.plans import Goal, Plan, PlannedStep, WorkloadChange
from autoscaler.model.policies import Availability, Bounds
from autoscaler.model.pools import PoolSpec, PoolState
from autoscaler.model.quantities import Duration, Instant, Money, Share
from autoscaler.model.refs import (
    ClusterName,
    InstanceRef,
    NodeRef,
    OfferingName,
    PlanId,
    PolicyName,
    PoolName,
    ReplicaId,
    StepId,
    StoreId,
    Token,
    TrafficName,
    WorkloadRef,
)
from autoscaler.model.resources import Resources
from autoscaler.model.steps import Step
from autoscaler.model.traffic import Member, MemberState, RotationState
from autoscaler.model.workloads import Replica, ReplicaState, Shape, Workload

SHOP = ClusterName("shop")
WEB = WorkloadRef(SHOP, "web")
EDGE = TrafficName("edge")
GENERAL = PoolName("general")
NOW = Instant(1_000_000)
REQUEST = Resources(500, 2**28)
STORE = StoreId("store-a")


def node_ref(name: str) -> NodeRef:
    """The node of this name, first incarnation."""
    return NodeRef(name, "1")


def a_node(name: str, availability: NodeAvailability = NodeAvailability.OPEN, **changes: object) -> Node:
    """A ready worker with room for eight replicas; marked as ours when it is not open."""
    marks = () if availability is NodeAvailability.OPEN else (a_mark("availability", "open", availability.value),)
    node = Node(
        ref=node_ref(name), name=name, state=NodeState.READY, availability=availability, capacity=Resources(4000, 2**32), marks=marks
    )
    return replace(node, **changes)  # type: ignore[arg-type] # fields of the node, named by the test


def a_mark(field: str, was: str, ours: str) -> Mark:
    """Ours, of plan p."""
    return Mark(store=STORE, plan=PlanId("p"), field=field, was=was, ours=ours)


def a_replica(name: str, node: str | None, **changes: object) -> Replica:
    """A healthy replica of web; its address is its name and a port."""
    replica = Replica(
        id=ReplicaId(name),
        workload=WEB,
        node=node_ref(node) if node else None,
        state=ReplicaState.RUNNING if node else ReplicaState.WAITING,
        healthy=node is not None,
        address=f"{name}:80" if node else "",
    )
    return replace(replica, **changes)  # type: ignore[arg-type] # fields of the replica, named by the test


def a_member(name: str, state: MemberState = MemberState.READY, *, sessions: int | None = 0, up: bool = True) -> Member:
    """The place of web's replica `name` in rotation."""
    return Member(workload=WEB, address=f"{name}:80", state=state, sessions=sessions, up=up)


def an_instance(name: str, state: InstanceState = InstanceState.RUNNING) -> Instance:
    """The machine behind node `name`."""
    return Instance(ref=InstanceRef(f"i-{name}", "1"), state=state, offering=OfferingName("small"), node_name=name)


def an_observation(
    *,
    nodes: tuple[Node, ...] = (a_node("n1"), a_node("n2")),
    replicas: tuple[Replica, ...] = (),
    members: tuple[Member, ...] | None = None,
    instances: tuple[Instance, ...] | None = None,
    wanted: int | None = None,
    at: Instant = NOW,
    pool_read_at: Instant | None = None,
    capabilities: Capabilities | None = None,
    **of_web: object,
) -> Observation:
    """What is seen. By default every replica is in rotation, and each node has its machine."""
    web = Workload(
        ref=WEB,
        wanted=len(replicas) if wanted is None else wanted,
        shape=Shape(requests=REQUEST),
        removal_order=tuple(one.id for one in reversed(replicas)),
    )
    state = ClusterState(
        identity="shop-1",
        read_at=at,
        capabilities=capabilities or Capabilities(),
        workloads=(replace(web, **of_web),),  # type: ignore[arg-type] # fields of the workload, named by the test
        nodes=nodes,
        replicas=replicas,
    )
    machines = tuple(an_instance(one.name) for one in nodes) if instances is None else instances
    counted = sum(one.state in (InstanceState.LAUNCHING, InstanceState.RUNNING) for one in machines)
    pool = PoolState(pool=GENERAL, read_at=pool_read_at or at, wanted=counted, instances=machines, offerings=())
    in_it = tuple(a_member(one.id) for one in replicas if one.address) if members is None else members
    rotation = RotationState(traffic=EDGE, read_at=at, members=in_it)
    return Observation(
        cluster=SHOP,
        at=at,
        state=state,
        pools=(PoolView(pool=GENERAL, state=pool),),
        rotations=(RotationView(traffic=EDGE, state=rotation),),
    )


def some_policies(
    *,
    floor: int = 1000,
    surge: int = 1,
    traffic: TrafficName | None = EDGE,
    bounds: tuple[int, int] = (1, 20),
    pool: tuple[int, int] = (0, 9),
) -> ClusterPolicies:
    """One policy for web, one for the pool. `floor` in thousandths."""
    availability = Availability(floor=Share(floor), surge=surge, traffic=traffic)
    web = Policy(name=PolicyName("web"), workload=WEB, bounds=Bounds(min=bounds[0], max=bounds[1]), rules=(), availability=availability)
    spec = PoolSpec(name=GENERAL, cluster=SHOP, min=pool[0], max=pool[1])
    return ClusterPolicies(cluster=SHOP, policies=(web,), pools=(PoolPolicy(spec=spec),))


def planned(name: str, step: Step, *after: str, operation: str = "op", timeout: int = 600_000) -> PlannedStep:
    """A step of a plan; `timeout` in milliseconds."""
    return PlannedStep(
        id=StepId(name), step=step, operation=operation, after=tuple(StepId(one) for one in after), timeout=Duration(timeout)
    )


def a_plan(*steps: PlannedStep, counts: tuple[int, int] | None = None, made_at: Instant = NOW) -> Plan:
    """A plan of these steps; `counts` of web before and after."""
    change = (WorkloadChange(workload=WEB, before=counts[0], after=counts[1], floor=0),) if counts else ()
    return Plan(
        id=PlanId("p"),
        cluster=SHOP,
        made_at=made_at,
        goal=Goal(),
        steps=steps,
        workloads=change,
        pools=(),
        moves=(),
        price_before=Money(0),
        price_after=Money(0),
        fingerprint="",
    )


def a_record(
    step: PlannedStep, status: StepStatus = StepStatus.WAITING, intent: Intent | None = None, began_at: Instant | None = None
) -> StepRecord:
    """The step's record in plan p."""
    return StepRecord(plan=PlanId("p"), planned=step, status=status, intent=intent, began_at=began_at)


def an_intent(**fields: object) -> Intent:
    """Fixed at term 1."""
    return replace(Intent(token=Token("t"), term=1), **fields)  # type: ignore[arg-type] # fields of the intent, named by the test


def commitments(*records: StepRecord, counts: tuple[int, int] | None = None) -> Commitments:
    """Plan p with these records."""
    return Commitments(plan=a_plan(*(one.planned for one in records), counts=counts), records=records)
