"""A lower bound that holds in integers: prices for classes at which no machine is worth more than it costs.

Whatever the prices, scaling them until that is so gives a bound (Farley 1990); where they come from does not matter.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from autoscaler.placement.arrays import Floats, Ints
from autoscaler.placement.mixing.pricing import Asked, Prices, priced
from autoscaler.placement.mixing.question import UNLIMITED
from autoscaler.placement.mixing.relaxing import Sizes
from autoscaler.placement.mixing.tables import Prepared, Tables

FULL = 2**40
"""The dearest machine in the units of values: so finely are classes priced."""

WEIGHED = 12
"""Times that a kind's weights are made better whenever it is asked for."""

FIRST_STEPS = 300
"""Spent on a kind's filling, as long as that finds something."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proof:
    """`values[K]` of a replica and `tolls[P]` of a machine of each pool, in 1/`unit` of a price; true once multiplied by `scale`."""

    values: Ints
    tolls: Ints
    scale: Fraction
    unit: int

    def bound(self, placed: Ints, most: Ints) -> int:
        """No machines that house these replicas, of pools that sell so many, cost less."""
        total: int = sum(value * count for value, count in zip(self.values.tolist(), placed.tolist(), strict=True))
        total -= sum(toll * count for toll, count in zip(self.tolls.tolist(), most.tolist(), strict=True))
        scaled = self.scale * total
        return max(0, math.ceil(scaled / self.unit))


@dataclass(slots=True, kw_only=True, eq=False)
class Pricer:
    """Asks what machines hold at given values of classes; `weights[T, S]` get better with each question.

    `steps` and `rounds` are what is spent on a kind.
    """

    tables: Tables
    sizes: Sizes
    most: Ints
    unit: int
    weights: Floats
    steps: int = FIRST_STEPS
    rounds: int = WEIGHED

    @classmethod
    def of(cls, some: Prepared) -> "Pricer":
        """One that knows nothing yet."""
        sizes = sizes_of(some.tables)
        parts = sizes.has.shape
        weights = np.full(parts, 1 / max(1, parts[1]))
        unit = FULL // int(some.tables.price.max(initial=1))
        return cls(tables=some.tables, sizes=sizes, most=some.counts, unit=max(1, unit), weights=weights)

    def integers(self, costs: Floats) -> Ints:
        """Prices in millionths, as values."""
        return np.clip(costs * self.unit, 0, 2 * FULL).astype(np.int64)

    def weigh(self, prices: Floats) -> None:
        """Take the prices of sizes [T, S] for weights: only how they stand to each other matters."""
        total = prices.sum(axis=1, keepdims=True)
        self.weights = np.ascontiguousarray(np.where(total > 0, prices / np.maximum(total, 1e-9), self.weights))

    def promises(self, values: Ints) -> Floats:
        """Per kind, what it holds is worth at most for its price."""
        asked = Asked(values, np.zeros_like(self.tables.price), self.most, self.weights, self.rounds)
        return np.asarray(priced(self.tables, self.sizes, asked, 1).highest / (self.tables.price * self.unit))

    def ask(self, values: Ints, tolls: Ints) -> tuple[Prices, Proof]:
        """What each kind holds that is worth most, and what it proves."""
        costs = self.tables.price * self.unit
        asked = Asked(values, costs + tolls[self.tables.pool], self.most, self.weights, self.rounds)
        found = priced(self.tables, self.sizes, asked, self.steps)
        worth = (found.highest - tolls[self.tables.pool]).tolist()
        ratios = [Fraction(cost, top) for cost, top in zip(costs.tolist(), worth, strict=True) if top > cost]
        return found, Proof(values=values, tolls=tolls, scale=min(ratios, default=Fraction(1)), unit=self.unit)


def sizes_of(tables: Tables) -> Sizes:
    """Resources, and each counter that every replica which adds to it wants to end: such a sum fits a machine as a resource does."""
    ends = np.where(tables.adds > 0, tables.limits, -1).max(axis=0, initial=-1)
    counted = (ends > 0) & (ends < UNLIMITED)
    kinds = len(tables.price)
    takes = np.concatenate([tables.requests, tables.adds[:, counted]], axis=1)
    has = np.concatenate([tables.capacity, np.repeat(ends[None, counted], kinds, axis=0)], axis=1)
    return Sizes(np.ascontiguousarray(takes), np.ascontiguousarray(has))
