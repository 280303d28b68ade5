"""The machine's filling of most worth: depth first, best value per size first, as far as a number of steps lets it, with what is proven.

Bounded knapsack by branch and bound (Martello and Toth 1990). Several resources and the counters decide what fits; bounds are those of the
surrogate of one size.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import kernel
from autoscaler.placement.mixing.holding import Machine, empty, fits, put
from autoscaler.placement.mixing.question import UNLIMITED
from autoscaler.placement.mixing.relaxing import Items, ceiling
from autoscaler.placement.mixing.tables import Tables


class Branch(NamedTuple):
    """Where the search stands: `taken` of each item, on this machine; `sums`: its worth, and what is left of the one size."""

    taken: Ints
    machine: Machine
    sums: Ints


@kernel
def best_filling(tables: Tables, kind: int, items: Items, floor: int, steps: int) -> tuple[Ints, int, int]:
    """The best filling worth more than `floor`, by item; its worth, and what none is worth more than.

    Nothing better: no replicas, and the worth is `floor`. The last figure exceeds the worth where the steps ended too soon.
    """
    found = np.zeros_like(items.classes)
    branch = Branch(np.zeros_like(items.classes), empty(tables, kind), np.array([0, items.whole]))
    best, start = floor, 0
    if ceiling(items, 0, items.whole) <= floor:
        return found, best, best
    for _ in range(steps):
        _descend(tables, items, branch, start)
        if branch.sums[0] > best:
            best = branch.sums[0]
            found[:] = branch.taken
        start = _climb(tables, items, branch, best)
        if start < 0:
            return found, best, best
    return found, best, max(best, _open(tables, items, branch, start))


@kernel
def _descend(tables: Tables, items: Items, branch: Branch, start: int) -> None:
    """Take as many as fit of each item from `start` on."""
    for place in range(start, items.classes.shape[0]):
        count = fits(tables, branch.machine, items.classes[place], items.most[place])
        branch.taken[place] = count
        if count > 0:
            put(tables, branch.machine, items.classes[place], count)
            branch.sums[0] += count * items.value[place]
            branch.sums[1] -= count * items.size[place]


@kernel
def _climb(tables: Tables, items: Items, branch: Branch, best: int) -> int:
    """Give back the last items until giving back one more leaves hope of better than `best`; where to go on from, or -1."""
    for place in range(items.classes.shape[0] - 1, -1, -1):
        if branch.taken[place] > 0:
            _lift(tables, items, branch, place, 1)
            if branch.sums[0] + ceiling(items, place + 1, branch.sums[1]) > best:
                return place + 1
            # With still fewer of it, the bound is lower still.
            _lift(tables, items, branch, place, branch.taken[place])
    return -1


@kernel
def _open(tables: Tables, items: Items, branch: Branch, start: int) -> int:
    """The highest bound of all that was not looked at: below here, and with fewer of any item that stands."""
    highest = branch.sums[0] + ceiling(items, start, branch.sums[1])
    for place in range(start - 1, -1, -1):
        if branch.taken[place] > 0:
            _lift(tables, items, branch, place, 1)
            highest = max(highest, branch.sums[0] + ceiling(items, place + 1, branch.sums[1]))
            _lift(tables, items, branch, place, branch.taken[place])
    return int(highest)


@kernel
def _lift(tables: Tables, items: Items, branch: Branch, place: int, count: int) -> None:
    """Give back `count` of an item."""
    if count == 0:
        return
    branch.taken[place] -= count
    branch.sums[0] -= count * items.value[place]
    branch.sums[1] += count * items.size[place]
    put(tables, branch.machine, items.classes[place], -count)
    if branch.taken[place] == 0 and branch.machine.ends.shape[0] > 0:
        _find_ends(tables, items, branch)


@kernel
def _find_ends(tables: Tables, items: Items, branch: Branch) -> None:
    """What the counters may show, for what still stands."""
    branch.machine.ends[:] = UNLIMITED
    for place in range(items.classes.shape[0]):
        if branch.taken[place] > 0:
            for counter in range(branch.machine.ends.shape[0]):
                branch.machine.ends[counter] = min(branch.machine.ends[counter], tables.limits[items.classes[place], counter])
