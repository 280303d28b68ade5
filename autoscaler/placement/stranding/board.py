"""What each replica to come would cost on each node, kept until the node, or what is expected, has changed."""

from functools import cache
from types import ModuleType

import numpy as np

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.stranding import plain
from autoscaler.placement.stranding.columns import WHOLE
from autoscaler.placement.stranding.scoring import NEVER, UNKNOWN, Need, Outlook, Room
from autoscaler.placement.stranding.states import States


@cache
def fastest() -> ModuleType:
    """The compiled scores, or the plain ones where nothing is compiled. Loaded here: numba alone takes most of a second."""
    from autoscaler.placement.compiling import COMPILED

    if not COMPILED:
        return plain
    from autoscaler.placement.stranding import compiled

    return compiled


class _Known:
    """What one class costs in every state: `loss[S]`, and the `column[S]` of the device it would share; where `fresh[S]`."""

    __slots__ = ("column", "fresh", "loss")

    def __init__(self, slots: int) -> None:
        self.fresh = np.zeros(slots, np.bool_)
        self.loss = np.full(slots, NEVER, np.int64)
        self.column = np.zeros(slots, np.int64)


class Board:
    """Nodes N as they are, in `room`, and the scores of all classes that were asked for.

    `scores` is the module that reckons: `compiled`, or `plain` with the same answers.
    """

    __slots__ = ("_base", "_known", "_outlook", "_states", "room", "scores")

    def __init__(self, room: Room, outlook: Outlook, scores: ModuleType | None = None) -> None:
        self.room = room
        self.scores = scores or fastest()
        self._states = States(room)
        self._base = np.zeros(len(room.kind), np.int64)
        self._known: dict[int, _Known] = {}
        self.look(outlook)

    def look(self, outlook: Outlook) -> None:
        """What is expected has changed, so every score has."""
        self._outlook = outlook
        self._base[:] = UNKNOWN
        for known in self._known.values():
            known.fresh[:] = False

    def losses(self, one: int, need: Need) -> Ints:
        """What a replica of that class takes from the worth of each node, [N]; NEVER where it does not fit."""
        found: Ints = self._scored(one, need).loss[self._states.slot]
        return found

    def devices_on(self, one: int, need: Need, node: int) -> tuple[int, ...]:
        """Those that would cost least there, where it fits: the first of those that are alike."""
        slot, states = self._states.slot[node], self._states.room
        devices, model = self.room.devices[node], self.room.model[node]
        column = self._scored(one, need).column[slot]
        if need.share:
            alike = (devices == states.devices[slot, column]) & (model == states.model[slot, column])
            return (int(np.argmax(alike)),)
        return tuple(self._whole(need, node)[: need.whole].tolist())

    def changed(self, node: int) -> None:
        """The node is not what it was: `room` says what it is."""
        empty = self._states.leave(node)
        if empty is not None:
            for known in self._known.values():
                known.loss[empty] = NEVER
        new = self._states.enter(self.room, node)
        if new is not None:
            self._base[new] = UNKNOWN
            for known in self._known.values():
                known.fresh[new] = False

    def holds(self, room: Room) -> bool:
        """Whether so many nodes with so many devices can be followed."""
        return len(room.kind) <= len(self.room.kind) and room.devices.shape[1] == self.room.devices.shape[1]

    def follow(self, room: Room) -> None:
        """The first of its nodes are like these now, and there are no others."""
        now = len(room.kind)
        gone = np.flatnonzero(self.room.kind[now:]) + now
        pairs = [(here[:now].reshape(now, -1), there.reshape(now, -1)) for here, there in zip(self.room, room, strict=True)]
        unlike = np.any([(here != there).any(axis=1) for here, there in pairs], axis=0)
        for node in np.flatnonzero(unlike).tolist():
            for here, there in zip(self.room, room, strict=True):
                here[node] = there[node]
            self.changed(node)
        for node in gone.tolist():
            for here in self.room:
                here[node] = 0
            self.changed(node)

    def _scored(self, one: int, need: Need) -> _Known:
        """With what the class costs in every state."""
        known = self._known.get(one) or _Known(len(self._base))
        self._known[one] = known
        todo = np.flatnonzero(self._states.used() & ~known.fresh)
        if len(todo):
            known.loss[todo], known.column[todo] = self.scores.losses(self._states.room, self._base, todo, need, self._outlook)
            known.fresh[todo] = True
        return known

    def _whole(self, need: Need, node: int) -> Ints:
        able: Bools = (self.room.devices[node] == WHOLE) & need.accepts[self.room.model[node]]
        return np.flatnonzero(able)
