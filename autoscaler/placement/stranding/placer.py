"""Chooses where a replica goes: the node, and the devices on it, whose room loses least of its worth."""

from functools import cache
from types import ModuleType

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.stranding import plain
from autoscaler.placement.stranding.columns import Classes, Nodes, Place
from autoscaler.placement.stranding.ledger import Ledger
from autoscaler.placement.stranding.mix import Mix
from autoscaler.placement.stranding.scoring import NEVER, Need, Outlook, Room
from autoscaler.placement.stranding.states import States
from autoscaler.placement.stranding.worth import foresight

GROWTH = 5
"""The mix is looked at again when a fifth more has come: what it says changes slowly, and every score with it."""


@cache
def fastest() -> ModuleType:
    """The compiled scores, or the plain ones where nothing is compiled. Loaded here: numba alone takes most of a second."""
    from autoscaler.placement.compiling import COMPILED

    if not COMPILED:
        return plain
    from autoscaler.placement.stranding import compiled

    return compiled


class Placer:
    """Places replicas one by one as they come, with what has come as its only guess of what will.

    `scores` is the module that reckons: `compiled`, or `plain` with the same answers; `reckoned` says which. The `ledger` is its own.
    """

    __slots__ = ("_ahead", "_base", "_fresh", "_level", "_loss", "_mix", "_next", "_outlook", "_seen", "_states", "ledger", "scores")

    def __init__(self, nodes: Nodes, classes: Classes, *, half_life: int | None = None, scores: ModuleType | None = None) -> None:
        self.ledger = Ledger(nodes, classes)
        self.scores = scores or fastest()
        self._mix = Mix(classes, nodes, half_life=half_life)
        self._ahead = foresight()
        self._states = States(self.ledger)
        self._seen, self._next = 0, 1
        self._base = np.zeros(len(nodes), np.int64)
        self._fresh = np.zeros((len(classes), len(nodes)), np.bool_)
        self._loss = np.full((len(classes), len(nodes)), NEVER, np.int64)
        self._level = np.zeros((len(classes), len(nodes)), np.int64)
        self._look()

    @property
    def reckoned(self) -> str:
        """`compiled` or `plain`."""
        return self.scores.__name__.rpartition(".")[-1]

    @property
    def worth(self) -> Ints:
        """Of one replica of each class, [K], as `worth.worth` says."""
        return self._mix.worth

    def arrive(self, one: int) -> Place | None:
        """A replica of the class has come: it is counted, and placed if it fits anywhere."""
        self.see(one)
        place = self.choose(one)
        if place:
            self.take(one, place)
        return place

    def see(self, one: int) -> None:
        """Count one of the class as come, wherever it went."""
        self._mix.see(one)
        self._seen += 1
        if self._seen >= self._next:
            self._look()

    def choose(self, one: int, *, avoid: frozenset[int] = frozenset()) -> Place | None:
        """Where a replica of the class would cost least, but on none of those nodes; of equals the lowest. None: it fits nowhere."""
        self._score(one)
        loss = self._loss[one, self._states.slot]
        loss[list(avoid)] = NEVER
        node = int(np.argmin(loss))
        return None if loss[node] == NEVER else self.place_on(one, node)

    def place_on(self, one: int, node: int) -> Place | None:
        """The devices on that node that would cost least. None: it does not fit there."""
        self._score(one)
        slot = self._states.slot[node]
        fits = self._loss[one, slot] < NEVER
        return self.ledger.place_on(one, node, int(self._level[one, slot])) if fits else None

    def take(self, one: int, place: Place) -> None:
        """It stands there now."""
        self.ledger.take(one, place)
        self._changed(place.node)

    def give(self, one: int, place: Place) -> None:
        """It stands there no more."""
        self.ledger.give(one, place)
        self._changed(place.node)

    def _look(self) -> None:
        """What is expected has changed, so every score has."""
        self._next = max(self._seen + 1, self._seen + self._seen // GROWTH)
        self._outlook = Outlook.of(self._mix.expected(), self._ahead)
        used = np.flatnonzero(self._states.used())
        self._base[used] = self.scores.worths(self._room(), used, self._outlook)
        self._fresh[:, used] = False

    def _score(self, one: int) -> None:
        """What the class costs in every state where that is not known."""
        todo = np.flatnonzero(self._states.used() & ~self._fresh[one])
        if len(todo):
            need = Need.of(self.ledger.classes, one)
            found = self.scores.losses(self._room(), self._base, todo, need, self._outlook)
            self._loss[one, todo], self._level[one, todo] = found
            self._fresh[one, todo] = True

    def _changed(self, node: int) -> None:
        empty = self._states.leave(node)
        if empty is not None:
            self._loss[:, empty] = NEVER
        new = self._states.enter(self.ledger, node)
        if new is not None:
            self._base[new] = self.scores.worths(self._room(), np.array([new]), self._outlook)[0]
            self._fresh[:, new] = False

    def _room(self) -> Room:
        return Room(self._states.free, self._states.devices, self._states.kind)
