"""The question: what is to be housed, in classes, and which kinds of machines may be bought for how much."""

from dataclasses import dataclass

import numpy as np

from autoscaler.placement.arrays import Bools, Ints

UNLIMITED = 2**31
"""More than anybody buys or counts."""

DEAREST = 2**40
"""Prices are below this many millionths an hour: values of classes then stay exact in 64 bits."""

LARGEST = 2**48
"""Capacities and requests are below this, in any unit."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """Classes K of resources R and counters G; kinds T of machines, each bought from one of the pools P.

    `requests[K, R]` and `capacity[T, R]` in any unit, the same for both; `counts[K]` replicas; `price[T]` in millionths per hour.
    `allowed[K, T]`: whether the class may stand on the kind. `adds[K, G]`: what one replica adds to each counter of its machine;
    `limits[K, G]`: the most that counter may show while a replica of the class stands there. `pool[T]`: where the kind is bought;
    `most[P]`: how many machines the pool still sells, of all its kinds together. Wrong shapes or numbers: ValueError.
    """

    requests: Ints
    counts: Ints
    capacity: Ints
    price: Ints
    allowed: Bools
    adds: Ints
    limits: Ints
    pool: Ints
    most: Ints

    def __post_init__(self) -> None:
        if problem := _problem(self):
            raise ValueError(problem)


def question_of(
    requests: Ints,
    counts: Ints,
    capacity: Ints,
    price: Ints,
    *,
    allowed: Bools | None = None,
    adds: Ints | None = None,
    limits: Ints | None = None,
    pool: Ints | None = None,
    most: Ints | None = None,
) -> Question:
    """Ask with the parts that matter: without the others every class may stand anywhere, nothing is counted, and no pool ends."""
    classes, kinds = len(counts), len(price)
    none = np.zeros((classes, 0), np.int64)
    return Question(
        requests=requests,
        counts=counts,
        capacity=capacity,
        price=price,
        allowed=np.ones((classes, kinds), np.bool_) if allowed is None else allowed,
        adds=none if adds is None else adds,
        limits=none if limits is None else limits,
        pool=np.zeros(kinds, np.int64) if pool is None else pool,
        most=np.full(1, UNLIMITED, np.int64) if most is None else most,
    )


def _problem(asked: Question) -> str:
    """What is wrong with it; empty when nothing is."""
    classes, kinds = len(asked.counts), len(asked.price)
    resources, counters = asked.capacity.shape[1], asked.adds.shape[1]
    shapes = {
        "requests": (asked.requests.shape, (classes, resources)),
        "capacity": (asked.capacity.shape, (kinds, resources)),
        "allowed": (asked.allowed.shape, (classes, kinds)),
        "adds": (asked.adds.shape, (classes, counters)),
        "limits": (asked.limits.shape, (classes, counters)),
        "pool": (asked.pool.shape, (kinds,)),
    }
    if wrong := [name for name, (is_so, should) in shapes.items() if is_so != should]:
        return f"shapes do not match: {', '.join(wrong)}"
    return _out_of_range(asked)


def _out_of_range(asked: Question) -> str:
    """Which numbers cannot be reckoned with; empty when all can."""
    ranges = {
        "requests": (asked.requests, LARGEST),
        "capacity": (asked.capacity, LARGEST),
        "counts": (asked.counts, UNLIMITED),
        "price": (asked.price, DEAREST),
        "adds": (asked.adds, UNLIMITED),
        "pool": (asked.pool, len(asked.most)),
    }
    wrong = [name for name, (values, end) in ranges.items() if values.size and not (values.min() >= 0 and values.max() < end)]
    if wrong:
        return f"numbers out of range: {', '.join(wrong)}"
    return "" if (asked.price > 0).all() else "a machine without a price: any number of it would cost nothing"
