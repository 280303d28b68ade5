"""Packing where counters, not sizes, say how many machines there must be: each takes its part of what is left.

A thousand replicas that refuse each other need a thousand machines. Greedy fills large ones first, and has little left for the rest.
"""

import math
from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.mixing.filling import best_fill
from autoscaler.placement.mixing.greedy import shares_of_largest, worths
from autoscaler.placement.mixing.packing import Packing, packing_of, pattern_of
from autoscaler.placement.mixing.question import UNLIMITED
from autoscaler.placement.mixing.tables import Tables

ALIKE = 20
"""At most one in so many of the machines to come is bought at once: then parts are shared out anew."""

SPARES = (50, 20, 10)
"""One in so many of the machines is not counted on when parts are shared out, else the last ones may run over; each is tried."""

FEW = 10
"""Fewer forced machines than this are no reason to do otherwise than greedy does."""


class _Asked(NamedTuple):
    """Classes in the order they are taken in, and what a replica of each is worth."""

    order: Ints
    values: Ints


def forced(tables: Tables, counts: Ints) -> int:
    """How many machines counters ask for, whatever their size."""
    ends = np.where(tables.adds > 0, tables.limits, 0).max(axis=0, initial=0)
    shown = (tables.adds * counts[:, None]).sum(axis=0)
    return max((-(-int(all_of) // int(end)) for all_of, end in zip(shown, ends, strict=True) if 0 < end < UNLIMITED), default=0)


def crowded(tables: Tables, counts: Ints) -> bool:
    """Whether counters ask for more machines than all that is asked for fills, if these were of the largest kind."""
    least = (tables.requests * counts[:, None]).sum(axis=0) / np.maximum(1, tables.capacity.max(axis=0, initial=1))
    return forced(tables, counts) > max(FEW, 2 * math.ceil(float(least.max(initial=0))))


def levelled(tables: Tables, counts: Ints) -> Packing:
    """No more machines than are forced, if that is found, and the cheapest of such packings."""
    found = [_levelled(tables, counts, spare) for spare in SPARES]
    return min(found, key=lambda one: (sum(one.left), one.machines, one.price))


def _levelled(tables: Tables, counts: Ints, spare: int) -> Packing:
    """As many machines as are forced, of kinds near the size of one's part of what is left; then as many as it takes."""
    left, stock, machines = counts.copy(), tables.most.copy(), forced(tables, counts)
    asked = _Asked(_scarce_first(tables, counts), worths(tables, counts))
    patterns = []
    while (found := _best(tables, asked, left, stock, machines - 1 - machines // spare))[0] >= 0:
        kind, held = found
        some, pool = held.nonzero()[0], tables.pool[kind]
        times = min(int((left[some] // held[some]).min()), int(stock[pool]), 1 + max(0, machines) // ALIKE)
        patterns.append(pattern_of(kind, held, times))
        left -= held * times
        stock[pool] -= times
        machines -= times
    return packing_of(tables, patterns, left.tolist())


def _best(tables: Tables, asked: _Asked, left: Ints, stock: Ints, machines: int) -> tuple[int, Ints]:
    """The best kind of about the right size, else of any size, and what it holds; -1 where there is none."""
    for some in (_near(tables, left, machines), np.ones_like(tables.price, np.bool_)):
        kinds = some.nonzero()[0]
        kind, held = best_fill(_only(tables, kinds), asked.order, asked.values, left, stock)
        if kind >= 0:
            return int(kinds[kind]), held
    return -1, left


def _scarce_first(tables: Tables, counts: Ints) -> Ints:
    """Classes that only few machines may hold many of, most machines first; then by size."""
    ends = np.where(tables.adds > 0, tables.limits, 0).max(axis=0, initial=0)
    asks = (tables.adds * counts[:, None]).sum(axis=0) / np.maximum(1, ends)
    machines = np.where(tables.adds > 0, asks, 0).max(axis=1, initial=0)
    return np.lexsort((-shares_of_largest(tables).sum(axis=1), -machines))


def _near(tables: Tables, left: Ints, machines: int) -> Bools:
    """Kinds with about the room that one of so many machines needs."""
    part = (tables.requests * left[:, None]).sum(axis=0) / max(1, machines)
    near: Bools = np.all(2 * tables.capacity >= part, axis=1) & np.any(tables.capacity <= 2 * part, axis=1)
    return near


def _only(tables: Tables, kinds: Ints) -> Tables:
    """The same with fewer kinds."""
    allowed = np.ascontiguousarray(tables.allowed[:, kinds])
    return tables._replace(capacity=tables.capacity[kinds], price=tables.price[kinds], allowed=allowed, pool=tables.pool[kinds])
