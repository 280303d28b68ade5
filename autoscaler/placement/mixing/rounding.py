"""Whole machines from columns taken in part."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from autoscaler.placement.arrays import Floats, Ints
from autoscaler.placement.mixing.answer import Pattern
from autoscaler.placement.mixing.packing import Packing, housed, packing_of
from autoscaler.placement.mixing.tables import Tables

Rest: TypeAlias = Callable[[Ints, Ints], Packing]
"""Houses `left[K]` on machines from `stock[P]`."""

HALF = 0.5
"""Less of a column is none of it."""


def rounded(tables: Tables, patterns: list[Pattern], taken: Floats, counts: Ints, rest: Rest) -> Packing:
    """The nearest whole numbers of them that are not too many, most taken first; `rest` houses what is left from what can be bought."""
    left, stock = counts.copy(), tables.most.copy()
    whole = []
    for number in np.argsort(-taken, kind="stable")[: np.count_nonzero(taken > HALF)].tolist():
        one = patterns[number]
        pool = tables.pool[one.kind]
        fits = min(int(left[place]) // count for place, count in one.replicas)
        times = min(fits, int(stock[pool]), round(float(taken[number])))
        if times > 0:
            whole.append(Pattern(kind=one.kind, replicas=one.replicas, times=times))
            left -= housed(whole[-1:], len(left))
            stock[pool] -= times
    more = rest(left, stock)
    return packing_of(tables, [*whole, *more.patterns], more.left)
