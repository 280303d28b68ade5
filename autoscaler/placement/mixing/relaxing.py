"""One price per resource that makes a knapsack of many resources one of a single size: an upper bound, in integers.

Whatever weights the resources get, what fits the machine fits the weighted sum (a surrogate constraint: Glover 1968). So floating point may
look for good weights, and every bound still holds.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Bools, Floats, Ints
from autoscaler.placement.compiling import kernel

FINE = 58
"""Bits of one resource's weight times a whole machine."""

COARSE = 36
"""Bits of it that are given up, so that sizes times values stay within 64 bits."""

RATIO = 20
"""Bits behind the point of a value per size."""


class Items(NamedTuple):
    """Classes by value per size, best first, with that `ratio` (rounded up) and at most so many replicas; a machine's size is `whole`."""

    classes: Ints
    value: Ints
    size: Ints
    ratio: Ints
    most: Ints
    whole: int


class Candidates(NamedTuple):
    """Classes that may stand on a kind and are worth it, what a replica of each is worth, and how many there may be at most."""

    classes: Ints
    values: Ints
    most: Ints


class Sizes(NamedTuple):
    """What replicas take [K, S] and machines have [T, S]: resources, and those counters that have an end."""

    takes: Ints
    has: Ints


@kernel
def candidates(kind: int, allowed: Bools, values: Ints, most: Ints, sizes: Sizes) -> Candidates:
    """Of all classes, those for this kind."""
    classes, limits = np.empty_like(values), np.empty_like(values)
    count = 0
    for one in range(values.shape[0]):
        if values[one] > 0 and most[one] > 0 and allowed[one, kind]:
            limit = most[one]
            for size in range(sizes.takes.shape[1]):
                if sizes.takes[one, size] > 0:
                    limit = min(limit, sizes.has[kind, size] // sizes.takes[one, size])
            classes[count], limits[count] = one, limit
            count += 1
    some = classes[:count].copy()
    return Candidates(some, values[some], limits[:count].copy())


@kernel
def shares_of(kind: int, classes: Ints, sizes: Sizes) -> Floats:
    """Which part of the machine one replica takes, of each size."""
    shares = np.zeros((classes.shape[0], sizes.takes.shape[1]))
    for place in range(classes.shape[0]):
        for size in range(shares.shape[1]):
            if sizes.takes[classes[place], size] > 0:
                shares[place, size] = sizes.takes[classes[place], size] / sizes.has[kind, size]
    return shares


@kernel
def _use(shares: Floats, weights: Floats, some: Candidates) -> tuple[Floats, float]:
    """What the best fractional filling under these weights takes of each size, and its value."""
    size = (shares * weights).sum(axis=1)
    order = np.argsort(-some.values / np.maximum(size, 1e-12), kind="mergesort")
    room, value, use = weights.sum(), 0.0, np.zeros(shares.shape[1])
    for place in order:
        count = float(some.most[place])
        if size[place] * count > room:
            count = room / size[place]
        use += count * shares[place]
        value += count * some.values[place]
        room -= count * size[place]
        if room <= 0:
            break
    return use, value


@kernel
def weigh(shares: Floats, some: Candidates, weights: Floats, rounds: int) -> None:
    """Better `weights` in place: what is overfull becomes dearer, what stays empty cheaper; the ones of the lowest bound are kept."""
    tried, lowest = weights.copy(), np.inf
    for number in range(rounds):
        use, value = _use(shares, tried, some)
        if value < lowest:
            lowest = value
            weights[:] = tried
        tried *= np.exp(np.minimum(2.0, use - 1.0) * (0.7 / (1 + 0.3 * number)))
        tried = np.maximum(tried / tried.sum(), 1e-9)


@kernel
def ranked(kind: int, some: Candidates, sizes: Sizes, weights: Floats) -> Items:
    """The knapsack of one size that these weights make, in integers: sizes rounded down, the whole up."""
    size, ratio = np.zeros_like(some.classes), np.empty_like(some.classes)
    whole = 1 + weights.shape[0]
    for one in range(weights.shape[0]):
        has = sizes.has[kind, one]
        weight = np.int64(weights[one] * 2.0**FINE / max(1, has))
        whole += (weight * has) >> COARSE
        for place in range(size.shape[0]):
            size[place] += (weight * sizes.takes[some.classes[place], one]) >> COARSE
    for place in range(size.shape[0]):
        ratio[place] = -(-(some.values[place] << RATIO) // max(1, size[place]))
    order = np.argsort(-ratio, kind="mergesort")
    return Items(some.classes[order], some.values[order], size[order], ratio[order], some.most[order], whole)


@kernel
def ceiling(items: Items, start: int, room: int) -> int:
    """No filling of `room` with the items from `start` on is worth more (Dantzig's bound, with what rounding of ratios may hide)."""
    total = 0
    for place in range(start, items.classes.shape[0]):
        size, most = items.size[place], items.most[place]
        if size * most > room:
            count = room // size
            rest = room - count * size
            return int(total + count * items.value[place] + ((rest * items.ratio[place]) >> RATIO) + 1 + slack(items))
        total += most * items.value[place]
        room -= size * most
    return total


@kernel
def slack(items: Items) -> int:
    """How much too little a bound could be because ratios are rounded."""
    return 4 + (int(items.whole) >> (RATIO - 1))
