"""First prices for classes: replicas may be shared out among kinds and cut in pieces, machines too.

The linear program of classes times kinds: each kind has its own price of each resource. It knows which class fits where, so its optimum
is far above that of all demand taken as one sum, and close below what column generation reaches. Few kinds matter: it starts with some, and
others join it while the prices found say that they would pay.
"""

from dataclasses import replace

import numpy as np

from autoscaler.placement.arrays import Floats, Ints
from autoscaler.placement.mixing.linear import Program
from autoscaler.placement.mixing.proving import Pricer, Proof
from autoscaler.placement.mixing.tables import Tables

LARGEST = 500_000
"""Coefficients beyond which the program takes longer than it is worth."""

AT_ONCE = 12
"""Kinds that join at once, the most promising ones."""

PAYS = 1.0005
"""What a machine is worth for its price from which on its kind joins."""


def shared_prices(pricer: Pricer, placed: Ints, first: Floats) -> Proof | None:
    """The proof by prices when everything may be cut. `first[T]`: what each kind promises, for a start; the pricer's weights get theirs.

    Pools are taken as endless. None without an answer, or where it would take long.
    """
    sharing, quick = _Sharing(pricer, placed), replace(pricer, steps=1)
    new, proof = _some(pricer.tables, first), None
    while new.size and sharing.add(new):
        found = sharing.prices()
        if found is None:
            return proof
        quick.weigh(found[1])
        asked, proof = quick.ask(pricer.integers(found[0]), np.zeros_like(pricer.tables.most))
        new = _joining(asked.highest / (pricer.tables.price * pricer.unit), sharing.inside)
    pricer.weights = quick.weights
    return proof


def cheapest(tables: Tables) -> Ints:
    """Kinds that are the cheapest for some class, ascending."""
    prices = np.where(tables.allowed, tables.price, np.iinfo(np.int64).max)
    return np.unique(prices.argmin(axis=1)[tables.allowed.any(axis=1)])


def _some(tables: Tables, first: Floats) -> Ints:
    """Kinds to start with: each class must have one."""
    return np.union1d(cheapest(tables), np.argsort(-first, kind="stable")[:AT_ONCE])


def _joining(promises: Floats, inside: Ints) -> Ints:
    promises[inside] = 0
    best = np.argsort(-promises, kind="stable")[:AT_ONCE]
    return np.sort(best[promises[best] > PAYS])


class _Sharing:
    """The linear program of the kinds `inside`; rows are classes, then each size of each kind."""

    def __init__(self, pricer: Pricer, placed: Ints) -> None:
        self._tables, self._sizes = pricer.tables, pricer.sizes
        self._classes, self._shape = len(placed), pricer.sizes.has.shape
        lower = np.concatenate([placed.astype(np.float64), np.zeros(pricer.sizes.has.size)])
        self._program = Program(lower, np.full(len(lower), np.inf), float(self._tables.price.max()))
        self._coefficients = 0
        self.inside = np.zeros(0, np.int64)

    def add(self, kinds: Ints) -> bool:
        """Machines of these kinds, and each class on each of them; False, with nothing done, where that is too much."""
        self._coefficients += int(self._tables.allowed[:, kinds].sum()) * (self._shape[1] + 1)
        if self._coefficients > LARGEST:
            return False
        self.inside = np.concatenate([self.inside, kinds])
        rows = self._rows(kinds)
        self._add(self._tables.price[kinds].astype(np.float64), rows, np.ones(rows.shape))
        ones, places = self._tables.allowed[:, kinds].nonzero()
        on = kinds[places]
        shares = -self._sizes.takes[ones] / np.maximum(1, self._sizes.has[on])
        rows = np.concatenate([ones[:, None], self._rows(on)], axis=1)
        self._add(np.zeros(len(ones)), rows, np.concatenate([np.ones((len(ones), 1)), shares], axis=1))
        return True

    def prices(self) -> tuple[Floats, Floats] | None:
        """In millionths: of a replica of each class [K], and of the whole of each size of a kind [T, S]; 0 where it is not inside."""
        solved = self._program.solved()
        if solved is None:
            return None
        costs = np.maximum(0, solved.costs)
        return costs[: self._classes], costs[self._classes :].reshape(self._shape)

    def _rows(self, kinds: Ints) -> Ints:
        return np.asarray(self._classes + kinds[:, None] * self._shape[1] + np.arange(self._shape[1]))

    def _add(self, costs: Floats, rows: Ints, values: Floats) -> None:
        self._program.add(costs, list(range(0, rows.size + 1, rows.shape[1])), rows.ravel().tolist(), values.ravel().tolist())
