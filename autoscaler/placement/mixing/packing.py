"""Machines while they are being chosen: kinds as the tables number them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.mixing.answer import Pattern
from autoscaler.placement.mixing.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """Machines, what no machine holds of each class, and the price of it all."""

    patterns: tuple[Pattern, ...]
    left: tuple[int, ...]
    price: int

    @property
    def machines(self) -> int:
        """How many are bought."""
        return sum(one.times for one in self.patterns)

    @property
    def merit(self) -> tuple[int, int]:
        """Less is better: first what is left behind, then the price."""
        return sum(self.left), self.price


def packing_of(tables: Tables, patterns: Iterable[Pattern], left: Iterable[int]) -> Packing:
    """Add up what they cost."""
    some = tuple(patterns)
    price = sum(int(tables.price[one.kind]) * one.times for one in some)
    return Packing(patterns=some, left=tuple(left), price=price)


def pattern_of(kind: int, held: Ints, times: int = 1) -> Pattern:
    """Machines of one kind that hold this of each class."""
    return Pattern(kind=kind, replicas=tuple((int(one), int(held[one])) for one in held.nonzero()[0]), times=times)


def housed(patterns: Iterable[Pattern], classes: int) -> Ints:
    """Replicas of each class that stand on these machines."""
    total = np.zeros(classes, np.int64)
    for one in patterns:
        for place, count in one.replicas:
            total[place] += count * one.times
    return total
