"""Chooses where a replica goes: the node, and the devices on it, whose room loses least of its worth."""

from types import ModuleType

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.stranding.board import Board
from autoscaler.placement.stranding.columns import Classes, Nodes, Place
from autoscaler.placement.stranding.ledger import Ledger
from autoscaler.placement.stranding.mix import Mix
from autoscaler.placement.stranding.scoring import NEVER, Need, Outlook, Room
from autoscaler.placement.stranding.worth import foresight

GROWTH = 5
"""The mix is looked at again when a fifth more has come: what it says changes slowly, and every score with it."""


class Placer:
    """Places replicas one by one as they come, with what has come as its only guess of what will. The `ledger` is its own."""

    __slots__ = ("_ahead", "_board", "_mix", "_needs", "_next", "_seen", "ledger")

    def __init__(self, nodes: Nodes, classes: Classes, *, scores: ModuleType | None = None) -> None:
        self.ledger = Ledger(nodes, classes)
        self._mix = Mix(classes, nodes)
        self._ahead = foresight()
        self._needs = [_need(classes, one) for one in range(len(classes))]
        self._seen, self._next = 0, 1
        devices = self.ledger.devices
        room = Room(self.ledger.free, devices, np.zeros_like(devices), self.ledger.kind)
        self._board = Board(room, Outlook.of(self._mix.expected(), self._ahead), scores)

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
        loss = self._board.losses(one, self._needs[one])
        loss[list(avoid)] = NEVER
        node = int(np.argmin(loss))
        return None if loss[node] == NEVER else self._on(one, node)

    def place_on(self, one: int, node: int) -> Place | None:
        """The devices on that node that would cost least. None: it does not fit there."""
        fits = self._board.losses(one, self._needs[one])[node] < NEVER
        return self._on(one, node) if fits else None

    def take(self, one: int, place: Place) -> None:
        """It stands there now."""
        self.ledger.take(one, place)
        self._board.changed(place.node)

    def give(self, one: int, place: Place) -> None:
        """It stands there no more."""
        self.ledger.give(one, place)
        self._board.changed(place.node)

    def _on(self, one: int, node: int) -> Place:
        return Place(node, self._board.devices_on(one, self._needs[one], node))

    def _look(self) -> None:
        self._next = max(self._seen + 1, self._seen + self._seen // GROWTH)
        self._board.look(Outlook.of(self._mix.expected(), self._ahead))


def _need(classes: Classes, one: int) -> Need:
    """That one of them."""
    any_ = np.ones(1, np.bool_)
    return Need(classes.requests[one], classes.allowed[one], int(classes.whole[one]), int(classes.share[one]), any_)
