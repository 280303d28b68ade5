"""A first proof, from totals: one price for each resource and each counter, at which no kind holds more than it costs.

The linear program of all demand as one sum, with as many rows as there are resources. It does not know which class may stand where; but it
knows how many machines counters force, and is solved in no time.
"""

from fractions import Fraction

import numpy as np

from autoscaler.placement.arrays import Floats, Ints
from autoscaler.placement.mixing.linear import SOLVES, Program
from autoscaler.placement.mixing.proving import FULL, Pricer, Proof

FINE = 64
"""Bits behind the point of the price of one unit."""


def totalled(pricer: Pricer, counts: Ints) -> Proof:
    """What totals prove, in integers: whatever is on a machine is worth no more than all it has."""
    tables, sizes = pricer.tables, pricer.sizes
    asked = np.where(tables.allowed.any(axis=1), counts, 0).astype(np.float64)
    prices = _prices(np.asarray(sizes.takes.T @ asked, np.float64), sizes.has, tables.price)
    parts = np.array([int(price * pricer.unit * 2.0**FINE) for price in prices.tolist()], object)
    values = np.array([min(2 * FULL, value >> FINE) for value in (sizes.takes.astype(object) @ parts).tolist()], np.int64)
    tops, costs = [value >> FINE for value in (sizes.has.astype(object) @ parts).tolist()], (tables.price * pricer.unit).tolist()
    scale = min((Fraction(cost, top) for cost, top in zip(costs, tops, strict=True) if top > cost), default=Fraction(1))
    return Proof(values=values, tolls=np.zeros_like(tables.most), scale=scale, unit=pricer.unit)


def _prices(demand: Floats, has: Ints, price: Ints) -> Floats:
    """Of one unit of each size, in millionths: those at which all that is asked for is worth most."""
    largest = np.maximum(1, has.max(axis=0, initial=1))
    if SOLVES and len(price):
        program = Program(demand / largest, np.full(len(demand), np.inf), float(price.max()))
        rows, starts = np.tile(np.arange(len(demand)), len(price)), np.arange(0, has.size + 1, len(demand))
        program.add(price.astype(np.float64), starts.tolist(), rows.tolist(), (has / largest).ravel().tolist())
        if solved := program.solved():
            return np.asarray(np.maximum(0, solved.costs) / largest, np.float64)
    return _even(demand, has, price)


def _even(demand: Floats, has: Ints, price: Ints) -> Floats:
    """Without a linear program: prices at which as much is spent on each size."""
    weights = np.where(demand > 0, 1 / np.maximum(1, demand), 0)
    worth = np.asarray(has @ weights, np.float64)
    ratios = price[worth > 0] / worth[worth > 0]
    return np.asarray(weights * float(ratios.min(initial=2**40)), np.float64)
