"""The packing as a fleet of single machines that is rebuilt again and again, and back."""

from dataclasses import dataclass, field

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.mixing.greedy import shares_of_largest
from autoscaler.placement.mixing.packing import Packing, packing_of, pattern_of
from autoscaler.placement.mixing.rebuilding import Fleet, Guide, rebuild
from autoscaler.placement.mixing.tables import Tables

WIDEST = 40_000_000
"""Machines times classes beyond which they are not rebuilt one by one."""


@dataclass(slots=True, eq=False)
class Renewal:
    """A fleet and the row of chances it goes through; None of a fleet that is too large."""

    tables: Tables
    unit: int
    packing: Packing
    fleet: Fleet | None = None
    chance: Ints = field(default_factory=lambda: np.ones(1, np.int64))

    def __post_init__(self) -> None:
        """Start from the packing."""
        self.fleet = _fleet(self.tables, self.packing)

    def restart(self, packing: Packing) -> None:
        """Go on from a better packing."""
        self.packing, self.fleet = packing, _fleet(self.tables, packing)

    def step(self, values: Ints, kinds: Ints, tries: int) -> Packing:
        """Rebuild groups of machines so often from these kinds, by these values of classes; the best packing since."""
        if self.fleet is None:
            return self.packing
        large = np.maximum(1, shares_of_largest(self.tables).sum(axis=1) * 1_000_000).astype(np.int64)
        rebuild(self.tables, Guide(np.maximum(1, values), large, self.unit, self.chance, kinds), self.fleet, tries)
        kinds = self.fleet.kinds[: self.fleet.size[0]]
        if int(self.tables.price[kinds].sum()) < self.packing.price:
            rows = zip(kinds.tolist(), self.fleet.held, strict=False)
            self.packing = packing_of(self.tables, [pattern_of(kind, held) for kind, held in rows], self.packing.left)
        return self.packing


def _fleet(tables: Tables, packing: Packing) -> Fleet | None:
    size, classes = sum(one.times for one in packing.patterns), len(packing.left)
    rows = size + size // 10 + 50
    if rows * classes > WIDEST:
        return None
    fleet = Fleet(np.zeros(rows, np.int64), np.zeros((rows, classes), np.int64), np.array([size]), tables.most.copy())
    place = 0
    for one in packing.patterns:
        fleet.kinds[place : place + one.times] = one.kind
        for number, count in one.replicas:
            fleet.held[place : place + one.times, number] = count
        fleet.stock[tables.pool[one.kind]] -= one.times
        place += one.times
    return fleet
