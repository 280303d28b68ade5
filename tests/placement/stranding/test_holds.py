"""What always holds, checked by rules written out here a second time, in plain Python: no engine code but what is asked."""

from dataclasses import dataclass, field
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.placement.problem import always
from autoscaler.placement.stranding import Classes, Entry, Move, Nodes, Place, Placer, Rebalanced, Standing, plain, rebalance

compiled = pytest.importorskip("autoscaler.placement.stranding.compiled", reason="the extra `solver` is not installed")


@dataclass(frozen=True)
class World:
    """Nodes as (kind, amounts, count of devices), classes as (amounts, whole, share, kinds), and the classes that come."""

    nodes: list[tuple[int, list[int], int]]
    classes: list[tuple[list[int], int, int, set[int]]]
    comes: list[int]

    def columns(self) -> tuple[Nodes, Classes]:
        most = max(count for _, _, count in self.nodes)
        devices = [[1000] * count + [0] * (most - count) for _, _, count in self.nodes]
        allowed = [[kind in kinds for kind in range(2)] for _, _, _, kinds in self.classes]
        nodes = Nodes(
            free=np.array([amounts for _, amounts, _ in self.nodes], np.int64),
            devices=np.array(devices, np.int64).reshape(len(devices), most),
            kind=np.array([kind for kind, _, _ in self.nodes], np.int64),
        )
        return nodes, Classes(
            requests=np.array([amounts for amounts, _, _, _ in self.classes], np.int64),
            whole=np.array([whole for _, whole, _, _ in self.classes], np.int64),
            share=np.array([share for _, _, share, _ in self.classes], np.int64),
            allowed=np.array(allowed, np.bool_),
        )


@dataclass
class Rules:
    """Books every replica by itself; raises on the first rule broken."""

    world: World
    used: dict[int, list[int]] = field(default_factory=dict)
    devices: dict[tuple[int, int], list[int]] = field(default_factory=dict)

    def takes(self, one: int, place: Place) -> None:
        kind, amounts, count = self.world.nodes[place.node]
        asks, whole, share, kinds = self.world.classes[one]
        assert kind in kinds
        used = self.used.setdefault(place.node, [0] * len(amounts))
        for index, ask in enumerate(asks):
            used[index] += ask
            assert used[index] <= amounts[index]
        assert len(place.devices) == len(set(place.devices)) == (whole or bool(share))
        for device in place.devices:
            assert 0 <= device < count
            on_it = self.devices.setdefault((place.node, device), [])
            on_it.append(1000 if whole else share)
            assert sum(on_it) <= 1000

    def leaves(self, one: int, place: Place) -> None:
        asks, whole, share, _ = self.world.classes[one]
        self.used[place.node] = [had - ask for had, ask in zip(self.used[place.node], asks, strict=True)]
        for device in place.devices:
            self.devices[place.node, device].remove(1000 if whole else share)

    def room(self, one: int) -> list[Place]:
        """Where it would fit: on each node one choice of devices, the emptiest."""
        return [place for node in range(len(self.world.nodes)) if (place := self._on(one, node))]

    def _on(self, one: int, node: int) -> Place | None:
        kind, amounts, count = self.world.nodes[node]
        asks, whole, share, kinds = self.world.classes[one]
        used = self.used.get(node, [0] * len(amounts))
        free = sorted((1000 - sum(self.devices.get((node, device), [])), -device) for device in range(count))[::-1]
        devices = [-device for milli, device in free if milli >= (share or 1000)][: whole or bool(share)]
        enough = all(had + ask <= amount for had, ask, amount in zip(used, asks, amounts, strict=True))
        return Place(node, tuple(devices)) if kind in kinds and enough and len(devices) == (whole or bool(share)) else None


amounts = st.lists(st.integers(8, 30), min_size=2, max_size=2)
kinds = st.sampled_from([{0, 1}, {0, 1}, {0}, {1}])
devices = st.one_of(st.tuples(st.integers(0, 3), st.just(0)), st.tuples(st.just(0), st.sampled_from([100, 160, 300, 470, 500, 810, 999])))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    nodes = draw(st.lists(st.tuples(st.sampled_from([0, 1]), amounts, st.integers(0, 4)), min_size=1, max_size=6))
    asks = st.lists(st.integers(0, 9), min_size=2, max_size=2)
    one = st.tuples(asks, devices, kinds).map(lambda each: (each[0], *each[1], each[2]))
    classes = draw(st.lists(one, min_size=1, max_size=6))
    return World(nodes, classes, draw(st.lists(st.integers(0, len(classes) - 1), min_size=8, max_size=40)))


@st.composite
def crowded(draw: st.DrawFn) -> World:
    """Small ones came first and stand everywhere; then came large ones."""
    count = draw(st.integers(2, 5))
    nodes = [(0, [draw(st.integers(16, 24)), 40], draw(st.integers(0, 2))) for _ in range(count)]
    small = [([draw(st.integers(1, 7)), 1], 0, share, {0}) for share in (0, 0, 300, 500)]
    large = [([draw(st.integers(8, 20)), 1], whole, 0, {0}) for whole in (0, 1, 2)]
    comes = draw(st.lists(st.integers(0, 3), min_size=count, max_size=3 * count)) + draw(
        st.lists(st.integers(4, 6), min_size=1, max_size=6)
    )
    return World(nodes, [*small, *large], comes)


def run(world: World, scores: ModuleType = plain) -> tuple[Placer, list[Place | None]]:
    placer = Placer(*world.columns(), scores=scores)
    return placer, [placer.arrive(one) for one in world.comes]


def scattered(world: World) -> list[Place | None]:
    """As a scheduler that spreads has left it: each on another node than the last, on its emptiest devices."""
    rules, found = Rules(world), list[Place | None]()
    for turn, one in enumerate(world.comes):
        room = rules.room(one)
        found.append(room[turn % len(room)] if room else None)
        if room:
            rules.takes(one, room[turn % len(room)])
    return found


def moved(world: World, most: int, rounds: int | None = None) -> tuple[Rebalanced, list[Standing]]:
    places, placer = scattered(world), Placer(*world.columns(), scores=plain)
    standing = [Standing(one=one, place=place) for one, place in zip(world.comes, places, strict=True) if place]
    left = [one for one, place in zip(world.comes, places, strict=True) if not place]
    for each in standing:
        placer.take(each.one, each.place)
    waiting = np.bincount(left, minlength=len(world.classes)).astype(np.int64)
    return rebalance(placer, tuple(standing), waiting, most, always if rounds is None else lambda done: done < rounds), standing


@given(worlds())
@settings(max_examples=60)
def test_every_replica_stands_where_it_may_and_is_refused_only_where_nothing_has_room(world: World) -> None:
    rules = Rules(world)
    for one, place in zip(world.comes, run(world)[1], strict=True):
        if place:
            rules.takes(one, place)
        else:
            assert not rules.room(one)


@given(worlds())
@settings(max_examples=60)
def test_compiled_and_plain_choose_the_same(world: World) -> None:
    assert run(world, plain)[1] == run(world, compiled)[1]


@given(worlds())
@settings(max_examples=30)
def test_the_same_arrivals_go_to_the_same_places(world: World) -> None:
    assert run(world)[1] == run(world)[1]


@given(crowded(), st.integers(0, 6))
def test_a_rebalance_has_room_at_every_instant_and_moves_no_more_than_it_may(world: World, most: int) -> None:
    found, standing = moved(world, most)
    rules = Rules(world)
    for each in standing:
        rules.takes(each.one, each.place)
    at = {index: each.place for index, each in enumerate(standing)}
    for step in found.steps:
        match step:
            case Move(replica=replica, source=source, target=target):
                assert at[replica] == source
                assert source.node != target.node
                rules.takes(standing[replica].one, target)  # while it still stands where it was
                rules.leaves(standing[replica].one, source)
                at[replica] = target
            case Entry(one=one, place=place):
                rules.takes(one, place)
    assert found.moves <= most


@given(crowded(), st.integers(0, 6))
def test_a_rebalance_lets_in_only_who_was_refused(world: World, most: int) -> None:
    refused = [one for one, place in zip(world.comes, scattered(world), strict=True) if not place]
    for step in moved(world, most)[0].steps:
        if isinstance(step, Entry):
            refused.remove(step.one)


@given(crowded(), st.integers(1, 6), st.integers(0, 12))
def test_more_rounds_only_add_steps(world: World, most: int, rounds: int) -> None:
    fewer, more = moved(world, most, rounds)[0], moved(world, most, rounds + 1)[0]
    assert more.steps[: len(fewer.steps)] == fewer.steps
    assert fewer.rounds <= rounds
