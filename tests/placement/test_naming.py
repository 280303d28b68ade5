"""Machines and devices of our choice: named where all in use are known, never overcommitted, and chosen for what is left to others."""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.model.constraints import TopologySpread
from autoscaler.model.devices import WHOLE, Device, DeviceAsk, Devices
from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Demand, Host, HostState, Load, Offer, Placement, PoolOptions, Problem, Resident, place

SHOP, POOL, GPU = ClusterName("shop"), PoolName("gpus"), "nvidia.com/gpu"
OLD, NEW = Device(GPU, "T4"), Device(GPU, "A100")
HALF, WHOLE_ONE, PLAIN = (WorkloadRef(SHOP, name) for name in ("half", "whole", "plain"))
REFS = (HALF, WHOLE_ONE, PLAIN)
ASKS = {HALF: DeviceAsk(kind=GPU, share=500), WHOLE_ONE: DeviceAsk(kind=GPU, whole=1)}

Names = tuple[tuple[int, ...], ...]


def load(ref: WorkloadRef, ask: DeviceAsk | None = None, cpu: int = 1000, **more: object) -> Load:
    return Load(workload=ref, shape=replace(Shape(requests=Resources(cpu, 0), device=ask), **more), spare=99, surge=1, doubles=False)  # type: ignore[arg-type]


LOADS = (load(HALF, ASKS[HALF]), load(WHOLE_ONE, ASKS[WHOLE_ONE]), load(PLAIN, cpu=7500))


def node(key: str, devices: Devices = (), **more: object) -> Host:
    return Host(key=key, capacity=Resources(8000, 0), devices=devices)._replace(**more)  # type: ignore[arg-type]


def stands(ref: WorkloadRef, host: str, *devices: tuple[int, ...]) -> Resident:
    return Resident(workload=ref, host=host, count=max(1, len(devices)), serving=max(1, len(devices)), devices=devices)


def went(found: Placement) -> dict[tuple[WorkloadRef, str], Names]:
    return {(one.workload, one.host): one.devices for one in found.assignments}


TWO, EMPTY = node("n1", (OLD, OLD)), node("n2", (OLD, OLD))
CASES: dict[str, tuple[tuple[Host, ...], tuple[Resident, ...], dict[WorkloadRef, int], dict[tuple[WorkloadRef, str], Names]]] = {
    "a share goes beside one that is there": ((TWO, EMPTY), (stands(HALF, "n2", (1,)),), {HALF: 1}, {(HALF, "n2"): ((1,),)}),
    "whole ones leave the shared device": ((TWO,), (stands(HALF, "n1", (0,)),), {WHOLE_ONE: 1}, {(WHOLE_ONE, "n1"): ((1,),)}),
    "two shares of one device leave a whole one": (
        (TWO,),
        (),
        {HALF: 2, WHOLE_ONE: 1},
        {(HALF, "n1"): ((1,), (1,)), (WHOLE_ONE, "n1"): ((0,),)},
    ),
    "who asks for none leaves machines with devices alone": (
        (node("a", (OLD, OLD)), node("b")),
        (),
        {PLAIN: 1},
        {(PLAIN, "b"): ((),)},
    ),
    "where one is on a device that is not known none is named": ((TWO,), (stands(HALF, "n1"),), {HALF: 1}, {(HALF, "n1"): ()}),
    "and another machine is taken first": ((TWO, EMPTY), (stands(HALF, "n1"),), {HALF: 1}, {(HALF, "n2"): ((0,),)}),
}


@pytest.mark.parametrize(("hosts", "there", "comes", "expected"), [pytest.param(*case, id=name) for name, case in CASES.items()])
def test_where_and_on_which(
    hosts: tuple[Host, ...],
    there: tuple[Resident, ...],
    comes: dict[WorkloadRef, int],
    expected: dict[tuple[WorkloadRef, str], Names],
) -> None:
    demands = tuple(Demand(workload=ref, count=count) for ref, count in comes.items())
    problem = Problem(hosts=hosts, loads=LOADS, residents=there, demands=demands, names=True)
    assert went(place(problem)) == expected
    assert not any(went(place(replace(problem, names=False))).values())


def test_whom_the_orchestrator_knows_of_it_gives_a_place_itself() -> None:
    demands = (Demand(workload=HALF, count=1, told=True), Demand(workload=WHOLE_ONE, count=1))
    found = place(Problem(hosts=(TWO, EMPTY), loads=LOADS, demands=demands, names=True))
    assert went(found) == {(HALF, "n1"): (), (WHOLE_ONE, "n2"): ((0,),)}


def test_where_rules_choose_the_machine_its_devices_are_named() -> None:
    even = load(HALF, ASKS[HALF], constraints=(TopologySpread(),))
    problem = Problem(hosts=(TWO, EMPTY), loads=(even, *LOADS[1:]), demands=(Demand(workload=HALF, count=2),), names=True)
    assert went(place(problem)) == {(HALF, "n1"): ((0,),), (HALF, "n2"): ((0,),)}


def test_a_machine_of_two_models_gives_each_what_it_accepts() -> None:
    picky = load(WHOLE_ONE, replace(ASKS[WHOLE_ONE], products=("A100",)))
    demands = tuple(Demand(workload=ref, count=1) for ref in (HALF, WHOLE_ONE))
    found = place(Problem(hosts=(node("n1", (OLD, NEW)),), loads=(LOADS[0], picky), demands=demands, names=True))
    assert went(found) == {(HALF, "n1"): ((0,),), (WHOLE_ONE, "n1"): ((1,),)}


def test_moves_name_devices_too() -> None:
    hosts = (TWO._replace(pool=POOL, must_close=True), node("n2", (OLD, OLD), pool=POOL))
    there = (stands(WHOLE_ONE, "n1", (0,)), stands(HALF, "n1", (1,)), stands(HALF, "n2", (1,)))
    pool = PoolOptions(name=POOL, count=2, min=0, max=2)
    (first, second) = place(Problem(hosts=hosts, loads=LOADS, residents=there, pools=(pool,), names=True)).moves
    assert {(one.workload, one.target): one.devices for one in (first, second)} == {
        (HALF, "n2"): ((1,),),
        (WHOLE_ONE, "n2"): ((0,),),
    }


asks = st.one_of(
    st.none(),
    st.builds(lambda milli: DeviceAsk(kind=GPU, share=milli), st.sampled_from((100, 300, 500, 700))),
    st.builds(lambda milli: DeviceAsk(kind=GPU, share=milli, products=("A100",)), st.sampled_from((200, 600))),
    st.builds(lambda count: DeviceAsk(kind=GPU, whole=count), st.integers(1, 2)),
)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    loads = tuple(load(ref, draw(asks), draw(st.sampled_from((100, 1000, 3000)))) for ref in REFS)
    devices = st.lists(st.sampled_from((OLD, NEW)), max_size=3).map(tuple)
    hosts = [node(f"n{at}", draw(devices), pool=POOL, state=draw(st.sampled_from((HostState.OPEN, HostState.CLOSING)))) for at in range(3)]
    offers = [Offer(name=OfferingName(f"o{at}"), capacity=Resources(4000, 0), price=at + 1, devices=(NEW,) * at) for at in range(3)]
    demands = [Demand(workload=ref, count=draw(st.integers(0, 4)), told=draw(st.booleans())) for ref in REFS]
    pool = PoolOptions(name=POOL, count=3, min=0, max=5, offers=tuple(offers))
    return Problem(hosts=tuple(hosts), loads=loads, demands=tuple(demands), pools=(pool,), names=True)


def settled(problem: Problem) -> Problem:
    """What of it was named stands, where it was to be; as much comes once more."""
    found = place(problem)
    keys = {host.key for host in problem.hosts}
    named = [one for one in found.assignments if one.devices and one.host in keys]
    there = tuple(Resident(workload=one.workload, host=one.host, count=one.count, serving=one.count, devices=one.devices) for one in named)
    return replace(problem, residents=there, demands=tuple(replace(one, told=False) for one in problem.demands))


def used(problem: Problem, found: Placement) -> dict[str, dict[int, list[DeviceAsk]]]:
    """Who has which device of each machine, of all whose devices are named: those that stand, those that come, and moves at both ends."""
    shapes = {one.workload: one.shape.device for one in problem.loads}
    on: dict[str, dict[int, list[DeviceAsk]]] = defaultdict(lambda: defaultdict(list))
    standing = [(one.host, one.workload, one.devices) for one in problem.residents]
    coming = [(one.host, one.workload, one.devices) for one in found.assignments]
    moving = [(one.target, one.workload, one.devices) for one in found.moves]
    for host, ref, devices in (*standing, *coming, *moving):
        ask = shapes[ref]
        for where in devices:
            assert len(set(where)) == len(where) == (ask.count if ask else 0)
            for number in where:
                on[host][number] += [ask] if ask else []
    return on


@given(problems())
def test_no_named_device_is_overcommitted_and_each_is_accepted(problem: Problem) -> None:
    problem = settled(problem)
    found = place(problem)
    offers = {offer.name: offer.devices for pool in problem.pools for offer in pool.offers}
    devices = {host.key: host.devices for host in problem.hosts} | {one.key: offers[one.offering] for one in found.opens}
    for host, there in used(problem, found).items():
        for number, held in there.items():
            assert sum(ask.each for ask in held) <= WHOLE, (host, number, held)
            assert all(ask.accepts(devices[host][number]) for ask in held)
    for one in found.assignments:
        assert len(one.devices) in (0, one.count)


@given(problems())
def test_the_same_problem_has_the_same_answer(problem: Problem) -> None:
    problem = settled(problem)
    assert place(problem) == place(replace(problem))


@given(problems())
def test_with_devices_named_as_much_finds_room_as_without(problem: Problem) -> None:
    """On machines that are there, and nothing bought: what is known leaves no less."""
    alone = replace(problem, pools=(), demands=tuple(replace(one, told=False) for one in problem.demands[:1]))
    ours, theirs = (sum(one.count for one in place(each).assignments) for each in (alone, replace(alone, names=False)))
    assert ours == theirs


def test_before_there_is_any_machine_some_are_bought_and_nobody_is_left_over() -> None:
    offer = Offer(name=OfferingName("four"), capacity=Resources(64_000, 0), price=1, devices=(OLD,) * 4)
    pool = PoolOptions(name=POOL, count=0, min=0, max=9, offers=(offer,))
    demands = (Demand(workload=HALF, count=6), Demand(workload=WHOLE_ONE, count=5))
    found = place(Problem(hosts=(), loads=LOADS, demands=demands, pools=(pool,), names=True))
    assert (len(found.opens), found.unplaced) == (2, ())
