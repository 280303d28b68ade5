"""What is free, while replicas come and go."""

import numpy as np

from autoscaler.placement.stranding.columns import WHOLE, Classes, Nodes, Place


class Ledger:
    """Free amounts of every node and device. A replica is taken in only where it fits."""

    __slots__ = ("classes", "devices", "free", "kind")

    def __init__(self, nodes: Nodes, classes: Classes) -> None:
        self.free = nodes.free.copy()
        # A column even where nobody has a device: what looks along the devices need not ask.
        self.devices = nodes.devices.copy() if nodes.devices.shape[1] else np.zeros((len(nodes), 1), np.int64)
        self.kind = nodes.kind
        self.classes = classes

    def copy(self) -> "Ledger":
        """One that may be changed alone."""
        return Ledger(Nodes(free=self.free, devices=self.devices, kind=self.kind), self.classes)

    def fits(self, one: int, place: Place) -> bool:
        """Whether a replica of the class fits there, on those devices."""
        needs, taken = self.classes.requests[one], list(place.devices)
        room = bool(self.classes.allowed[one, self.kind[place.node]] and (self.free[place.node] >= needs).all())
        count = int(self.classes.whole[one]) or int(self.classes.share[one] > 0)
        return room and len(set(taken)) == count and bool((self.devices[place.node, taken] >= self._each(one)).all())

    def take(self, one: int, place: Place) -> None:
        """Raises ValueError where it does not fit; nothing is changed then."""
        if not self.fits(one, place):
            raise ValueError(f"class {one} does not fit on node {place.node}")
        self._add(one, place, -1)

    def give(self, one: int, place: Place) -> None:
        """What one replica had is free again."""
        self._add(one, place, 1)

    def place_on(self, one: int, node: int, level: int) -> Place:
        """There: a share on the first device with just `level` milli free, whole devices lowest number first."""
        if self.classes.share[one]:
            return Place(node, (int(np.argmax(self.devices[node] == level)),))
        whole = np.flatnonzero(self.devices[node] == WHOLE)[: int(self.classes.whole[one])]
        return Place(node, tuple(whole.tolist()))

    def _each(self, one: int) -> int:
        return int(self.classes.share[one]) or (WHOLE if self.classes.whole[one] else 0)

    def _add(self, one: int, place: Place, sign: int) -> None:
        self.free[place.node] += sign * self.classes.requests[one]
        self.devices[place.node, list(place.devices)] += sign * self._each(one)
