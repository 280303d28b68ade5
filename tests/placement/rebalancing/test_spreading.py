"""Replicas go to better places: what for, what not for, and in an order that a second opinion finds nothing against."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.model.constraints import AntiAffinity, LabelRule, Taint, TopologySpread
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Host, HostState, Load, Problem, Resident
from autoscaler.placement.rebalancing.ordering import Ordered
from autoscaler.placement.rebalancing.spreading import Spread, spread
from tests.placement.test_rules_between_workloads import problems
from tests.placement.verifying import Scene, cases, scene_of

SHOP = ClusterName("shop")
API, WEB = WorkloadRef(SHOP, "api"), WorkloadRef(SHOP, "web")


def host(key: str, zone: str = "a", **more: object) -> Host:
    made = Host(key=key, capacity=Resources(1000, 1000), labels=(("zone", zone),))
    return made._replace(**more)  # type: ignore[arg-type]


def load(ref: WorkloadRef, cpu: int = 200, memory: int = 0, surge: int = 1, **more: object) -> Load:
    return Load(workload=ref, shape=Shape(requests=Resources(cpu, memory), **more), surge=surge)  # type: ignore[arg-type]


def stand(places: dict[tuple[WorkloadRef, str], int]) -> tuple[Resident, ...]:
    return tuple(Resident(workload=ref, host=key, count=count) for (ref, key), count in places.items())


def asked(problem: Problem, most: int = 99) -> Spread:
    return spread(problem, frozenset(one.workload for one in problem.loads), most)


def after(problem: Problem, found: Spread) -> Problem:
    left = Counter({(one.workload, one.host): one.count for one in problem.residents})
    for one in found.moves:
        left[one.workload, one.source] -= 1
        left[one.workload, one.target] += 1
    return replace(problem, residents=stand(dict(sorted((+left).items()))))


def counts(problem: Problem) -> list[int]:
    return [sum(one.count for one in problem.residents if one.host == each.key) for each in problem.hosts]


SPREAD_ZONES = TopologySpread(topology="zone")
HOT = Problem(hosts=(host("a"), host("b")), loads=(load(API),), residents=stand({(API, "a"): 4}))
NEW = Problem(hosts=(host("a"), host("b"), host("c")), loads=(load(API),), residents=stand({(API, "a"): 3, (API, "b"): 3}))
ZONE = Problem(
    hosts=(host("a"), host("b", "b")), loads=(load(API, 10, constraints=(SPREAD_ZONES,)),), residents=stand({(API, "a"): 4, (API, "b"): 0})
)
STRANDED = Problem(
    hosts=(host("a"), host("b"), host("c", state=HostState.SHUT)),
    loads=(load(API, 300, 0), load(WEB, 0, 300)),
    residents=stand({(API, "a"): 2, (WEB, "b"): 2}),
)


@pytest.mark.parametrize(
    ("problem", "most", "expected"),
    [
        pytest.param(HOT, 99, [2, 2], id="a hot machine gives off load"),
        pytest.param(HOT, 1, [3, 1], id="no more moves than asked for"),
        pytest.param(NEW, 99, [2, 2, 2], id="a new machine gets its share"),
        pytest.param(ZONE, 99, [2, 2], id="a zone that came back is filled again"),
        pytest.param(
            replace(NEW, hosts=(host("a"), host("b"), host("c", state=HostState.SHUT))), 99, [3, 3, 0], id="none to a shut machine"
        ),
        pytest.param(replace(NEW, hosts=(host("a"), host("b"), host("c", taints=(Taint(key="x"),)))), 99, [3, 3, 0], id="none to a taint"),
        pytest.param(replace(HOT, loads=(load(API, max_per_node=1),)), 99, [3, 1], id="its own limit per machine is kept to"),
        pytest.param(replace(HOT, loads=(load(API, host_ports=(80,)),)), 99, [3, 1], id="a host port is taken once"),
        pytest.param(
            replace(HOT, loads=(load(API, node_rules=(LabelRule(key="zone", value="c"),)),)), 99, [4, 0], id="its labels are kept to"
        ),
        pytest.param(
            replace(HOT, residents=stand({(API, "a"): 3, (API, "b"): 2})), 99, [3, 2], id="what is even but for one is not moved for"
        ),
    ],
)
def test_what_is_moved_for(problem: Problem, most: int, expected: list[int]) -> None:
    found = asked(problem, most)
    assert counts(after(problem, found)) == expected


def test_what_strands_is_mixed() -> None:
    found = asked(STRANDED)
    places = {(one.workload.path, one.host): one.count for one in after(STRANDED, found).residents}
    assert places == {("api", "a"): 1, ("api", "b"): 1, ("web", "a"): 1, ("web", "b"): 1}


def test_only_those_that_may() -> None:
    both = replace(HOT, loads=(load(API), load(WEB)), residents=stand({(API, "a"): 2, (WEB, "a"): 2}))
    assert {one.workload for one in spread(both, frozenset((WEB,)), 99).moves} == {WEB}
    assert spread(both, frozenset(), 99) == Spread()


def test_who_needs_the_room_of_another_waits_for_it() -> None:
    apart = (AntiAffinity(to=None, topology="node"),)
    full = Problem(
        hosts=(host("a"), host("b"), host("c", "b")),
        loads=(load(API, 500, constraints=(SPREAD_ZONES,)), load(WEB, 600, constraints=apart)),
        residents=stand({(API, "a"): 2, (WEB, "b"): 1}),
    )
    found = asked(full)
    assert [(one.workload, one.target, one.after) for one in found.moves] == [(API, "c", ())]


def test_surge_is_how_many_of_a_workload_move_at_once() -> None:
    moves = asked(replace(HOT, hosts=(*HOT.hosts, host("c"), host("d")))).moves
    assert len(moves) == 3
    assert [one.after for one in moves] == [(), (0,), (1,)]


def worst(scene: Scene, moves: tuple[Ordered, ...], place: int) -> Scene:
    """As it may be at the start of that move: all have come that do not wait for it, and only those have gone that it waits for."""
    before = ancestors(moves, place)
    there = [*scene.standing, *((one.workload, one.target) for other, one in enumerate(moves) if place not in ancestors(moves, other))]
    for other in before:
        there.remove((moves[other].workload, moves[other].source))
    return Scene(scene.loads, scene.hosts, there)


def ancestors(moves: tuple[Ordered, ...], place: int) -> frozenset[int]:
    found = frozenset(moves[place].after)
    return found.union(*(ancestors(moves, one) for one in found)) if found else found


@settings(max_examples=cases(500), deadline=None)
@given(problem=problems(), surge=st.integers(1, 3), most=st.integers(1, 6))
def test_a_second_opinion_finds_nothing_against_it(problem: Problem, surge: int, most: int) -> None:
    problem = replace(problem, loads=tuple(replace(one, surge=surge) for one in problem.loads))
    found, scene, before = asked(problem, most), scene_of(problem), scene_of(problem).broken()
    assert len(found.moves) <= most
    full = set(scene.overfull())
    for place, one in enumerate(found.moves):
        assert set(worst(scene, found.moves, place).overfull()) <= full
        assert not scene_as_of(scene, found.moves, place).refuses(one.workload, one.target)
    end = scene_as_of(scene, found.moves, len(found.moves))
    assert not any(end.broken()[rule] > count for rule, count in before.items())
    if len(found.moves) < most and not found.dropped:
        assert asked(after(problem, found)).moves == (), "who asks again is told nothing"


def scene_as_of(scene: Scene, moves: tuple[Ordered, ...], place: int) -> Scene:
    """Everything before that move is done, but for what each machine holds until somebody waits for it."""
    there = list(scene.standing)
    for one in moves[:place]:
        there.append((one.workload, one.target))
        there.remove((one.workload, one.source))
    return Scene(scene.loads, scene.hosts, there)
