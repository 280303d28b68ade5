"""Who has to stand beside somebody that is still to come: in the same answer, after whom it joins."""

import pytest

from autoscaler.model.constraints import NODE, Affinity, LabelRule, Selector
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, Load, Offer, PoolOptions, Problem, Resident, place
from autoscaler.placement.buying import SOLVER
from autoscaler.placement.housing import ordered
from autoscaler.placement.joining import joins
from autoscaler.placement.ledger import Ledger

SHOP, POOL = ClusterName("shop"), PoolName("general")


def ref(name: str) -> WorkloadRef:
    return WorkloadRef(SHOP, name)


def load(name: str, *joined: str, topology: str = "zone", cpu: int = 100, **more: int) -> Load:
    rules = (Affinity(to=Selector(rules=(LabelRule(key="app", value=one),)), topology=topology) for one in joined)
    shape = Shape(requests=Resources(cpu, 0), constraints=tuple(rules), **more)  # type: ignore[arg-type]
    return Load(workload=ref(name), shape=shape, labels=(("app", name),))


def machine(key: str, cpu: int = 1000) -> Host:
    return Host(key=key, capacity=Resources(cpu, 0), labels=(("zone", key[0]),))


def asked(*loads: Load, hosts: tuple[Host, ...] = (), standing: str = "", told: str = "", count: int = 1) -> Problem:
    """`count` of each is to come; the orchestrator was `told` of one."""
    residents = (Resident(workload=ref(standing), host=hosts[0].key, count=1),) if standing else ()
    demands = tuple(Demand(workload=one.workload, count=count, told=one.workload.path == told) for one in loads)
    offers = (Offer(name=OfferingName("a"), capacity=Resources(1000, 0), price=100, labels=(("zone", "a"),)),)
    pools = (PoolOptions(name=POOL, count=0, min=0, max=99, offers=offers),)
    return Problem(hosts=hosts, loads=loads, residents=residents, demands=demands, pools=pools)


@pytest.mark.parametrize(
    ("problem", "order"),
    [
        pytest.param(asked(load("a"), load("b")), "ab", id="nobody joins anybody"),
        pytest.param(asked(load("a", "b"), load("b")), "ba", id="after whom it joins"),
        pytest.param(asked(load("a", "b"), load("b", "c"), load("c")), "cba", id="and after whom that one joins"),
        pytest.param(asked(load("a", "b", "c"), load("b"), load("c")), "bca", id="after both it joins"),
        pytest.param(asked(load("x"), load("a", "b", priority=2), load("b")), "bax", id="whom the higher joins comes as early as it does"),
        pytest.param(asked(load("a", "b"), load("b", "a")), "ba", id="where each joins the other, one is first"),
        pytest.param(asked(load("a", "a"), load("b")), "ab", id="one that joins its own kind founds it"),
        pytest.param(asked(load("a", "b"), load("b"), load("x"), told="a"), "bax", id="what was told has to wait for whom it joins"),
        pytest.param(asked(load("a", "b"), load("b"), load("x"), told="x"), "xba", id="other things told do not"),
        pytest.param(asked(load("a", "b"), load("b"), hosts=(machine("a1"),), standing="b"), "ab", id="one that stands is joined at once"),
    ],
)
def test_whoever_is_to_be_joined_finds_its_place_first(problem: Problem, order: str) -> None:
    found = joins(Ledger.of(problem), [one.workload for one in problem.demands])
    assert "".join(one.workload.path for one in ordered(problem, found)) == order


@pytest.mark.parametrize("hosts", [(), (machine("a1"), machine("b1"))], ids=["on machines that are bought", "on machines that are there"])
@pytest.mark.parametrize("topology", [NODE, "zone"])
def test_both_come_in_one_answer(topology: str, hosts: tuple[Host, ...]) -> None:
    problem = asked(load("web", "db", topology=topology, cpu=200), load("db"), hosts=hosts, count=2)
    found = place(problem)
    assert found.unplaced == ()
    assert dict(found.joins) == {ref("web"): (ref("db"),)}


@pytest.mark.skipif(not SOLVER, reason="machines are bought together with numba alone")
@pytest.mark.parametrize("topology", ["zone", NODE])
def test_both_come_in_one_answer_where_much_is_bought(topology: str) -> None:
    found = place(asked(load("web", "db", topology=topology), load("db", cpu=300, max_per_node=2), count=30))
    assert found.unplaced == ()
    assert found.bound == found.price == 1500  # of what is bought one after the other nothing is proven
