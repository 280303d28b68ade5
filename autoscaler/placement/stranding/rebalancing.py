"""Moves a few replicas so that more of the refused find room: a replica leaves a node if one that waits fits once it is gone.

The one that leaves goes where it costs least; where nothing is free for it, another makes room for it in the same way, and so on, a few
deep. A target has room before its source is freed, so the steps may be taken one after the other as they stand.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.problem import KeepGoing
from autoscaler.placement.stranding.columns import WHOLE, Place
from autoscaler.placement.stranding.placer import Placer

DEEPEST = 3
"""Moves made for one that waits; longer chains hardly ever end well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A replica of class `one`, where it stands."""

    one: int
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The replica, by its number among those standing, leaves `source` once it runs at `target`, on another node."""

    replica: int
    source: Place
    target: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One of class `one` that was refused comes in."""

    one: int
    place: Place


Step: TypeAlias = Move | Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebalanced:
    """The steps in their order. `rounds`: attempts made."""

    steps: tuple[Step, ...]
    rounds: int

    @property
    def moves(self) -> int:
        """How many of the steps are moves."""
        return sum(isinstance(step, Move) for step in self.steps)


def rebalance(placer: Placer, standing: tuple[Standing, ...], refused: Ints, moves: int, keep_going: KeepGoing) -> Rebalanced:
    """At most `moves` of the replicas that stand move, so that as much as possible of `refused[K]`, counts per class, comes in.

    The placer's ledger holds what stands, and what the steps lead to in the end. `keep_going` is asked before each attempt, with how
    many were made; an attempt only adds steps, so more of them are never worse.
    """
    search = _Search(placer, standing, moves)
    rounds, waiting = 0, refused.copy()
    progress = True
    while progress:
        progress = False
        for one, depth in _order(placer, waiting):
            while waiting[one] and depth <= search.left:
                if not keep_going(rounds):
                    return Rebalanced(steps=tuple(search.steps), rounds=rounds)
                rounds += 1
                if not search.enter(one, depth):
                    break
                waiting[one] -= 1
                progress = True
    return Rebalanced(steps=tuple(search.steps), rounds=rounds)


def _order(placer: Placer, waiting: Ints) -> list[tuple[int, int]]:
    """Classes and how many moves to make for one of them: those that need none first, then by what a move brings.

    It brings devices, or where none that waits asks for any what a replica is worth. Of those that bring the same the ones that ask for
    least come first: more of them find room.
    """
    milli = placer.ledger.classes.milli
    brings = milli if milli[waiting > 0].any() else placer.worth
    pairs = [(int(one), depth) for one in np.flatnonzero(waiting) for depth in range(DEEPEST + 1)]
    # Times 6: what each of two or of three moves brings stays a whole number.
    return sorted(
        pairs, key=lambda pair: (pair[1] > 0, -int(brings[pair[0]]) * 6 // max(1, pair[1]), pair[1], int(placer.worth[pair[0]]), pair[0])
    )


class _Search:
    """Where everything stands by now, and the steps that led there."""

    def __init__(self, placer: Placer, standing: tuple[Standing, ...], left: int) -> None:
        self.placer = placer
        self.left = left
        self.steps: list[Step] = []
        self._one = np.array([each.one for each in standing], np.int64)
        self._place = [each.place for each in standing]
        self._node = np.array([each.place.node for each in standing], np.int64)
        self._device = np.array([each.place.devices[0] if each.place.devices else -1 for each in standing], np.int64)
        self._hopeless: set[tuple[int, int]] = set()

    def enter(self, one: int, depth: int) -> bool:
        """Bring one of the class in, by that many moves at most."""
        place = self._room_for(one, depth, frozenset())
        if place is None:
            return False
        self.placer.take(one, place)
        self.steps.append(Entry(one=one, place=place))
        self._hopeless.clear()
        return True

    def _room_for(self, one: int, depth: int, avoid: frozenset[int]) -> Place | None:
        """A place for one of the class, on none of those nodes, made by that many moves at most. None: nothing has changed."""
        place = self.placer.choose(one, avoid=avoid)
        if place or not depth or (one, depth) in self._hopeless:
            return place
        for replica in self._leavers(one, avoid):
            node = int(self._node[replica])
            target = self._room_for(int(self._one[replica]), depth - 1, avoid | {node})
            if target:
                self._move(replica, target)
                return self.placer.place_on(one, node)
        self._hopeless.add((one, depth))
        return None

    def _move(self, replica: int, target: Place) -> None:
        source, one = self._place[replica], int(self._one[replica])
        self.placer.take(one, target)
        self.placer.give(one, source)
        self.steps.append(Move(replica=replica, source=source, target=target))
        self._place[replica], self._node[replica] = target, target.node
        self._device[replica] = target.devices[0] if target.devices else -1
        self._hopeless.clear()
        self.left -= 1

    def _leavers(self, one: int, avoid: frozenset[int]) -> list[int]:
        """Replicas that would leave room for one of the class: of each class the one that fits best, the smallest first."""
        able = np.flatnonzero(self._lets_in(one) & ~np.isin(self._node, list(avoid)))
        classes = self.placer.ledger.classes
        size = classes.milli[self._one[able]]
        order = np.lexsort((able, self._slack(one, able), self._one[able], size))
        _, first = np.unique(self._one[able][order], return_index=True)
        return [int(able[order][index]) for index in np.sort(first)]

    def _lets_in(self, one: int) -> Bools:
        """For each replica, whether one of the class would fit on its node without it."""
        ledger, classes = self.placer.ledger, self.placer.ledger.classes
        free = ledger.free[self._node] + classes.requests[self._one]
        fits: Bools = (free >= classes.requests[one]).all(axis=1) & classes.allowed[one, ledger.kind[self._node]]
        back = self._back()
        if classes.share[one]:
            room = np.maximum(ledger.devices.max(axis=1)[self._node], back) >= classes.share[one]
        else:
            gained = np.where(classes.whole[self._one] > 0, classes.whole[self._one], back == WHOLE)
            room = (ledger.devices == WHOLE).sum(axis=1)[self._node] + gained >= classes.whole[one]
        able: Bools = fits & room
        return able

    def _back(self) -> Ints:
        """What would be free of each replica's device without it; 0 of those that have none."""
        ledger, classes = self.placer.ledger, self.placer.ledger.classes
        has = ledger.devices[self._node, np.maximum(0, self._device)] + np.where(
            classes.whole[self._one] > 0, WHOLE, classes.share[self._one]
        )
        return np.where(self._device >= 0, has, 0)

    def _slack(self, one: int, replicas: Ints) -> Ints:
        """Milli that would be left over on the device."""
        needs = int(self.placer.ledger.classes.share[one])
        left = self._back()[replicas] - needs
        return np.where(left >= 0, left, WHOLE)
