"""Clusters of any size as a tick would observe them: one value per replica, nothing grouped."""

from collections.abc import Mapping
from types import MappingProxyType

from autoscaler.contracts.policy import ClusterPolicies, Policy, PoolPolicy
from autoscaler.model.constraints import Labels
from autoscaler.model.decisions import Decision
from autoscaler.model.history import Histories, History
from autoscaler.model.nodes import Instance, InstanceState, Node, NodeAvailability, NodeState
from autoscaler.model.observations import Capabilities, ClusterState, Observation, PoolView
from autoscaler.model.policies import Availability, Bounds, Limits, Mode
from autoscaler.model.pools import Offering, PoolSpec, PoolState
from autoscaler.model.quantities import Instant, Share
from autoscaler.model.refs import ClusterName, InstanceRef, NodeRef, PolicyName, PoolName, ReplicaId, WorkloadRef
from autoscaler.model.workloads import Replica, ReplicaState, Shape, Workload
from autoscaler.planning.request import PlanRequest

SHOP, POOL = ClusterName("shop"), PoolName("general")
NOW = Instant(10_000_000)
MANY = 1_000_000
NO_LIMITS = Limits(
    replicas_per_minute=MANY, replicas_per_hour=MANY, nodes_per_minute=MANY, nodes_per_hour=MANY, closing_at_once=MANY, failed_launches=MANY
)
GAPLESS = Availability(floor=Share(1000), surge=MANY)
NO_LABELS: Mapping[WorkloadRef, Labels] = MappingProxyType({})
EVICTABLE = Availability(floor=Share(0))
"""May all be away at once, as where nothing is started before it is stopped elsewhere."""


def nodes(count: int, offering: Offering) -> tuple[Node, ...]:
    """Ready and open, named n0001 and so on, each of the pool's one kind."""
    return tuple(
        Node(
            ref=NodeRef(f"n{number:05}", "1"),
            name=f"n{number:05}",
            state=NodeState.READY,
            availability=NodeAvailability.OPEN,
            capacity=offering.capacity,
            labels=offering.labels,
        )
        for number in range(count)
    )


def replica(number: int, workload: WorkloadRef, node: Node | None) -> Replica:
    """One that serves; without a node one that waits."""
    runs = node is not None
    return Replica(
        id=ReplicaId(f"r{number:06}"),
        workload=workload,
        node=node.ref if node else None,
        state=ReplicaState.RUNNING if runs else ReplicaState.WAITING,
        healthy=runs,
        started_at=Instant(number),
    )


def request(
    workloads: dict[WorkloadRef, Shape],
    replicas: tuple[Replica, ...],
    there: tuple[Node, ...],
    offerings: tuple[Offering, ...],
    *,
    least: int = 0,
    most: int = MANY,
    keeps: Availability = GAPLESS,
    drains: frozenset[str] = frozenset(),
    labels: Mapping[WorkloadRef, Labels] = NO_LABELS,
) -> PlanRequest:
    """A cluster at rest whose policies want what runs and waits there, with all its nodes in one pool of these offerings."""
    wanted = dict.fromkeys(workloads, 0)
    for one in replicas:
        wanted[one.workload] += 1
    state = ClusterState(
        identity="bench",
        read_at=NOW,
        capabilities=Capabilities(),
        workloads=tuple(Workload(ref=ref, wanted=wanted[ref], shape=shape, labels=labels.get(ref, ())) for ref, shape in workloads.items()),
        nodes=there,
        replicas=replicas,
    )
    policies = ClusterPolicies(
        cluster=SHOP,
        policies=tuple(
            Policy(name=PolicyName(ref.path), workload=ref, bounds=Bounds(min=0, max=MANY), rules=(), availability=keeps)
            for ref in workloads
        ),
        pools=(PoolPolicy(spec=PoolSpec(name=POOL, cluster=SHOP, min=least, max=most)),),
        limits=NO_LIMITS,
    )
    return PlanRequest(
        observation=Observation(cluster=SHOP, at=NOW, state=state, pools=(PoolView(pool=POOL, state=_pool(there, offerings)),)),
        decisions=tuple(_decision(ref, count) for ref, count in wanted.items()),
        policies=policies,
        histories=Histories((History(subject=f"pool:{POOL}", began=Instant(0)),)),
        drains=drains,
    )


def _pool(there: tuple[Node, ...], offerings: tuple[Offering, ...]) -> PoolState:
    machines = tuple(
        Instance(ref=InstanceRef(f"i-{one.name}", "1"), state=InstanceState.RUNNING, offering=offerings[0].name, node_name=one.name)
        for one in there
    )
    return PoolState(pool=POOL, read_at=NOW, wanted=len(there), instances=machines, offerings=offerings)


def _decision(ref: WorkloadRef, count: int) -> Decision:
    return Decision(
        policy=PolicyName(ref.path),
        workload=ref,
        at=NOW,
        mode=Mode.ACTIVE,
        current=count,
        recommended=count,
        eventually=count,
        count=count,
        votes=(),
        stages=(),
    )
