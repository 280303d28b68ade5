"""Greedy over classes: the kind that is worth most for its price, as often as it stays the same, until nothing is left."""

import numpy as np

from autoscaler.placement.arrays import Floats, Ints
from autoscaler.placement.mixing.filling import best_fill
from autoscaler.placement.mixing.packing import Packing, packing_of, pattern_of
from autoscaler.placement.mixing.tables import Tables

MANY_CLASSES = 500
"""From here on only the first order is tried: one pass takes long enough."""


def greedy(tables: Tables, counts: Ints) -> Packing:
    """The best packing of all orders."""
    values = worths(tables, counts)
    found = [packed(tables, order, values, counts) for order in _orders(tables)]
    return min(found, key=lambda one: one.merit)


def packed(tables: Tables, order: Ints, values: Ints, counts: Ints) -> Packing:
    """Machine by machine, classes taken in this order; a kind's merit is the value of what it holds for its price."""
    left, stock = counts.copy(), tables.most.copy()
    patterns = []
    while (found := best_fill(tables, order, values, left, stock))[0] >= 0:
        kind, held = found
        some = held.nonzero()[0]
        # As long as none of its classes runs short, the next machine is the same.
        times = min(int((left[some] // held[some]).min()), int(stock[tables.pool[kind]]))
        patterns.append(pattern_of(kind, held, times))
        left -= held * times
        stock[tables.pool[kind]] -= times
    return packing_of(tables, patterns, left.tolist())


def worths(tables: Tables, counts: Ints) -> Ints:
    """What a replica of each class is worth while prices of resources are unknown: its shares of all that is asked for."""
    whole = np.maximum(1, (tables.requests * counts[:, None]).sum(axis=0))
    shares = (tables.requests / whole).sum(axis=1)
    return np.asarray(np.maximum(1, shares * 2**40), np.int64)


def largest_first(tables: Tables) -> Ints:
    """Classes by the sum of their shares of the largest machine."""
    return _orders(tables)[0]


def shares_of_largest(tables: Tables) -> Floats:
    """Which part of the most that any machine has a replica takes, by resource."""
    return np.asarray(tables.requests / np.maximum(1, tables.capacity.max(axis=0, initial=1)))


def _orders(tables: Tables) -> list[Ints]:
    """Largest first: by the sum of shares, by the largest share, by each resource alone."""
    shares = shares_of_largest(tables)
    keys = [shares.sum(axis=1), shares.max(axis=1, initial=0), *shares.T]
    return [np.argsort(-key, kind="stable") for key in keys[: 1 if len(shares) > MANY_CLASSES else None]]
