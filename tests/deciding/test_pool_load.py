"""How full a pool is, and rules that keep room in it."""

from dataclasses import replace

import pytest

from autoscaler.contracts.policy import ClusterPolicies, NamedRule, PoolPolicy
from autoscaler.deciding import bounds
from autoscaler.deciding.pool_load import pool_load
from autoscaler.model.formula import Formula
from autoscaler.model.history import Histories
from autoscaler.model.nodes import Instance, InstanceState, Node, NodeAvailability, NodeState
from autoscaler.model.observations import Capabilities, ClusterState, Observation, PoolView
from autoscaler.model.pools import PoolSpec, PoolState
from autoscaler.model.reasons import Code
from autoscaler.model.refs import InstanceRef, MetricName, NodeRef, OfferingName, PoolName, ReplicaId, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.samples import Sample, Unknown
from autoscaler.model.workloads import Replica, ReplicaState, Shape, Workload, WorkloadKind
from autoscaler_policies.expression import Expression, Kind
from tests.deciding.building import NOW, SHOP

GENERAL = PoolName("general")
USUAL = Resources(100, 100)
CPU, MEMORY = MetricName("cpu"), MetricName("memory")
WEB, IDLE, AGENT = (WorkloadRef(SHOP, path) for path in ("web", "idle", "agent"))


def node(name: str, state: NodeState = NodeState.READY) -> Node:
    return Node(ref=NodeRef(name, "1"), name=name, state=state, availability=NodeAvailability.OPEN, capacity=Resources(1000, 2000))


def pool(*names: str) -> PoolState:
    instances = tuple(
        Instance(ref=InstanceRef(GENERAL, name), state=InstanceState.RUNNING, offering=OfferingName("small"), node_name=name)
        for name in names
    )
    return PoolState(pool=GENERAL, read_at=NOW, wanted=len(names), instances=instances, offerings=())


def cluster(
    *stands: tuple[WorkloadRef, str, ReplicaState], nodes: tuple[Node, ...] = (node("a"), node("b"), node("other"))
) -> ClusterState:
    workloads = (
        Workload(ref=WEB, wanted=1, shape=Shape(requests=Resources(300, 500))),
        Workload(ref=IDLE, wanted=1, shape=Shape()),
        Workload(ref=AGENT, wanted=0, shape=Shape(requests=Resources(50, 50)), kind=WorkloadKind.GLOBAL),
    )
    replicas = tuple(
        Replica(id=ReplicaId(str(number)), workload=ref, node=NodeRef(where, "1"), state=state)
        for number, (ref, where, state) in enumerate(stands)
    )
    return ClusterState(identity="c", read_at=NOW, capabilities=Capabilities(), workloads=workloads, nodes=nodes, replicas=replicas)


RUNNING, STOPPING = ReplicaState.RUNNING, ReplicaState.STOPPING


@pytest.mark.parametrize(
    ("stands", "cpu", "memory"),
    [
        pytest.param([], 0, 0, id="nothing there"),
        pytest.param([(WEB, "a", RUNNING), (WEB, "b", RUNNING)], 300, 250, id="what they request, of what both nodes offer"),
        pytest.param([(IDLE, "a", RUNNING)], 50, 25, id="one that declares nothing is taken to request the usual"),
        pytest.param([(WEB, "a", RUNNING), (WEB, "a", STOPPING)], 150, 125, id="what stops will be gone"),
        pytest.param([(WEB, "a", RUNNING), (AGENT, "a", RUNNING)], 150, 125, id="daemons are in the capacity already"),
        pytest.param([(WEB, "other", RUNNING)], 0, 0, id="what stands elsewhere is not in it"),
    ],
)
def test_how_full_it_is(stands: list[tuple[WorkloadRef, str, ReplicaState]], cpu: int, memory: int) -> None:
    found = pool_load(pool("a", "b"), cluster(*stands), USUAL)
    assert found == {CPU: Sample(cpu, NOW, covers=2), MEMORY: Sample(memory, NOW, covers=2)}


def test_without_a_ready_node_nothing_is_known() -> None:
    down = cluster(nodes=(node("a", NodeState.DOWN),))
    assert pool_load(pool("a"), down, USUAL) == {CPU: Unknown(Code.MISSING), MEMORY: Unknown(Code.MISSING)}
    assert pool_load(pool("a"), Unknown(Code.LATE), USUAL) == {}


@pytest.mark.parametrize(
    ("webs", "least"),
    [
        pytest.param(4, 2, id="60% full: two are enough to stay below 80%"),
        pytest.param(6, 3, id="90% full: a third keeps room"),
    ],
)
def test_room_is_kept_by_an_expression(webs: int, least: int) -> None:
    rule = Expression(formula=Formula.parse("max(ready * cpu, ready * memory) / 0.8"), as_=Kind.AT_LEAST)
    spec = PoolSpec(name=GENERAL, cluster=SHOP, min=1, max=10)
    policies = ClusterPolicies(cluster=SHOP, pools=(PoolPolicy(spec=spec, rules=(NamedRule(name="expression[0]", rule=rule),)),))
    stands = [(WEB, "ab"[number % 2], RUNNING) for number in range(webs)]
    seen = Observation(cluster=SHOP, at=NOW, state=cluster(*stands), pools=(PoolView(pool=GENERAL, state=pool("a", "b")),))
    (found,) = bounds(policies, seen, Histories())
    assert (found.min, found.max) == (least, 10)
    (blind,) = bounds(policies, replace(seen, state=Unknown(Code.LATE)), Histories())
    assert blind.min == 2
