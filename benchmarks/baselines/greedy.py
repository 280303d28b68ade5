"""One-pass greedy: the node with the best fill per price, one node at a time, until nothing is left.

What Karpenter and Cluster Autoscaler do at their best: first-fit decreasing into each kind of machine, then the kind that costs least for
what it holds. Every order of the replicas below is tried, and the cheapest packing kept.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

UNLIMITED = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """`nodes`: kind of machine, replicas of each class on it, how many such machines; `left`: replicas of each class without a place."""

    nodes: tuple[tuple[int, Ints, int], ...]
    left: Ints
    price: int

    @property
    def count(self) -> int:
        """How many machines."""
        return sum(times for _, _, times in self.nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What is to be packed, in classes K of resources R, and the kinds T of machines that may be had for `price[T]`.

    `allowed[K, T]`: whether the class may stand on the kind. `adds[K, G]`: what one replica adds to each counter of its node;
    `limits[K, G]`: the most that counter may show while it stands there.
    """

    requests: Ints
    counts: Ints
    capacity: Ints
    price: Ints
    allowed: Bools
    adds: Ints
    limits: Ints


def unconstrained(requests: Ints, counts: Ints, capacity: Ints, price: Ints) -> Stock:
    """Only resources matter."""
    kinds = len(counts)
    allowed, none = np.ones((kinds, len(price)), np.bool_), np.zeros((kinds, 0), np.int64)
    return Stock(requests=requests, counts=counts, capacity=capacity, price=price, allowed=allowed, adds=none, limits=none)


def greedy(stock: Stock) -> Packing:
    """The cheapest packing of all orders; one that leaves less behind comes first."""
    found = [_packed(stock, order) for order in _orders(stock)]
    return min(found, key=lambda one: (int(one.left.sum()), one.price))


def _orders(stock: Stock) -> list[Ints]:
    """Largest first: by the largest share, by each resource alone, by the sum of shares."""
    shares = stock.requests / np.maximum(1, stock.capacity.max(axis=0))
    keys = [shares.max(axis=1), *shares.T, shares.sum(axis=1)]
    return [np.argsort(-key, kind="stable") for key in keys]


def _packed(stock: Stock, order: Ints) -> Packing:
    left, nodes, price = stock.counts.copy(), [], 0
    weights = 1 / np.maximum(1, (stock.requests * stock.counts[:, None]).sum(axis=0))
    while left.any():
        fills = _fills(stock, order, left)
        gain = (fills @ stock.requests @ weights) / stock.price
        best = int(gain.argmax())
        if not fills[best].any():
            break
        fill = fills[best]
        held = fill > 0
        # As long as none of its classes runs short, the next node is the same.
        times = max(1, int((left[held] // fill[held]).min()))
        nodes.append((best, fill, times))
        left = left - fill * times
        price += int(stock.price[best]) * times
    return Packing(nodes=tuple(nodes), left=left, price=price)


def _fills(stock: Stock, order: Ints, left: Ints) -> Ints:
    """First-fit decreasing into one machine of each kind: replicas held, [T, K]."""
    kinds = len(stock.price)
    room, fills = stock.capacity.copy(), np.zeros((kinds, len(left)), np.int64)
    counters = np.zeros((kinds, stock.adds.shape[1]), np.int64)
    caps = np.full_like(counters, UNLIMITED)
    for one in order[left[order] > 0]:
        asks, adds = stock.requests[one], stock.adds[one]
        fits = (room[:, asks > 0] // asks[asks > 0]).min(axis=1, initial=UNLIMITED)
        most = np.minimum(caps, stock.limits[one]) - counters
        fits = np.minimum(fits, (most[:, adds > 0] // adds[adds > 0]).min(axis=1, initial=UNLIMITED))
        fits[(most < 0).any(axis=1) | ~stock.allowed[one]] = 0
        here = np.clip(fits, 0, left[one])
        fills[:, one] = here
        room -= here[:, None] * asks
        counters += here[:, None] * adds
        caps = np.where(here[:, None] > 0, np.minimum(caps, stock.limits[one]), caps)
    return fills
