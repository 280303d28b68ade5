"""The plan of `building.py` in mid-course, with a replacement that does not get healthy, and the cluster it is carried out on."""

from autoscaler.contracts.policy import ClusterPolicies, Policy
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.freezes import Freeze
from autoscaler.model.nodes import Instance, InstanceState, Node, NodeAvailability, NodeState
from autoscaler.model.observations import Capabilities, ClusterState, Observation, PoolView, RotationView
from autoscaler.model.policies import Bounds
from autoscaler.model.pools import Offering, PoolState
from autoscaler.model.quantities import Instant, Money
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import InstanceRef, NodeRef, OfferingName, PolicyName, PoolName, ReplicaId, TrafficName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.samples import Unknown
from autoscaler.model.traffic import Member, MemberState, RotationState
from autoscaler.model.workloads import Replica, ReplicaState, Shape, Workload, WorkloadKind
from tests.explaining.building import AT, DB, EDGE, GENERAL, LOGS, M1, PLAN, SERVING, SHOP, STEPS, WEB

LATER = Instant(AT + 60_000)
STATES = (
    (StepStatus.DONE, ()),
    (StepStatus.DONE, (Reason(Code.HOLDS_ALREADY),)),
    (StepStatus.DONE, ()),
    (StepStatus.SENT, (Reason(Code.WAITING, (2,), "replicas in rotation", ("shop/web",)),)),
    (StepStatus.DONE, ()),
    (StepStatus.INTENDED, (Reason(Code.OUTCOME_UNKNOWN, (2, LATER), "try, instant", ("timed out",)),)),
    (StepStatus.FAILED, (Reason(Code.NEVER_HEALTHY, (600_000,), "ms"),)),
    (StepStatus.DROPPED, (Reason(Code.SUPERSEDED),)),
    (StepStatus.UNDONE, ()),
)


def record(index: int) -> StepRecord:
    status, reasons = STATES[index] if index < len(STATES) else (StepStatus.WAITING, ())
    ended = status not in (StepStatus.WAITING, StepStatus.INTENDED, StepStatus.SENT)
    return StepRecord(
        plan=PLAN.id,
        planned=STEPS[index],
        status=status,
        reasons=reasons,
        began_at=None if status is StepStatus.WAITING else AT,
        ended_at=AT if ended else None,
        tries=2 if status is StepStatus.INTENDED else 0,
    )


COMMITMENTS = Commitments(plan=PLAN, records=tuple(record(index) for index in range(len(STEPS))))


def node(name: str, *, state: NodeState = NodeState.READY, availability: NodeAvailability = NodeAvailability.OPEN) -> Node:
    return Node(
        ref=NodeRef(name, "1"),
        name=name,
        state=state,
        availability=availability,
        capacity=Resources(4000, 3 * 2**30 + 2**29),
        manager=name == "node-1",
    )


def replica(workload: WorkloadRef, index: int, on: str = "node-1", *, healthy: bool = True) -> Replica:
    state = ReplicaState.RUNNING if healthy else ReplicaState.STARTING
    name = f"{workload.name}-{index}"
    return Replica(id=ReplicaId(name), workload=workload, node=NodeRef(on, "1"), state=state, healthy=healthy, address=f"{name}:80")


def member(index: int, state: MemberState) -> Member:
    return Member(workload=WEB, address=f"web-{index}:80", state=state, sessions=1, up=True)


STATE = ClusterState(
    identity="c1",
    read_at=AT,
    capabilities=Capabilities(),
    workloads=(
        Workload(ref=WEB, wanted=3, shape=Shape(), updating=True),
        Workload(ref=DB, wanted=1, shape=Shape()),
        Workload(ref=LOGS, wanted=2, shape=Shape(), kind=WorkloadKind.GLOBAL),
    ),
    nodes=(
        node("node-1"),
        node("node-2", availability=NodeAvailability.FENCED),
        node("node-3", state=NodeState.DOWN),
    ),
    replicas=(replica(WEB, 0), replica(WEB, 1), replica(WEB, 2, "node-2", healthy=False), replica(DB, 0)),
)


def instance(name: str, state: InstanceState, offering: OfferingName = M1) -> Instance:
    return Instance(ref=InstanceRef(name, "b"), state=state, offering=offering, node_name=name)


POOL = PoolState(
    pool=GENERAL,
    read_at=AT,
    wanted=3,
    instances=(
        instance("node-1", InstanceState.RUNNING),
        instance("node-2", InstanceState.RUNNING),
        instance("node-4", InstanceState.LAUNCHING),
        instance("node-5", InstanceState.FAILED),
    ),
    offerings=(Offering(name=M1, capacity=Resources(4000), price=Money(96_000)),),
)
ROTATION = RotationState(traffic=EDGE, read_at=AT, members=(member(0, MemberState.READY), member(1, MemberState.DRAINING)))
OBSERVATION = Observation(
    cluster=SHOP,
    at=AT,
    state=STATE,
    pools=(PoolView(pool=GENERAL, state=POOL), PoolView(pool=PoolName("spot"), state=Unknown(Code.LATE))),
    rotations=(
        RotationView(traffic=EDGE, state=ROTATION),
        RotationView(traffic=TrafficName("inner"), state=Unknown(Code.UNAVAILABLE, "connection refused")),
    ),
)
POLICIES = ClusterPolicies(
    cluster=SHOP,
    policies=(Policy(name=PolicyName("front"), workload=WEB, bounds=Bounds(min=3, max=9), rules=(), availability=SERVING),),
)
FREEZES = (
    Freeze(subject="shop/web", who="ann", why="release 7", at=AT, until=LATER),
    Freeze(subject="node:node-3", who="bob", why="disk", at=AT),
)
