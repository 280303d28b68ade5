"""Whole machines from columns taken in part."""

import numpy as np

from autoscaler.placement.arrays import Floats, Ints
from autoscaler.placement.mixing.answer import Pattern
from autoscaler.placement.mixing.greedy import largest_first, packed
from autoscaler.placement.mixing.packing import Packing, housed, packing_of
from autoscaler.placement.mixing.tables import Tables

HALF = 0.5
"""Less of a column is none of it."""


def rounded(tables: Tables, patterns: list[Pattern], taken: Floats, values: Ints, counts: Ints) -> Packing:
    """The nearest whole numbers of them that are not too many, most taken first; for the rest, greedy by these values."""
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
    rest = packed(tables._replace(most=stock), largest_first(tables), np.maximum(1, values), left)
    return packing_of(tables, [*whole, *rest.patterns], rest.left)
