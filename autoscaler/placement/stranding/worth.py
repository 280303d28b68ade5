"""What room is worth: how much of what is to come could use it, over the next arrival and over the best of many.

The idea is that of "Beware of Fragmentation" (FGD, USENIX ATC 2023): place where the least becomes useless to what is expected.
Three things are different. Room is counted by how many replicas really fit, so devices without the cpu to feed them count for nothing.
Half of the worth is what the best of the next arrivals would make of it: room that one arrival in twenty can use in full is not wasted,
it waits. And cpu and memory have a worth of their own, so that nodes without devices are packed by the same rule.
"""

import numpy as np

from autoscaler.placement.arrays import Ints

AHEAD = 64
"""Arrivals that a place may wait for the best of. From 32 to 256 there is little in it, on lists of all kinds."""

STEPS = 4096
"""Parts that probabilities are counted in."""

SCALE = 1 << 16
UNITS = 10**9
"""All of a resource in the cluster."""

DEVICES_WEIGH = 18
"""A cluster's devices against all else of it, about as they are paid for."""


def foresight() -> Ints:
    """For each probability that some class is at hand, [STEPS + 1], how far it is counted on, of SCALE.

    Half for the next arrival, half for the best of AHEAD. Whole numbers all the way: floating powers differ between machines.
    """
    never = [(STEPS - part) ** AHEAD * SCALE // STEPS**AHEAD for part in range(STEPS + 1)]
    return np.array([(part * SCALE // STEPS + SCALE - none) // 2 for part, none in enumerate(never)], np.int64)


def worth(requests: Ints, milli: Ints, have: list[int]) -> Ints:
    """Of one replica of each class, [K], by `requests[K, R]` and `milli[K]` of devices: its shares of all that there is, in UNITS.

    `have`: R totals, then milli of all devices, which weigh DEVICES_WEIGH times the rest.
    """
    weigh = [1] * (len(have) - 1) + [DEVICES_WEIGH * max(1, len(have) - 1)]
    pairs = [(total, weight) for total, weight in zip(have, weigh, strict=True)]
    asks = np.column_stack([requests, milli]).tolist()
    found = [sum(ask * weight * UNITS // total for ask, (total, weight) in zip(row, pairs, strict=True) if total) for row in asks]
    return np.array(found, np.int64)
