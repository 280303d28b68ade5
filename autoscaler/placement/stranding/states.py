"""Nodes that are alike share a slot: work grows with the number of different states, not of nodes."""

import numpy as np

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.stranding.scoring import Room

NOWHERE = -1


class States:
    """Slots of states in use: `room`, where devices stand most free first, and `members[S]` nodes in each, 0 when unused.

    `slot[N]`: which one a node is in. A slot that falls empty is used again, so there are never more than nodes.
    """

    __slots__ = ("_known", "_unused", "members", "room", "slot")

    def __init__(self, room: Room) -> None:
        self.room = Room(*(np.zeros_like(each) for each in room))
        self.members = np.zeros(len(room.kind), np.int64)
        self.slot = np.full(len(room.kind), NOWHERE)
        self._known: dict[bytes, int] = {}
        self._unused = list(range(len(room.kind) - 1, -1, -1))
        for node in range(len(room.kind)):
            self.enter(room, node)

    def used(self) -> Bools:
        """Slots with a node in them, [S]."""
        return self.members > 0

    def leave(self, node: int) -> int | None:
        """The node's state is about to change; the slot if that leaves it empty."""
        slot = int(self.slot[node])
        self.members[slot] -= 1
        if self.members[slot]:
            return None
        del self._known[self._key(*(each[slot] for each in self.room))]
        self._unused.append(slot)
        return slot

    def enter(self, room: Room, node: int) -> int | None:
        """Into the slot of what it is now; the slot if it is a new one."""
        order = np.lexsort((room.model[node], -room.devices[node]))
        state = room.free[node], room.devices[node][order], room.model[node][order], room.kind[node]
        key = self._key(*state)
        new = key not in self._known
        if new:
            slot = self._known[key] = self._unused.pop()
            for column, value in zip(self.room, state, strict=True):
                column[slot] = value
        slot = self._known[key]
        self.slot[node] = slot
        self.members[slot] += 1
        return slot if new else None

    @staticmethod
    def _key(free: Ints, devices: Ints, model: Ints, kind: Ints | np.int64) -> bytes:
        return free.tobytes() + devices.tobytes() + model.tobytes() + kind.tobytes()
