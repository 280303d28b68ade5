"""Column generation (Gilmore and Gomory 1961): machines with what stands on them are columns, found where current prices say one would pay.

Prices are asked between those of the best proof and those of the last optimum (Wentges 1997): else they swing.
"""

from collections.abc import Iterable

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.mixing.answer import Pattern
from autoscaler.placement.mixing.linear import Program, Solved
from autoscaler.placement.mixing.packing import Packing, pattern_of
from autoscaler.placement.mixing.proving import Pricer, Proof
from autoscaler.placement.mixing.question import UNLIMITED
from autoscaler.placement.mixing.sweeping import swept

MOST_STEPS = 20_000
"""A kind's filling is searched no longer than this; then what is proven has to do."""

NEARER = 0.5
"""How far towards the best proof prices are asked."""


class Columns:
    """The linear program of all machines seen so far."""

    def __init__(self, pricer: Pricer, placed: Ints, patterns: Iterable[Pattern]) -> None:
        self._pricer, self._placed, self._classes = pricer, placed, len(placed)
        self.patterns: list[Pattern] = []
        self._known: set[tuple[int, tuple[tuple[int, int], ...]]] = set()
        self._limited = pricer.tables.most < UNLIMITED
        most = np.where(self._limited, pricer.tables.most, np.inf)
        self._program = Program(
            np.concatenate([placed.astype(np.float64), np.full(len(most), -np.inf)]),
            np.concatenate([np.full(len(placed), np.inf), most]),
            float(pricer.tables.price.max(initial=1)),
        )
        for one in patterns:
            self.add(one)

    def add(self, pattern: Pattern) -> None:
        """One more that may be taken, if it is none of those there are."""
        if (pattern.kind, pattern.replicas) in self._known:
            return
        self._known.add((pattern.kind, pattern.replicas))
        rows = [place for place, _ in pattern.replicas]
        values = [float(count) for _, count in pattern.replicas]
        pool = int(self._pricer.tables.pool[pattern.kind])
        price = np.array([float(self._pricer.tables.price[pattern.kind])])
        self._program.add(price, [0, len(rows) + 1], [*rows, self._classes + pool], [*values, 1.0])
        self.patterns.append(pattern)

    def solved(self) -> Solved | None:
        """How much of each pattern is taken now, and the costs of classes and pools."""
        return self._program.solved()

    def sweep(self, best: Proof, solved: Solved, kinds: Ints) -> tuple[Packing, bool]:
        """Pack it all anew with these kinds, add what pays; the packing, and whether anything was added."""
        true, tolls = self._asked(solved)
        packing = swept(self._pricer, kinds, (self._middle(best, true), tolls), self._pricer.most, self._pricer.tables.most)
        known = len(self.patterns)
        for one in packing.patterns:
            if self._pattern_pays(one, true, tolls):
                self.add(one)
        return packing, len(self.patterns) > known

    def step(self, best: Proof, solved: Solved) -> tuple[Proof, bool]:
        """Ask all kinds once or twice, add what pays; the best proof of both, and whether anything was added."""
        true, tolls = self._asked(solved)
        for values in (self._middle(best, true), true):
            found, proof = self._pricer.ask(values, tolls)
            best = max(best, proof, key=self._bound)
            pays = self._pays(found.held, true, tolls)
            for kind in pays:
                self.add(pattern_of(kind, found.held[kind]))
            if pays:
                return best, True
        return best, self._look_longer()

    def _asked(self, solved: Solved) -> tuple[Ints, Ints]:
        """Values of classes and tolls of pools at the optimum."""
        costs = np.maximum(0, solved.costs[: self._classes])
        return self._pricer.integers(costs), self._pricer.integers(np.maximum(0, -solved.costs[self._classes :]))

    def _middle(self, best: Proof, true: Ints) -> Ints:
        return np.asarray(NEARER * float(best.scale) * best.values + (1 - NEARER) * true, np.int64)

    def _bound(self, proof: Proof) -> int:
        return proof.bound(self._placed, self._pricer.tables.most)

    def _pays(self, held: Ints, values: Ints, tolls: Ints) -> list[int]:
        """Kinds whose filling is worth more than it costs, by more than rounding."""
        tables, unit = self._pricer.tables, self._pricer.unit
        costs = tables.price * unit + tolls[tables.pool]
        return [int(kind) for kind in (held @ values > costs + costs // 1_000_000).nonzero()[0]]

    def _pattern_pays(self, one: Pattern, values: Ints, tolls: Ints) -> bool:
        tables = self._pricer.tables
        cost = int(tables.price[one.kind]) * self._pricer.unit + int(tolls[tables.pool[one.kind]])
        return sum(count * int(values[place]) for place, count in one.replicas) > cost + cost // 1_000_000

    def _look_longer(self) -> bool:
        """Nothing pays that was found: search fillings longer, as long as that is allowed."""
        if self._pricer.steps >= MOST_STEPS:
            return False
        self._pricer.steps *= 4
        return True
