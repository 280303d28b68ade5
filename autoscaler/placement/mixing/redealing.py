"""Makes what was dealt cheaper, a few machines at a time: all that stands on them is dealt anew, in another order.

Where that costs no more it is kept, so that what stands together changes even where nothing is saved at once.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import kernel
from autoscaler.placement.mixing.dealing import Figures, Hand, deal
from autoscaler.placement.mixing.tables import Tables

TOGETHER = 20
"""Machines whose replicas are dealt anew at once."""

NOISE = 0.25
"""By so much a class may seem larger or smaller than it is."""

DICE = 2**31 - 1
"""Sides of the dice, and one more (Park and Miller 1988)."""

EMPTY = -1
"""The kind of a machine that is not bought any more."""


class Table(NamedTuple):
    """What lies there: `kinds[N]` of machines, EMPTY of those given back; of each replica its class and its machine, alike ones together.

    `stock[P]` can still be bought; `chance[0]` is the last roll.
    """

    kinds: Ints
    classes: Ints
    places: Ints
    stock: Ints
    chance: Ints


@kernel
def redeal(tables: Tables, figures: Figures, table: Table, sweeps: int) -> None:
    """Deal all machines anew so often, in place; in each sweep in other groups."""
    for _ in range(sweeps):
        machines = _shuffled(table)
        group = np.empty_like(machines)
        group[machines] = np.arange(machines.shape[0]) // TOGETHER
        replicas = np.argsort(group[table.places], kind="mergesort")
        ends = np.cumsum(np.bincount(group[table.places], minlength=1 + machines.shape[0] // TOGETHER))
        for number in range(-(-machines.shape[0] // TOGETHER)):
            some = replicas[ends[number - 1] if number else 0 : ends[number]]
            if some.shape[0] > 0:
                _deal_again(tables, figures, table, machines[number * TOGETHER : (number + 1) * TOGETHER], some)


@kernel
def _deal_again(tables: Tables, figures: Figures, table: Table, group: Ints, some: Ints) -> None:
    """These replicas, all that stand on the group, in another order; as they were where that costs more or leaves any behind."""
    starts, counts = _runs(table.classes[some])
    classes = table.classes[some[starts]]
    order = _reordered(figures, table, classes)
    stock, price = _given_back(tables, table, group)
    dealt = deal(tables, figures, Hand(classes[order], counts[order], stock), group.shape[0])
    if dealt.left.any() or tables.price[dealt.kinds].sum() > price:
        return
    table.stock[:] = stock
    table.kinds[group] = EMPTY
    for place in range(dealt.kinds.shape[0]):
        table.kinds[group[place]] = dealt.kinds[place]
        table.stock[tables.pool[dealt.kinds[place]]] -= 1
    done = 0
    for run in order:
        for place in range(starts[run], starts[run] + counts[run]):
            table.places[some[place]] = group[dealt.places[done]]
            done += 1


@kernel
def _runs(classes: Ints) -> tuple[Ints, Ints]:
    """Where each run of equal classes starts, and how many there are in it."""
    starts, size = np.zeros_like(classes), 0
    for place in range(classes.shape[0]):
        if place == 0 or classes[place] != classes[place - 1]:
            starts[size] = place
            size += 1
    counts = np.empty(size, np.int64)
    for run in range(size):
        counts[run] = (starts[run + 1] if run + 1 < size else classes.shape[0]) - starts[run]
    return starts[:size].copy(), counts


@kernel
def _reordered(figures: Figures, table: Table, classes: Ints) -> Ints:
    """The most urgent first, then roughly by size, largest first; places in the row of classes."""
    keys = np.empty(classes.shape[0])
    for place in range(classes.shape[0]):
        noise = 1 - NOISE + 2 * NOISE * _roll(table) / DICE
        keys[place] = -figures.urgent[classes[place]] - noise * figures.takes[classes[place]] / 2
    return np.argsort(keys, kind="mergesort")


@kernel
def _given_back(tables: Tables, table: Table, group: Ints) -> tuple[Ints, int]:
    """What could be bought without these machines, and what they cost."""
    stock, price = table.stock.copy(), 0
    for host in group:
        if table.kinds[host] != EMPTY:
            stock[tables.pool[table.kinds[host]]] += 1
            price += tables.price[table.kinds[host]]
    return stock, price


@kernel
def _roll(table: Table) -> int:
    """A number from 1 to 2**31 - 2."""
    table.chance[0] = table.chance[0] * 48271 % DICE
    return int(table.chance[0])


@kernel
def _shuffled(table: Table) -> Ints:
    """All machines, in any order."""
    keys = np.empty_like(table.kinds)
    for place in range(keys.shape[0]):
        keys[place] = _roll(table)
    return np.argsort(keys, kind="mergesort")
