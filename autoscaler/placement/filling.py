"""How many replicas each of several machines gets, as if they came one by one: in closed form, so that many cost no more than one."""

import numpy as np

from autoscaler.placement.arrays import Ints


def packed(order: Ints, fits: Ints, count: int) -> Ints:
    """Machines [N] filled in this order, each up to what fits."""
    placed = np.zeros_like(fits)
    before = np.cumsum(fits[order]) - fits[order]
    placed[order] = np.clip(count - before, 0, fits[order])
    return placed


def levelled(here: Ints, total: Ints, rank: Ints, fits: Ints, count: int) -> Ints:
    """Each replica goes to where fewest of its kind stand, then fewest of anything, then the first by rank; [N].

    `here` and `total`: how many of its kind and of all stand on each machine. Fewer than `count` where no more fit.
    """
    room = int(np.add.reduce(fits))
    if count <= 0 or not room:
        return np.zeros_like(fits)
    if room <= count:
        return fits
    open_ones = fits.nonzero()[0]
    at = here[open_ones]
    lowest = open_ones[at == np.minimum.reduce(at)]
    if len(lowest) >= count:
        return _one_each(lowest, total, rank, np.zeros_like(fits), count)
    level = _level(here, at, fits, count)
    placed = _up_to(level, here, fits)
    # All stand at this level or above; what is left takes one machine more up to the next.
    open_ones = ((here <= level) & (fits > placed)).nonzero()[0]
    return _one_each(open_ones, total + placed, rank, placed, count - int(np.add.reduce(placed)))


def level_by_level(here: Ints, total: Ints, rank: Ints, placed: Ints) -> Ints:
    """Which machine each goes to of those that `levelled` placed, as they come one after the other."""
    which = np.repeat(np.arange(len(placed)), placed)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(placed) - placed, placed)
    found: Ints = which[np.lexsort((rank[which], total[which] + nth, here[which] + nth))]
    return found


def _one_each(open_ones: Ints, total: Ints, rank: Ints, placed: Ints, count: int) -> Ints:
    """With one more on so many of these machines."""
    order = np.lexsort((rank[open_ones], total[open_ones]))
    placed[open_ones[order[:count]]] += 1
    return placed


def _level(here: Ints, at: Ints, fits: Ints, count: int) -> int:
    """The highest level to which all can be raised by `count`; `at`: where those stand that are not full."""
    low, high, step = int(np.minimum.reduce(at)), int(np.maximum.reduce(at)) + count, 1
    while low < high:  # it is mostly next to the lowest: from there in growing steps, then halving what is left
        middle = min(low + step, (low + high + 1) // 2)
        if int(np.add.reduce(_up_to(middle, here, fits))) <= count:
            low, step = middle, 2 * step
        else:
            high = middle - 1
    return low


def _up_to(level: int, here: Ints, fits: Ints) -> Ints:
    """How many each takes until it stands at this level, or is full. As `np.clip` has it, at a third of the price for few machines."""
    found: Ints = np.minimum(np.maximum(level - here, 0), fits)
    return found
