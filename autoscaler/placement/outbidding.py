"""Which machines cost most for what little stands on them, and which of them would together fit a machine that is on offer."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.bidding import for_less
from autoscaler.placement.closing import stuck
from autoscaler.placement.paying import hourly
from autoscaler.placement.problem import Host, HostState, PoolOptions
from autoscaler.placement.search import Search

WHOLE = 1000

CANDIDATES = 256
"""Machines of which sets are made up, those with most to gain first."""

LARGEST = 16
"""Machines of a set that is made up for one offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Machines that might be replaced, those with most to gain first.

    `worth[N]`: what each costs an hour beyond what moving all that stands there is priced at. `asks[N, R]`: what that asks for.
    `capacity[O, R]`, `price[O]`: of what may be bought.
    """

    keys: list[str]
    worth: Ints
    asks: Ints
    capacity: Ints
    price: Ints

    @classmethod
    def of(cls, search: Search) -> Self:
        """Of those that may go."""
        vectors, pools = search.ledger.vectors, {pool.name: pool for pool in search.problem.pools}
        hosts = [(host, pools[host.pool]) for host in search.ledger.hosts.values() if host.pool in pools]
        able = [(host, left) for host, pool in hosts if _may_go(search, host, pool) and (left := _worth(search, host, pool)) > 0]
        selling = for_less(search, spot=True)
        capacity = np.array([vectors.of(offer.capacity) for _, offer in selling], np.int64).reshape(-1, vectors.width)
        asks = np.array([_asks(search, host.key) for host, _ in able], np.int64).reshape(-1, vectors.width)
        price: Ints = np.array([offer.price for _, offer in selling], np.int64)
        worth: Ints = np.array([one for _, one in able], np.int64)
        cost = _least(asks, capacity, price) - worth
        order = sorted(range(len(able) if selling else 0), key=lambda place: (int(cost[place]), able[place][0].key))
        return cls(keys=[able[place][0].key for place in order], worth=worth[order], asks=asks[order], capacity=capacity, price=price)

    def sets(self, most: int) -> list[tuple[str, ...]]:
        """For each offer the machines that are worth most for the room they take of it, as far as it holds all; the best sets first."""
        found = dict[tuple[int, ...], int]()
        for capacity, price in zip(self.capacity, self.price.tolist(), strict=True):
            places = self._filling(capacity, min(most, LARGEST))
            gain = int(self.worth[list(places)].sum()) - price
            if len(places) > 1 and gain > found.get(places, 0):
                found[places] = gain
        best = sorted(found.items(), key=lambda one: (-one[1], one[0]))
        return [tuple(self.keys[place] for place in places) for places, _ in best]

    def _filling(self, capacity: Ints, most: int) -> tuple[int, ...]:
        """Which of them fill it."""
        asks, worth, left, chosen = self.asks[:CANDIDATES], self.worth[:CANDIDATES], capacity.copy(), list[int]()
        dense = worth * WHOLE // np.maximum(1, (asks * WHOLE // np.maximum(1, capacity)).max(axis=1, initial=0))
        while len(chosen) < most:
            fitting = np.where((asks <= left).all(axis=1), dense, 0)
            fitting[chosen] = 0
            if not fitting.any():
                break
            chosen.append(int(fitting.argmax()))
            left -= asks[chosen[-1]]
        return tuple(sorted(chosen))


def _least(asks: Ints, capacity: Ints, price: Ints) -> Ints:
    """What each of these would cost if parts of machines were sold."""
    least = np.full(len(asks), 2**62)
    for one, cost in zip(np.maximum(1, capacity), price.tolist(), strict=True):
        least = np.minimum(least, (asks * WHOLE // one).max(axis=1) * cost // WHOLE)
    return least


def _may_go(search: Search, host: Host, pool: PoolOptions) -> bool:
    """Whether all that stands there may move, and its price is known."""
    there = search.standing(host.key)
    free = host.key in search.problem.bidding.hosts and host.state is HostState.OPEN and not (host.keep or host.must_close)
    rule = pool.consolidate is None or pool.consolidate.replace
    sure = all(search.ledger.loads[one.workload].sure for one in there)
    return bool(free and rule and host.price and there and sure and not stuck(search.ledger, host.key, there))


def _worth(search: Search, host: Host, pool: PoolOptions) -> int:
    return host.price - hourly(pool, sum(one.count for one in search.standing(host.key)))


def _asks(search: Search, key: str) -> Ints:
    """What stands there asks for."""
    vectors, loads = search.ledger.vectors, search.ledger.loads
    found: Ints = np.zeros(vectors.width, np.int64)
    for one in search.standing(key):
        found = found + vectors.of(loads[one.workload].shape.requests) * one.count
    return found
