"""What each kind of machine holds that is worth most, and what nothing on it can be worth more than."""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Floats, Ints
from autoscaler.placement.compiling import kernel
from autoscaler.placement.mixing.knapsack import best_filling
from autoscaler.placement.mixing.relaxing import Sizes, candidates, ceiling, ranked, shares_of, weigh
from autoscaler.placement.mixing.tables import Tables

SETTLED = 1000
"""A filling worth no more than this part above a kind's price is not searched for: so much is given away in the bound."""


class Prices(NamedTuple):
    """Per kind: the filling found `held[T, K]`, and `highest[T]`, more than which none is worth."""

    held: Ints
    highest: Ints


class Asked(NamedTuple):
    """`values[K]` of classes and `costs[T]` of kinds in the same unit; at most `most[K]` replicas; `weights[T, S]` to make better."""

    values: Ints
    costs: Ints
    most: Ints
    weights: Floats
    rounds: int


@kernel
def priced(tables: Tables, sizes: Sizes, asked: Asked, steps: int) -> Prices:
    """Look for fillings worth more than they cost, so many steps for each kind; the weights are made better on the way."""
    kinds, classes = tables.price.shape[0], asked.values.shape[0]
    found = Prices(np.zeros((kinds, classes), np.int64), asked.costs.copy())
    for kind in range(kinds):
        _price(tables, sizes, asked, (kind, steps), found)
    return found


@kernel
def _price(tables: Tables, sizes: Sizes, asked: Asked, one: tuple[int, int], found: Prices) -> None:
    """Of one kind, in so many steps."""
    kind, steps = one
    cost, weights = asked.costs[kind], asked.weights[kind]
    some = candidates(kind, tables.allowed, asked.values, asked.most, sizes)
    weigh(shares_of(kind, some.classes, sizes), some, weights, asked.rounds)
    items = ranked(kind, some, sizes, weights)
    if ceiling(items, 0, items.whole) > cost:
        taken, _, found.highest[kind] = best_filling(tables, kind, items, cost + cost // SETTLED, steps)
        for place in range(taken.shape[0]):
            found.held[kind, items.classes[place]] = taken[place]
