"""Machines spared together: everything finds a place on those that stay, whoever moved there before they were spared too."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis.strategies import booleans, integers, lists, tuples

from autoscaler.model.refs import ClusterName, OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Host, Load, Offer, Placement, PoolOptions, Problem, Resident, place
from autoscaler.placement.problem import HostState

POOL = PoolName("general")
CPU = 1000
ASKS = (100, 250, 400)
LOADS = tuple(
    Load(workload=WorkloadRef(ClusterName("shop"), name), shape=Shape(requests=Resources(cpu, 0)), spare=99, surge=9)
    for name, cpu in zip(("a", "b", "c"), ASKS, strict=True)
)
STANDING = lists(tuples(integers(0, 7), integers(0, 2)), max_size=24)
"""Replicas: on which machine, of which workload."""


def problem(standing: list[tuple[int, int]], machines: int = 8, *, spread: bool = True, spare: int = 99) -> Problem:
    """As many of them as fit."""
    room, there = [CPU] * machines, Counter[tuple[int, int]]()
    for machine, which in standing:
        if machine < machines and room[machine] >= ASKS[which]:
            room[machine] -= ASKS[which]
            there[machine, which] += 1
    offer = Offer(name=OfferingName("one"), capacity=Resources(CPU, 0), price=100)
    return Problem(
        hosts=tuple(Host(key=f"m{number}", capacity=Resources(CPU, 0), pool=POOL, price=100) for number in range(machines)),
        loads=tuple(replace(load, spare=spare) for load in LOADS),
        residents=tuple(
            Resident(workload=LOADS[which].workload, host=f"m{machine}", count=count, serving=count)
            for (machine, which), count in sorted(there.items())
        ),
        pools=(PoolOptions(name=POOL, count=machines, min=0, max=machines, offers=(offer,)),),
        spread=spread,
    )


def after(asked: Problem, found: Placement) -> Counter[tuple[str, WorkloadRef]]:
    """Who stands where once all of it is done."""
    there = Counter({(one.host, one.workload): one.count for one in asked.residents})
    for move in found.moves:
        there[move.source, move.workload] -= move.count
        there[move.target, move.workload] += move.count
    return there


def used(there: Counter[tuple[str, WorkloadRef]]) -> Counter[str]:
    """Of each machine."""
    found, asks = Counter[str](), {load.workload: load.shape.requests.cpu for load in LOADS}
    for (key, workload), count in there.items():
        found[key] += count * asks[workload]
    return found


@settings(max_examples=400, deadline=None)
@given(standing=STANDING, spread=booleans(), spare=integers(0, 4))
def test_all_of_it_finds_a_place_on_what_stays(standing: list[tuple[int, int]], *, spread: bool, spare: int) -> None:
    asked = problem(standing, spread=spread, spare=spare)
    found = place(asked)
    there = after(asked, found)
    assert all(cpu <= CPU for cpu in used(there).values())
    assert all(count == 0 for (key, _), count in there.items() if key in found.closes)
    assert not {one.target for one in found.moves} & set(found.closes)
    assert {one.source for one in found.moves} <= set(found.closes)
    assert {one.host for one in found.kept} | set(found.closes) == {host.key for host in asked.hosts}
    assert not {one.host for one in found.kept} & set(found.closes)


@settings(max_examples=400, deadline=None)
@given(standing=STANDING, spread=booleans())
def test_what_was_consolidated_is_left_alone(standing: list[tuple[int, int]], *, spread: bool) -> None:
    asked = problem(standing, spread=spread)
    found = place(asked)
    stays = tuple(host for host in asked.hosts if host.key not in found.closes)
    residents = tuple(
        Resident(workload=workload, host=key, count=count, serving=count)
        for (key, workload), count in sorted(after(asked, found).items())
        if count
    )
    pools = (replace(asked.pools[0], count=len(stays)),)
    assert place(replace(asked, hosts=stays, residents=residents, pools=pools)).closes == ()


def carried_out(asked: Problem, found: Placement, gone: int) -> Problem:
    """The same once the first of the machines are given back, and the others are being closed."""
    done, rest = found.closes[:gone], found.closes[gone:]
    there = Counter({(one.host, one.workload): one.count for one in asked.residents})
    for move in found.moves:
        if move.source in done:
            there[move.source, move.workload] -= move.count
            there[move.target, move.workload] += move.count
    hosts = tuple(one._replace(state=HostState.CLOSING) if one.key in rest else one for one in asked.hosts if one.key not in done)
    residents = (Resident(workload=ref, host=key, count=count, serving=count) for (key, ref), count in sorted(there.items()) if count)
    return replace(asked, hosts=hosts, residents=tuple(residents), pools=(replace(asked.pools[0], count=len(hosts)),))


@settings(max_examples=400, deadline=None)
@given(standing=STANDING, spread=booleans(), gone=integers(0, 3))
def test_what_is_being_closed_goes_on_however_far_it_came(standing: list[tuple[int, int]], *, spread: bool, gone: int) -> None:
    asked = problem(standing, spread=spread)
    assert place(carried_out(asked, place(asked), gone)).unfence == ()


@pytest.mark.parametrize("spread", [True, False], ids=["spread", "packed"])
def test_machines_of_several_sizes_that_fit_only_in_turn_are_not_closed_to_be_opened_again(*, spread: bool) -> None:
    rooms = ((12, 12), (12, 16), (12, 12), (12, 16), (12, 12), (16, 16))
    sizes, standing = ((6, 7), (1, 5), (3, 3)), ((0, 0, 1), (0, 2, 1), (0, 5, 2), (1, 3, 1), (1, 4, 1), (2, 1, 1))
    loads = tuple(replace(load, shape=Shape(requests=Resources(*size))) for load, size in zip(LOADS, sizes, strict=True))
    asked = replace(
        problem([], machines=6, spread=spread),
        hosts=tuple(Host(key=f"m{number}", capacity=Resources(*room), pool=POOL, price=100) for number, room in enumerate(rooms)),
        loads=loads,
        residents=tuple(Resident(workload=loads[which].workload, host=f"m{at}", count=many, serving=many) for which, at, many in standing),
    )
    assert place(carried_out(asked, place(asked), 0)).unfence == ()


@pytest.mark.parametrize("spread", [True, False], ids=["spread", "packed"])
def test_as_few_stay_as_hold_everything(*, spread: bool) -> None:
    asked = problem([(machine, 0) for machine in range(8) for _ in range(5)], spread=spread)
    assert len(place(asked).closes) == 4


def test_what_came_from_a_machine_that_was_spared_is_sent_on() -> None:
    asked = problem([(0, 0), (1, 0), (1, 0), (2, 1), (2, 1)], machines=3)
    found = place(asked)
    assert set(found.closes) == {"m0", "m1"}
    assert {(one.source, one.target, one.count) for one in found.moves} == {("m0", "m2", 1), ("m1", "m2", 2)}
