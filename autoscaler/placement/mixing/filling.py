"""First-fit decreasing into one machine of each kind, and the kind that is worth most for its price."""

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import kernel
from autoscaler.placement.mixing.holding import empty, fits, put
from autoscaler.placement.mixing.tables import Tables


@kernel
def fill(tables: Tables, kind: int, order: Ints, left: Ints, held: Ints) -> None:
    """Write into `held[K]` what the kind holds, classes taken in this order, as many of each as fit."""
    held[:] = 0
    machine = empty(tables, kind)
    for one in order:
        if left[one] > 0 and tables.allowed[one, kind]:
            count = fits(tables, machine, one, left[one])
            if count > 0:
                put(tables, machine, one, count)
                held[one] = count


@kernel
def worth(values: Ints, held: Ints) -> int:
    """What is held, in the classes' values."""
    total = 0
    for one in range(held.shape[0]):
        total += values[one] * held[one]
    return total


@kernel
def best_fill(tables: Tables, order: Ints, values: Ints, left: Ints, stock: Ints) -> tuple[int, Ints]:
    """The kind whose fill is of most worth for its price, and the fill; -1 where nothing more fits that can be bought."""
    best, most = -1, 0.0
    tried, held = np.zeros_like(left), np.zeros_like(left)
    for kind in range(tables.price.shape[0]):
        if stock[tables.pool[kind]] > 0:
            fill(tables, kind, order, left, tried)
            gain = worth(values, tried) / tables.price[kind]
            if gain > most:
                best, most = kind, gain
                held[:] = tried
    return best, held
