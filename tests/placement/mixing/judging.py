"""Small questions at random, and their rules in plain words: a judge that knows nothing of how the search keeps its books."""

from collections import Counter
from functools import cache
from itertools import product

import numpy as np
from hypothesis import strategies as st

from autoscaler.placement.mixing import UNLIMITED, Mix, Pattern, Question, question_of


def rows(values: list[list[int]], width: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.array(values, np.int64).reshape(len(values), width)


@st.composite
def questions(draw: st.DrawFn, classes: int = 5, kinds: int = 5, replicas: int = 30) -> Question:
    """Small numbers, so that machines are full, refused and sold out often."""
    some, others, counters = draw(st.integers(1, classes)), draw(st.integers(1, kinds)), draw(st.integers(0, 2))
    pools = draw(st.integers(1, 2))

    def table(height: int, width: int, low: int, high: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        row = st.lists(st.integers(low, high), min_size=width, max_size=width)
        return rows(draw(st.lists(row, min_size=height, max_size=height)), width)

    most = draw(st.lists(st.sampled_from([0, 1, 3, UNLIMITED, UNLIMITED]), min_size=pools, max_size=pools))
    return question_of(
        table(some, 2, 0, 6),
        table(1, some, 0, replicas)[0],
        table(others, 2, 1, 12),
        table(1, others, 1, 20)[0],
        allowed=table(some, others, 0, 3) > 0,
        adds=table(some, counters, 0, 2),
        limits=table(some, counters, 0, 4),
        pool=table(1, others, 0, pools - 1)[0],
        most=np.array(most),
    )


def broken(asked: Question, found: Mix) -> list[str]:
    """Every rule that the answer breaks."""
    wrong = [f"{rule} on {one}" for one in found.patterns for rule in broken_on(asked, one)]
    held = dict.fromkeys(range(len(asked.counts)), 0)
    for one in found.patterns:
        for place, count in one.replicas:
            held[place] += count * one.times
    if [held[place] + left for place, left in enumerate(found.left)] != asked.counts.tolist():
        wrong.append("not every replica is placed or left, once")
    if min(found.left, default=0) < 0:
        wrong.append("fewer than none are left")
    bought = Counter({int(pool): 0 for pool in asked.pool})
    for one in found.patterns:
        bought[int(asked.pool[one.kind])] += one.times
    wrong += [f"pool {pool} does not sell {times}" for pool, times in bought.items() if times > asked.most[pool]]
    if found.price != sum(int(asked.price[one.kind]) * one.times for one in found.patterns):
        wrong.append("the price is not that of its machines")
    if found.bound > found.price:
        wrong.append(f"bound {found.bound} above the price {found.price}")
    return wrong


def broken_on(asked: Question, one: Pattern) -> list[str]:
    """Every rule that one machine breaks."""
    wrong = []
    if one.times < 1 or any(count < 1 for _, count in one.replicas):
        wrong.append("nothing is said with a count of none")
    if not all(asked.allowed[place, one.kind] for place, _ in one.replicas):
        wrong.append("a class that may not stand there")
    for resource, room in enumerate(asked.capacity[one.kind]):
        if sum(int(asked.requests[place, resource]) * count for place, count in one.replicas) > room:
            wrong.append(f"resource {resource} overflows")
    for counter in range(asked.adds.shape[1]):
        shown = sum(int(asked.adds[place, counter]) * count for place, count in one.replicas)
        if any(shown > asked.limits[place, counter] for place, _ in one.replicas):
            wrong.append(f"counter {counter} exceeds its limit")
    return wrong


def cheapest(asked: Question, counts: tuple[int, ...]) -> int | None:
    """The least that machines for these replicas cost, by looking at every way to fill one; None where there is none."""
    ways = [
        (kind, replicas)
        for kind in range(len(asked.price))
        for replicas in product(*(range(count + 1) for count in counts))
        if any(replicas) and not broken_on(asked, Pattern(kind=kind, times=1, replicas=tuple((p, c) for p, c in enumerate(replicas) if c)))
    ]

    @cache
    def best(left: tuple[int, ...], stock: tuple[int, ...]) -> int | None:
        if not any(left):
            return 0
        found = []
        for kind, replicas in ways:
            pool = int(asked.pool[kind])
            if stock[pool] and all(one <= other for one, other in zip(replicas, left, strict=True)):
                fewer = tuple(number - (place == pool) for place, number in enumerate(stock))
                rest = best(tuple(other - one for one, other in zip(replicas, left, strict=True)), fewer)
                if rest is not None:
                    found.append(rest + int(asked.price[kind]))
        return min(found, default=None)

    return best(counts, tuple(min(8, int(number)) for number in asked.most))
