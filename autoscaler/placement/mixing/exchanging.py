"""Makes one machine's filling worth more: up to two replicas go, up to two others come.

Depth first spends its steps on the last items of the first filling it finds. The best two for the room there is are found among all
classes, as they are ordered by value and no size is worth more than the best ratio.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Floats, Ints
from autoscaler.placement.compiling import kernel
from autoscaler.placement.mixing.knapsack import best_filling
from autoscaler.placement.mixing.relaxing import RATIO, Items, Sizes, candidates, ranked, slack
from autoscaler.placement.mixing.tables import Tables

STEPS = 10
"""Spent on the filling that is begun with."""

LOOKS = 20_000
"""Replicas that are thought of for one machine, at most."""


ENDLESS = 2**60
"""Worth more than any machine: what replicas that take nothing could be worth."""


class Shelf(NamedTuple):
    """Items on one machine, dearest first: what one `takes[N, S]` of each size, and how many are `taken[N]`.

    `room[S]` is left, `rest[0]` of the one size, and `free[S]` is a place to reckon what would be.
    """

    items: Items
    takes: Ints
    taken: Ints
    room: Ints
    rest: Ints
    free: Ints


class Terms(NamedTuple):
    """`values[K]` of classes, `weights[T, S]` of sizes, and `kinds`, those that are looked at; all `costs[T]` in the values' unit.

    `looks[0]`: how many replicas may still be thought of; none is left, and machines are filled as is quick.
    """

    values: Ints
    costs: Ints
    weights: Floats
    kinds: Ints
    looks: Ints


@kernel
def filled(tables: Tables, sizes: Sizes, terms: Terms, one: tuple[int, Ints], held: Ints) -> int:
    """Write into `held[K]` a good filling of kind `one[0]` with at most `one[1]` replicas of each class; its worth."""
    kind, most = one
    held[:] = 0
    items = ranked(kind, candidates(kind, tables.allowed, terms.values, most, sizes), sizes, terms.weights[kind])
    if items.classes.shape[0] == 0:
        return 0
    taken, worth, _ = best_filling(tables, kind, items, 0, STEPS)
    shelf = _shelf(kind, items, taken, sizes)
    worth += _exchange(tables, shelf, items.ratio[0], terms.looks)
    held[shelf.items.classes] = shelf.taken
    return int(worth)


@kernel
def _shelf(kind: int, items: Items, taken: Ints, sizes: Sizes) -> Shelf:
    """The same, dearest first."""
    order = np.argsort(-items.value, kind="mergesort")
    classes, some = items.classes[order], taken[order]
    sorted_items = Items(classes, items.value[order], items.size[order], items.ratio[order], items.most[order], items.whole)
    room, rest = sizes.has[kind].copy(), np.array([items.whole])
    shelf = Shelf(sorted_items, sizes.takes[classes], np.zeros_like(some), room, rest, np.empty_like(room))
    for place in some.nonzero()[0]:
        _move(shelf, (int(place), -1), int(some[place]))
    return shelf


@kernel
def _exchange(tables: Tables, shelf: Shelf, ratio: int, left: Ints) -> int:
    """As long as it gains, or until enough was looked at; all that was gained."""
    count, gained, most = shelf.taken.shape[0], 0, min(LOOKS, left[0])
    looks = most
    found, before = np.zeros(3, np.int64), -1
    while gained > before and looks > 0:
        before = gained
        for first in range(-1, count):
            if first >= 0 and shelf.taken[first] == 0:
                continue
            for second in range(first, count):
                if _both_there(shelf, first, second) and looks > 0:
                    gain = _best_two(shelf, first, second, ratio, found)
                    looks -= 1 + found[2]
                    if gain > 0 and _swapped(tables, shelf, (first, second), (found[0], found[1])):
                        gained += gain
    left[0] -= most - max(0, looks)
    return gained


@kernel
def _both_there(shelf: Shelf, first: int, second: int) -> bool:
    """Whether both can go; -1 is nobody."""
    if first >= 0 and shelf.taken[first] < (2 if first == second else 1):
        return False
    return second < 0 or shelf.taken[second] > 0


@kernel
def _best_two(shelf: Shelf, first: int, second: int, ratio: int, found: Ints) -> int:
    """What the best two are worth more than those that go; writes them into `found[:2]`, -1 for nobody, and how many were looked at."""
    items, rest, lost = shelf.items, shelf.rest[0], 0
    for place in (first, second):
        if place >= 0:
            rest += items.size[place]
            lost += items.value[place]
    need, most = lost, _most_for(items, rest, ratio)
    found[0], found[1], found[2] = -1, -1, 0
    if most <= lost:
        return 0
    _free(shelf, first, second)
    for one in range(_first_below(items.value, most), items.value.shape[0]):
        if 2 * items.value[one] <= need:
            break
        found[2] += 1
        top = _most_for(items, rest - items.size[one], ratio)
        if items.value[one] + max(0, top) <= need or not _fits(shelf, one, (first, second, -1)):
            continue
        if items.value[one] > need:
            need, found[0], found[1] = items.value[one], one, -1
        other = _partner(shelf, (one, first, second), need - items.value[one], top)
        if other >= 0:
            need, found[0], found[1] = items.value[one] + items.value[other], one, other
    return int(need - lost)


@kernel
def _partner(shelf: Shelf, ones: tuple[int, int, int], need: int, top: int) -> int:
    """The dearest class, no dearer than `ones[0]`, that fits beside it and is worth more than `need`; -1 where none is."""
    one, first, second = ones
    values = shelf.items.value
    for other in range(max(one, _first_below(values, top)), values.shape[0]):
        if values[other] <= need:
            break
        if _fits(shelf, other, (first, second, one)):
            return other
    return -1


@kernel
def _fits(shelf: Shelf, one: int, others: tuple[int, int, int]) -> bool:
    """Whether one more of the class may come after two went and perhaps one came."""
    first, second, came = others
    if shelf.taken[one] - int(first == one) - int(second == one) + int(came == one) >= shelf.items.most[one]:
        return False
    for size in range(shelf.free.shape[0]):
        if shelf.takes[one, size] + (shelf.takes[came, size] if came >= 0 else 0) > shelf.free[size]:
            return False
    return True


@kernel
def _free(shelf: Shelf, first: int, second: int) -> None:
    """Reckon what would be free without both."""
    for size in range(shelf.free.shape[0]):
        shelf.free[size] = shelf.room[size]
        if first >= 0:
            shelf.free[size] += shelf.takes[first, size]
        if second >= 0:
            shelf.free[size] += shelf.takes[second, size]


@kernel
def _most_for(items: Items, rest: int, ratio: int) -> int:
    """What so much of the one size is worth at most; negative where there is less than nothing."""
    if rest < 0:
        return -1
    return ((rest * ratio) >> RATIO) + slack(items) if rest <= ENDLESS // max(1, ratio) else ENDLESS


@kernel
def _first_below(values: Ints, top: int) -> int:
    """The first place whose value is not above `top`; they descend."""
    low, high = 0, values.shape[0]
    while low < high:
        middle = (low + high) >> 1
        if values[middle] > top:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _swapped(tables: Tables, shelf: Shelf, gone: tuple[int, int], come: tuple[int, int]) -> bool:
    """Those go, these come, unless a counter forbids it."""
    _move(shelf, gone, -1)
    _move(shelf, come, 1)
    if _counters_hold(tables, shelf):
        return True
    _move(shelf, come, -1)
    _move(shelf, gone, 1)
    return False


@kernel
def _move(shelf: Shelf, some: tuple[int, int], count: int) -> None:
    """So many more of both."""
    for place in some:
        if place >= 0:
            shelf.taken[place] += count
            shelf.rest[0] -= count * shelf.items.size[place]
            for size in range(shelf.room.shape[0]):
                shelf.room[size] -= count * shelf.takes[place, size]


@kernel
def _counters_hold(tables: Tables, shelf: Shelf) -> bool:
    """Whether each counter shows no more than any class that stands there lets it."""
    for counter in range(tables.adds.shape[1]):
        shown = 0
        for place in shelf.taken.nonzero()[0]:
            shown += shelf.taken[place] * tables.adds[shelf.items.classes[place], counter]
        for place in shelf.taken.nonzero()[0]:
            if shown > tables.limits[shelf.items.classes[place], counter]:
                return False
    return True
