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


@pytest.mark.parametrize("spread", [True, False], ids=["spread", "packed"])
def test_as_few_stay_as_hold_everything(*, spread: bool) -> None:
    asked = problem([(machine, 0) for machine in range(8) for _ in range(5)], spread=spread)
    assert len(place(asked).closes) == 4


def test_what_came_from_a_machine_that_was_spared_is_sent_on() -> None:
    asked = problem([(0, 0), (1, 0), (1, 0), (2, 1), (2, 1)], machines=3)
    found = place(asked)
    assert set(found.closes) == {"m0", "m1"}
    assert {(one.source, one.target, one.count) for one in found.moves} == {("m0", "m2", 1), ("m1", "m2", 2)}
