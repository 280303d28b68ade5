"""A whole packing by values of classes: machine by machine the filling that is worth most for its price, each a good one.

What is left only gets less, so a filling that can still be had is still the best of its kind: few are looked for again.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Bools, Floats, Ints
from autoscaler.placement.compiling import kernel
from autoscaler.placement.mixing.exchanging import Terms, filled
from autoscaler.placement.mixing.packing import Packing, packing_of, pattern_of
from autoscaler.placement.mixing.proving import Pricer
from autoscaler.placement.mixing.relaxing import Sizes
from autoscaler.placement.mixing.tables import Tables

LOOKS = 5_000_000
"""Replicas that are thought of in one sweep, at most."""

ROWS = 8
"""Different machines bought for each class, at most; what is left then stays left."""


def swept(pricer: Pricer, kinds: Ints, prices: tuple[Ints, Ints], counts: Ints, stock: Ints) -> Packing:
    """House `counts[K]` on these kinds, `stock[P]` of each pool, by values of classes and tolls of pools."""
    tables = pricer.tables
    costs = tables.price * pricer.unit + prices[1][tables.pool]
    left = counts.copy()
    terms = Terms(np.maximum(1, prices[0]), costs, pricer.weights, kinds, np.array([LOOKS]))
    found = _sweep(tables, pricer.sizes, terms, (left, stock.copy()), ROWS * (1 + int(np.count_nonzero(left))))
    patterns = (pattern_of(int(kind), held, int(times)) for kind, held, times in zip(*found, strict=True))
    return packing_of(tables, patterns, left.tolist())


class _Swept(NamedTuple):
    """Machines `kinds[N]`, so many `times[N]`, and what each of them `held[N, K]`."""

    kinds: Ints
    held: Ints
    times: Ints


class _Offers(NamedTuple):
    """The filling of each kind looked at, `held[T, K]`, its `merit[T]`, and whether it can still be had, `there[T]`."""

    held: Ints
    merit: Floats
    there: Bools


@kernel
def _sweep(tables: Tables, sizes: Sizes, terms: Terms, rest: tuple[Ints, Ints], rows: int) -> _Swept:
    """Buy for what is `left[K]` from `stock[P]` until nothing fits, or for so many rows; both are lowered in place."""
    left, stock = rest
    swept = _Swept(np.zeros(rows, np.int64), np.zeros((rows, left.shape[0]), np.int64), np.zeros(rows, np.int64))
    count = terms.kinds.shape[0]
    offers = _Offers(np.zeros((count, left.shape[0]), np.int64), np.full(count, np.inf), np.zeros(count, np.bool_))
    for row in range(rows):
        best = _best(tables, sizes, terms, offers, rest)
        if best < 0:
            return _Swept(swept.kinds[:row], swept.held[:row], swept.times[:row])
        kind, held = terms.kinds[best], offers.held[best]
        times = stock[tables.pool[kind]]
        for one in held.nonzero()[0]:
            times = min(times, left[one] // held[one])
        swept.kinds[row], swept.held[row], swept.times[row] = kind, held, times
        stock[tables.pool[kind]] -= times
        left -= times * held
        _expire(offers, left)
    return swept


@kernel
def _best(tables: Tables, sizes: Sizes, terms: Terms, offers: _Offers, rest: tuple[Ints, Ints]) -> int:
    """The place of the kind with the best filling that can be had; -1 where nothing fits. Only kinds that may be it are filled anew."""
    left, stock = rest
    while True:
        best, most = -1, 0.0
        for place in range(terms.kinds.shape[0]):
            if offers.merit[place] > most and stock[tables.pool[terms.kinds[place]]] > 0:
                best, most = place, offers.merit[place]
        if best < 0 or offers.there[best]:
            return best
        kind = terms.kinds[best]
        offers.merit[best] = filled(tables, sizes, terms, (kind, left), offers.held[best]) / terms.costs[kind]
        offers.there[best] = True


@kernel
def _expire(offers: _Offers, left: Ints) -> None:
    """Mark what can be had no more."""
    for place in range(offers.there.shape[0]):
        for one in range(left.shape[0]):
            if offers.held[place, one] > left[one]:
                offers.there[place] = False
                break
