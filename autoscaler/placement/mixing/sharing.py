"""First prices for classes: replicas may be shared out among kinds and cut in pieces, machines too.

The linear program of classes times kinds: each kind has its own price of each resource. It knows which class fits where, so its optimum
is far above that of all demand taken as one sum, and close below what column generation reaches.
"""

import numpy as np

from autoscaler.placement.arrays import Floats, Ints
from autoscaler.placement.mixing.linear import Program
from autoscaler.placement.mixing.relaxing import Sizes
from autoscaler.placement.mixing.tables import Tables

LARGEST = 500_000
"""Coefficients beyond which the program takes longer than it is worth."""


def shared_prices(tables: Tables, sizes: Sizes, placed: Ints) -> tuple[Floats, Floats] | None:
    """Prices when everything may be cut, in millionths: of a replica of each class [K], and of the whole of each size of a kind [T, S].

    Pools are taken as endless. None without an answer, or where it would take long.
    """
    classes, (kinds, parts) = len(placed), sizes.has.shape
    if int(tables.allowed.sum()) * (parts + 1) > LARGEST:
        return None
    lower = np.concatenate([placed.astype(np.float64), np.zeros(kinds * parts)])
    program = Program(lower, np.full(len(lower), np.inf))
    program.add(tables.price.astype(np.float64), *_machines(classes, kinds, parts))
    program.add(np.zeros(int(tables.allowed.sum())), *_replicas(tables, sizes))
    solved = program.solved()
    if solved is None:
        return None
    return np.maximum(0, solved.costs[:classes]), np.maximum(0, solved.costs[classes:]).reshape(kinds, parts)


def _machines(classes: int, kinds: int, parts: int) -> tuple[list[int], list[int], list[float]]:
    """Each kind fills its own rows by one."""
    rows = list(range(classes, classes + kinds * parts))
    return list(range(0, kinds * parts + 1, parts)), rows, [1.0] * len(rows)


def _replicas(tables: Tables, sizes: Sizes) -> tuple[list[int], list[int], list[float]]:
    """A replica on a kind: one of its class, less its share of the machine."""
    ones, kinds = tables.allowed.nonzero()
    classes, parts = tables.allowed.shape[0], sizes.has.shape[1]
    shares = -sizes.takes[ones] / np.maximum(1, sizes.has[kinds])
    rows = np.concatenate([ones[:, None], classes + kinds[:, None] * parts + np.arange(parts)], axis=1)
    values = np.concatenate([np.ones((len(ones), 1)), shares], axis=1)
    return list(range(0, rows.size + 1, parts + 1)), rows.ravel().tolist(), values.ravel().tolist()
