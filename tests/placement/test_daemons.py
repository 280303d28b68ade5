"""What runs on every machine is counted by others' rules, and keeps others away by its own; it never moves, and ends with its machine."""

from dataclasses import replace

import pytest

from autoscaler.model.constraints import Affinity, AntiAffinity, Constraint, LabelRule, Selector, TopologySpread
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, Load, Offer, PoolOptions, Problem, Resident, place, places_for
from autoscaler.placement.buying import SOLVER

SHOP, POOL = ClusterName("shop"), PoolName("general")
WEB, AGENT = WorkloadRef(SHOP, "web"), WorkloadRef(SHOP, "agent")
TO_AGENT, TO_WEB = (Selector(rules=(LabelRule(key="app", value=name),)) for name in ("agent", "web"))
BESIDE, APART = Affinity(to=TO_AGENT), AntiAffinity(to=TO_AGENT)


def machine(key: str, *daemons: WorkloadRef) -> Host:
    return Host(key=key, capacity=Resources(1000, 0), pool=POOL, price=100, labels=(("zone", key[0]),), daemons=daemons)


def asked(*hosts: Host, web: tuple[Constraint, ...] = (), agent: tuple[Constraint, ...] = (), count: int = 1) -> Problem:
    return Problem(
        hosts=hosts,
        loads=(Load(workload=WEB, shape=Shape(requests=Resources(100, 0), constraints=web), spare=9, labels=(("app", "web"),)),),
        demands=(Demand(workload=WEB, count=count),),
        daemons=(Load(workload=AGENT, shape=Shape(requests=NOTHING, constraints=agent), labels=(("app", "agent"),)),),
    )


def buying(problem: Problem, **offers: tuple[WorkloadRef, ...]) -> Problem:
    """With machines on sale in zones of these names, on which those will run."""
    some = (
        Offer(name=OfferingName(zone), capacity=Resources(1000, 0), price=100, labels=(("zone", zone),), daemons=daemons)
        for zone, daemons in offers.items()
    )
    pools = (PoolOptions(name=POOL, count=len(problem.hosts), min=0, max=99, offers=tuple(some)),)
    return replace(problem, pools=pools)


RULES = [
    pytest.param((BESIDE,), (), "a", id="beside it"),
    pytest.param((APART,), (), "b", id="apart from it"),
    pytest.param((), (AntiAffinity(to=TO_WEB),), "b", id="where it has nothing against that"),
    pytest.param((TopologySpread(over=Selector(), topology="zone", min_domains=9),), (), "b", id="where it is not one too many"),
]


@pytest.mark.parametrize(("web", "agent", "where"), RULES)
def test_who_comes_minds_it(web: tuple[Constraint, ...], agent: tuple[Constraint, ...], where: str) -> None:
    problem = asked(machine("a", AGENT), machine("b"), web=web, agent=agent)
    assert [one.host for one in place(problem).assignments] == [where]
    assert places_for(problem, WEB, 1) == 1


@pytest.mark.parametrize(
    "count", [1, pytest.param(60, marks=pytest.mark.skipif(not SOLVER, reason="machines are bought together with numba"))]
)
@pytest.mark.parametrize(("web", "agent", "where"), RULES[:3])
def test_machines_are_bought_for_what_will_run_on_them(
    web: tuple[Constraint, ...], agent: tuple[Constraint, ...], where: str, count: int
) -> None:
    found = place(buying(asked(web=web, agent=agent, count=count), a=(AGENT,), b=()))
    assert {one.offering for one in found.opens} == {where}
    assert found.unplaced == ()


def test_nothing_is_bought_where_it_would_run_everywhere() -> None:
    assert place(buying(asked(web=(APART,)), a=(AGENT,), b=(AGENT,))).opens == ()


@pytest.mark.parametrize(
    ("here", "closes"),
    [pytest.param((AGENT,), ["a2"], id="it runs elsewhere too"), pytest.param((), [], id="the last that others stand with stays")],
)
def test_it_ends_with_its_machine(here: tuple[WorkloadRef, ...], closes: list[str]) -> None:
    kept = machine("a1", *here)._replace(keep=(Reason(Code.NODE_IS_MANAGER),))
    problem = asked(kept, machine("a2", AGENT), web=(Affinity(to=TO_AGENT, topology="zone"),))
    residents = (Resident(workload=WEB, host="a1", count=2, serving=2),)
    pools = (PoolOptions(name=POOL, count=2, min=0, max=2),)
    assert list(place(replace(problem, demands=(), residents=residents, pools=pools)).closes) == closes


def test_a_machine_that_its_cloud_takes_is_emptied_though_it_ends_there_too() -> None:
    kept = machine("a1")._replace(keep=(Reason(Code.NODE_IS_MANAGER),))
    ends = machine("a2", AGENT)._replace(must_close=True, ends_at=Instant(1))
    problem = asked(kept, ends, web=(Affinity(to=TO_AGENT, topology="zone"),))
    residents = (Resident(workload=WEB, host="a1", count=2, serving=2),)
    assert list(place(replace(problem, demands=(), residents=residents)).closes) == ["a2"]
