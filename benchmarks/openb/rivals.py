"""What others do: a node at random, or the node that is left with least (best fit)."""

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.stranding import Classes, Ledger, Nodes, Place
from autoscaler.placement.stranding.columns import WHOLE


class Rival:
    """Places replicas one by one; `seed`: at random, else by best fit."""

    def __init__(self, nodes: Nodes, classes: Classes, seed: int | None = None) -> None:
        self.ledger = Ledger(nodes, classes)
        self._largest = np.append(nodes.free.max(axis=0), max(1, int(nodes.devices.sum(axis=1).max())))
        self._dice = None if seed is None else np.random.default_rng(seed)

    def arrive(self, one: int) -> Place | None:
        """Place one of the class, if it fits anywhere."""
        able = self._able(one)
        if not len(able):
            return None
        node = int(able[np.argmin(self._left(able))] if self._dice is None else self._dice.choice(able))
        devices = self.ledger.devices[node]
        share = int(self.ledger.classes.share[one])
        level = int(devices[devices >= share].min()) if share else WHOLE
        place = self.ledger.place_on(one, node, level)
        self.ledger.take(one, place)
        return place

    def _able(self, one: int) -> Ints:
        """Nodes on which it fits."""
        ledger, classes = self.ledger, self.ledger.classes
        asked = int(classes.share[one]) or WHOLE
        count = int(classes.whole[one]) or int(classes.share[one] > 0)
        room = (ledger.free >= classes.requests[one]).all(axis=1) & ((ledger.devices >= asked).sum(axis=1) >= count)
        return np.flatnonzero(room & classes.allowed[one, ledger.kind])

    def _left(self, able: Ints) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """What stays free there, each as a share of the largest node's."""
        free = np.column_stack([self.ledger.free[able], self.ledger.devices[able].sum(axis=1)])
        shares: np.ndarray[tuple[int], np.dtype[np.float64]] = (free / self._largest).sum(axis=1)
        return shares
