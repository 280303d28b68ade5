"""Makes a mix cheaper a few machines at a time: empty them, buy others for what stood there, keep those if they cost no more.

Ruin and recreate (Schrimpf and others 2000), guided by waste: what a machine costs beyond the value of what it holds. At values that prove
the bound, waste is all that separates a mix from it.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import kernel
from autoscaler.placement.mixing.filling import fill, worth
from autoscaler.placement.mixing.tables import Tables

MOST_EMPTIED = 6
"""Machines that are emptied at once."""

MOST_BOUGHT = 24
"""Machines that may take their place."""

SPREAD = 1000
"""Steps of a chance."""

LUCK = 0.04
"""How much chance adds to a kind's merit at most: near-equals take turns."""


class Fleet(NamedTuple):
    """Machines one by one: `kinds[N]`, what they hold `held[N, K]`; `size[0]` of the rows are in use; `stock[P]` can still be bought."""

    kinds: Ints
    held: Ints
    size: Ints
    stock: Ints


class Guide(NamedTuple):
    """What chooses: `values[K]` in 1/`unit` of a price, how `large[K]` a replica is, in millionths of a machine; `chance[0]`; `kinds`."""

    values: Ints
    large: Ints
    unit: int
    chance: Ints
    kinds: Ints


class Group(NamedTuple):
    """Replicas without a machine: what is `left[K]`, its classes in `order`, and what can be bought for them, `stock[P]`."""

    left: Ints
    order: Ints
    stock: Ints


@kernel
def rebuild(tables: Tables, guide: Guide, fleet: Fleet, tries: int) -> None:
    """Try as often as said, in place."""
    group, stock = np.zeros(MOST_EMPTIED, np.int64), np.zeros_like(fleet.stock)
    rows = np.zeros((MOST_BOUGHT, tables.requests.shape[0]), np.int64)
    bought = Fleet(np.zeros(MOST_BOUGHT, np.int64), rows, np.zeros(1, np.int64), stock)
    for _ in range(tries):
        count = _choose(tables, guide, fleet, group)
        left, price = _emptied(tables, fleet, group[:count], stock)
        if (
            _buy(tables, guide, bought, Group(left, _shuffled(guide, left), stock), price)
            and fleet.size[0] + bought.size[0] - count <= fleet.kinds.shape[0]
        ):
            _swap(fleet, group[:count], bought)


@kernel
def _roll(guide: Guide) -> int:
    """The next of a row of numbers from 1 to 2**31 - 2 (Park and Miller 1988)."""
    guide.chance[0] = guide.chance[0] * 48271 % 2147483647
    return int(guide.chance[0])


@kernel
def _choose(tables: Tables, guide: Guide, fleet: Fleet, group: Ints) -> int:
    """Write different machines into `group`, the first a wasteful one; how many."""
    count = 0
    for number in range(1 + _roll(guide) % MOST_EMPTIED):
        chosen, most = -1, -1
        for _ in range(4 if number % 2 == 0 else 1):
            one = _roll(guide) % fleet.size[0]
            waste = tables.price[fleet.kinds[one]] * guide.unit - worth(guide.values, fleet.held[one])
            if chosen < 0 or waste > most:
                chosen, most = one, waste
        if not (group[:count] == chosen).any():
            group[count] = chosen
            count += 1
    return count


@kernel
def _emptied(tables: Tables, fleet: Fleet, group: Ints, stock: Ints) -> tuple[Ints, int]:
    """What stood on them and what they cost; `stock` is what could be bought if they were given back."""
    left, price = np.zeros(tables.requests.shape[0], np.int64), 0
    stock[:] = fleet.stock
    for one in group:
        left += fleet.held[one]
        price += tables.price[fleet.kinds[one]]
        stock[tables.pool[fleet.kinds[one]]] += 1
    return left, price


@kernel
def _buy(tables: Tables, guide: Guide, bought: Fleet, group: Group, most: int) -> bool:
    """Buy machines for all that is left, for `most` at most; whether that was possible. Before each, what ends it at once is looked at."""
    bought.size[0], spent, ends, closing = 0, 0, -1, -1
    last = np.zeros_like(group.left)
    while bought.size[0] < MOST_BOUGHT - 1:
        kind = _cheapest_for_all(tables, guide, group)
        if kind >= 0 and spent + tables.price[kind] <= most:
            most, ends, closing = spent + tables.price[kind], bought.size[0], kind
            last[:] = group.left
        kind, held = _pick(tables, guide, group)
        if kind < 0:
            break
        spent += tables.price[kind]
        group.left[:] -= held
        _append(tables, bought, kind, held)
        if spent * guide.unit + worth(guide.values, group.left) > most * guide.unit or not group.left.any():
            break
    if ends >= 0:
        while bought.size[0] > ends:
            _drop(tables, bought)
        _append(tables, bought, closing, last)
    return ends >= 0


@kernel
def _shuffled(guide: Guide, left: Ints) -> Ints:
    """Classes with something left, roughly by size, largest first."""
    order = left.nonzero()[0]
    keys = np.empty_like(order)
    for place in range(order.shape[0]):
        keys[place] = -guide.large[order[place]] * (SPREAD // 2 + _roll(guide) % SPREAD)
    return order[np.argsort(keys, kind="mergesort")]


@kernel
def _cheapest_for_all(tables: Tables, guide: Guide, group: Group) -> int:
    """The cheapest kind that holds all that is left; -1 where none does."""
    need = np.zeros(tables.requests.shape[1], np.int64)
    for one in group.order:
        for resource in range(need.shape[0]):
            need[resource] += group.left[one] * tables.requests[one, resource]
    best, held = -1, np.zeros_like(group.left)
    for kind in guide.kinds:
        cheaper = best < 0 or tables.price[kind] < tables.price[best]
        if cheaper and group.stock[tables.pool[kind]] > 0 and (need <= tables.capacity[kind]).all():
            fill(tables, kind, group.order, group.left, held)
            if (held == group.left).all():
                best = kind
    return best


@kernel
def _pick(tables: Tables, guide: Guide, group: Group) -> tuple[int, Ints]:
    """The kind whose filling is of most worth for its price, give or take chance, and the filling; -1 where nothing fits."""
    best, most = -1, 0.0
    tried, held = np.zeros_like(group.left), np.zeros_like(group.left)
    for kind in guide.kinds:
        if group.stock[tables.pool[kind]] > 0:
            fill(tables, kind, group.order, group.left, tried)
            gain = worth(guide.values, tried) / tables.price[kind] * (1 + LUCK * (_roll(guide) % SPREAD) / SPREAD)
            if gain > most:
                best, most = kind, gain
                held[:] = tried
    return best, held


@kernel
def _append(tables: Tables, fleet: Fleet, kind: int, held: Ints) -> None:
    """Buy one more."""
    fleet.kinds[fleet.size[0]] = kind
    fleet.held[fleet.size[0]] = held
    fleet.size[0] += 1
    fleet.stock[tables.pool[kind]] -= 1


@kernel
def _drop(tables: Tables, fleet: Fleet) -> None:
    """Give the last one back."""
    fleet.size[0] -= 1
    fleet.stock[tables.pool[fleet.kinds[fleet.size[0]]]] += 1


@kernel
def _swap(fleet: Fleet, group: Ints, bought: Fleet) -> None:
    """The bought ones in place of the group."""
    group.sort()
    for place in range(group.shape[0] - 1, -1, -1):
        fleet.size[0] -= 1
        fleet.kinds[group[place]] = fleet.kinds[fleet.size[0]]
        fleet.held[group[place]] = fleet.held[fleet.size[0]]
    for one in range(bought.size[0]):
        fleet.kinds[fleet.size[0]] = bought.kinds[one]
        fleet.held[fleet.size[0]] = bought.held[one]
        fleet.size[0] += 1
    fleet.stock[:] = bought.stock
