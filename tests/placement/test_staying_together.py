"""Who must stand with several others: each affinity holds by itself, and the first of a group goes where all of them leave most room."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.model.constraints import NODE, Affinity, AntiAffinity, Constraint, LabelRule, Selector
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, Load, Offer, PoolOptions, Problem, Resident, place
from autoscaler.placement.buying import SOLVER
from tests.placement.verifying import cases, come, scene_of

SHOP, POOL = ClusterName("shop"), PoolName("general")
WEB, A, B = (WorkloadRef(SHOP, name) for name in ("web", "a", "b"))
TO_WEB, TO_A, TO_B = (Selector(rules=(LabelRule(key="app", value=name),)) for name in ("web", "a", "b"))


def machine(key: str, cpu: int = 400, **labels: str) -> Host:
    return Host(key=key, capacity=Resources(cpu, 0), labels=tuple(sorted(labels.items())))


def asked(web: tuple[Constraint, ...], hosts: tuple[Host, ...], count: int, *standing: tuple[WorkloadRef, str]) -> Problem:
    """`count` of web are to come to where others stand."""
    loads = (Load(workload=ref, shape=Shape(requests=NOTHING), labels=(("app", ref.path),)) for ref in (A, B))
    mine = Load(workload=WEB, shape=Shape(requests=Resources(100, 0), constraints=web), labels=(("app", "web"),))
    residents = tuple(Resident(workload=ref, host=key, count=1) for ref, key in standing)
    return Problem(hosts=hosts, loads=(mine, *loads), residents=residents, demands=(Demand(workload=WEB, count=count),))


BOTH = Affinity(to=TO_A, topology="zone"), Affinity(to=TO_B, topology="zone")
ZONES = machine("a1", zone="a"), machine("a2", zone="a"), machine("b1", zone="b")


@pytest.mark.parametrize(
    ("problem", "went"),
    [
        pytest.param(asked(BOTH, ZONES, 9, (A, "b1"), (B, "a1")), {}, id="a zone with only one of them is none"),
        pytest.param(asked(BOTH, ZONES, 9, (A, "a1"), (B, "a2"), (B, "b1")), {"a1": 4, "a2": 4}, id="a zone with both, wherever there"),
        pytest.param(
            asked((Affinity(to=TO_A, topology="zone"), Affinity(to=TO_B)), ZONES, 9, (A, "a1"), (B, "a2"), (B, "b1")),
            {"a2": 4},
            id="one in the zone and the other on the machine",
        ),
        pytest.param(
            asked(
                (Affinity(topology="rack"), Affinity(topology="zone")),
                (machine("m1", 300, rack="1", zone="a"), machine("m2", 300, rack="1", zone="b"), machine("m3", 500, rack="2", zone="b")),
                5,
            ),
            {"m3": 5},
            id="the first of a group goes where rack and zone together hold most",
        ),
    ],
)
def test_each_of_several_affinities_holds(problem: Problem, went: dict[str, int]) -> None:
    assert {one.host: one.count for one in place(problem).assignments} == went


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    labels = st.fixed_dictionaries({}, optional={"zone": st.sampled_from("ab"), "rack": st.sampled_from("123")})
    hosts = [machine(f"m{number}", draw(st.sampled_from((200, 400, 700))), **draw(labels)) for number in range(draw(st.integers(1, 6)))]
    terms = st.builds(
        Affinity, to=st.sampled_from((None, TO_WEB, TO_A, TO_B, Selector())), topology=st.sampled_from((NODE, "zone", "rack"))
    )
    places = st.tuples(st.sampled_from((A, B)), st.sampled_from([host.key for host in hosts]))
    standing = draw(st.lists(places, max_size=4, unique=True))
    found = asked(tuple(draw(st.lists(terms, min_size=2, max_size=3))), tuple(hosts), draw(st.integers(1, 12)), *standing)
    return replace(found, spread=draw(st.booleans()))


def ways(problem: Problem) -> Iterator[int]:
    """How many come one by one to wherever they may, for each machine to which the first may."""
    count, keys = problem.demands[0].count, [host.key for host in problem.hosts]
    for first in (key for key in keys if not scene_of(problem).refuses(WEB, key)):
        scene = scene_of(problem)
        scene.standing.append((WEB, first))
        came = 1
        while came < count and (able := [key for key in keys if not scene.refuses(WEB, key)]):
            scene.standing.append((WEB, able[0]))
            came += 1
        yield came


@settings(max_examples=cases(2500), deadline=None)
@given(problem=problems())
def test_no_other_first_place_would_let_more_come(problem: Problem) -> None:
    went = [one.host for one in place(problem).assignments for _ in range(one.count)]
    assert come(scene_of(problem), WEB, went) == []
    assert len(went) == max(ways(problem), default=0)


@pytest.mark.skipif(not SOLVER, reason="machines are bought together with numba alone")
@pytest.mark.parametrize(
    ("web", "others"),
    [
        pytest.param((Affinity(to=TO_WEB, topology="zone"), Affinity(to=TO_B, topology="zone")), (), id="beside others in their zone"),
        pytest.param(
            (Affinity(to=TO_WEB, topology="zone"),), (AntiAffinity(to=TO_WEB, topology="zone"),), id="out of a zone that refuses it"
        ),
    ],
)
def test_a_group_is_bought_for_in_a_zone_that_takes_it(web: tuple[Constraint, ...], others: tuple[Constraint, ...]) -> None:
    hosts = tuple(one._replace(used=one.capacity) for one in ZONES)
    found = asked(web, hosts, 60, (A, "a1"), (B, "b1"))
    loads = (replace(one, shape=replace(one.shape, constraints=others)) if one.workload == A else one for one in found.loads)
    offers = tuple(Offer(name=OfferingName(zone), capacity=Resources(1000, 0), price=100, labels=(("zone", zone),)) for zone in ("a", "b"))
    pools = (PoolOptions(name=POOL, count=0, min=0, max=99, offers=offers),)
    answer = place(replace(found, loads=tuple(loads), pools=pools))
    assert {one.offering for one in answer.opens} == {"b"}
    assert answer.bound == 600  # only what is bought together is proven
