"""Nodes that are alike share a slot: work grows with the number of different states, not of nodes."""

import numpy as np

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.stranding.ledger import Ledger


class States:
    """Slots of states in use. `free[S, R]`, `devices[S, G]` sorted, most free first, `kind[S]`, `members[S]` nodes in it, 0 when unused.

    `slot[N]`: which one a node is in. A slot that falls empty is used again, so there are never more than nodes.
    """

    __slots__ = ("_known", "_unused", "devices", "free", "kind", "members", "slot")

    def __init__(self, ledger: Ledger) -> None:
        self.free = np.zeros_like(ledger.free)
        self.devices = np.zeros_like(ledger.devices)
        self.kind = np.zeros_like(ledger.kind)
        self.members = np.zeros_like(ledger.kind)
        self.slot = np.full_like(ledger.kind, -1)
        self._known: dict[bytes, int] = {}
        self._unused = list(range(len(self.kind) - 1, -1, -1))
        for node in range(len(self.kind)):
            self.enter(ledger, node)

    def used(self) -> Bools:
        """Slots with a node in them, [S]."""
        return self.members > 0

    def leave(self, node: int) -> int | None:
        """The node's state is about to change; the slot if that leaves it empty."""
        slot = int(self.slot[node])
        self.members[slot] -= 1
        if self.members[slot]:
            return None
        del self._known[self._key(self.free[slot], self.devices[slot], self.kind[slot])]
        self._unused.append(slot)
        return slot

    def enter(self, ledger: Ledger, node: int) -> int | None:
        """Into the slot of what it is now; the slot if it is a new one."""
        devices = np.sort(ledger.devices[node])[::-1]
        key = self._key(ledger.free[node], devices, ledger.kind[node])
        new = key not in self._known
        if new:
            slot = self._known[key] = self._unused.pop()
            self.free[slot], self.devices[slot], self.kind[slot] = ledger.free[node], devices, ledger.kind[node]
        slot = self._known[key]
        self.slot[node] = slot
        self.members[slot] += 1
        return slot if new else None

    @staticmethod
    def _key(free: Ints, devices: Ints, kind: np.int64) -> bytes:
        return free.tobytes() + devices.tobytes() + kind.tobytes()
