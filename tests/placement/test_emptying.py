"""Machines emptied together: what leaves comes to others, one by one as ever, and nothing is tried where more than room decides."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis.strategies import booleans, integers, lists

from autoscaler.model.constraints import Preference, TopologySpread
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.model.workloads import Shape
from autoscaler.placement import Host, Load, Problem, Resident
from autoscaler.placement.emptying import WHEREVER, together, tried
from autoscaler.placement.search import Search

WEB = WorkloadRef(ClusterName("shop"), "web")
LOAD = Load(workload=WEB, shape=Shape(requests=Resources(100, 10)), spare=99)


def search(counts: list[int], load: Load = LOAD, *, spread: bool, room: int = 1000) -> Search:
    """Machines m0, m1 … with so many replicas each."""
    hosts = tuple(Host(key=f"m{number}", capacity=Resources(room, 1000)) for number in range(len(counts)))
    residents = tuple(Resident(workload=WEB, host=f"m{place}", count=count, serving=count) for place, count in enumerate(counts) if count)
    return Search.of(Problem(hosts=hosts, loads=(load,), residents=residents, spread=spread))


def stands(found: Search) -> list[int]:
    standing = found.ledger.columns.standing(WEB)
    return [0] * len(found.ledger.keys) if standing is None else standing.tolist()


@settings(max_examples=500)
@given(counts=lists(integers(0, 10), min_size=2, max_size=9), gone=integers(1, 5), spread=booleans())
def test_what_is_emptied_together_stands_where_it_would_one_by_one(counts: list[int], gone: int, *, spread: bool) -> None:
    before, keys = search(counts, spread=spread), [f"m{number}" for number in range(min(gone, len(counts) - 1))]
    one_by_one, refused, _ = tried(before, keys)
    at_once, found = together(before, keys)
    assert bool(found) is not bool(refused)
    if found and spread:
        assert stands(at_once) == stands(one_by_one)
        assert (at_once.closes, at_once.moves) == (one_by_one.closes, one_by_one.moves)
    if found:
        assert sum(stands(at_once)) == sum(counts)
        assert not any(stands(at_once)[: len(keys)])


@settings(max_examples=500)
@given(counts=lists(integers(0, 10), min_size=2, max_size=9), gone=integers(1, 5), spread=booleans())
def test_moves_are_told_as_the_ledger_has_them(counts: list[int], gone: int, *, spread: bool) -> None:
    keys = [f"m{number}" for number in range(min(gone, len(counts) - 1))]
    trial, found = together(search(counts, spread=spread), keys)
    if found:
        there = Counter({f"m{place}": count for place, count in enumerate(counts)})
        for _, count, source, target, _ in trial.moves:
            there[source] -= count
            there[target] += count
        assert [there[f"m{place}"] for place in range(len(counts))] == stands(trial)
        came = Counter[str]()
        for emptied in found:
            for _, count, source, target, _ in emptied.moves:
                came[target] += count
                assert source == WHEREVER or len(found) > 1
        assert all(there[key] == counts[int(key[1:])] + came[key] for key in there if key not in keys)


@pytest.mark.parametrize(
    "load",
    [
        pytest.param(replace(LOAD, sure=False), id="one that declares nothing"),
        pytest.param(replace(LOAD, spare=0, surge=9), id="one whose floor needs a surge first"),
        pytest.param(replace(LOAD, booked=2, lent=2), id="one with a surge standing"),
        pytest.param(
            replace(LOAD, shape=replace(LOAD.shape, preferences=(Preference(weight=1, wish=TopologySpread()),))),
            id="one with preferences",
        ),
    ],
)
def test_where_more_than_room_decides_they_are_emptied_one_after_the_other(load: Load) -> None:
    before = search([3, 3, 3, 3], load, spread=True)
    trial, refused, found = tried(before, ["m0", "m1"])
    at_once = together(before, ["m0", "m1"])
    assert at_once[1] == ([] if refused else found)
    assert at_once[0].moves == trial.moves


def test_with_too_little_room_nothing_is_found() -> None:
    assert not together(search([9, 9, 9], spread=False), ["m0"])[1]
