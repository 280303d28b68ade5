"""The stages, one after another: greedy by counting, prices and a proof, then columns and rebuilding in turns until the caller ends it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Self

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import COMPILED
from autoscaler.placement.mixing.answer import Mix, Pattern
from autoscaler.placement.mixing.columns import Columns
from autoscaler.placement.mixing.greedy import greedy
from autoscaler.placement.mixing.levelling import Levelling, crowded, forcing
from autoscaler.placement.mixing.linear import SOLVES
from autoscaler.placement.mixing.packing import Packing
from autoscaler.placement.mixing.proving import Pricer, Proof
from autoscaler.placement.mixing.question import Question
from autoscaler.placement.mixing.renewing import Renewal
from autoscaler.placement.mixing.rounding import rounded
from autoscaler.placement.mixing.sharing import cheapest, shared_prices
from autoscaler.placement.mixing.sweeping import swept
from autoscaler.placement.mixing.tables import Prepared, prepared
from autoscaler.placement.mixing.totalling import totalled
from autoscaler.placement.problem import KeepGoing, always

WORTHY, FEW = 0.8, 32
"""Kinds that hold less than this part of their price, at the best prices, are not tried unless there are few."""

TRIES = 400
"""Groups of machines rebuilt in one round."""

EACH = 4
"""Rounds of columns after which whole machines are made of them."""

PATIENCE = 100
"""Rounds that find nothing, after which there is little hope."""

SOLVER = "+".join(name for name, there in (("numba", COMPILED), ("highs", SOLVES)) if there) or "numpy"


def mix(asked: Question, keep_going: KeepGoing = always) -> Mix:
    """House as much as can be, for as little as is found until `keep_going(rounds done)` says no.

    The same question and number of rounds give the same answer; more rounds never a worse one. At least the greedy answer is given.
    """
    return Search.of(asked).go(keep_going)


def least(asked: Question) -> int:
    """What no machines for all of it could cost less than, from totals alone; no machine is looked for."""
    some = prepared(asked)
    counts = np.where(some.tables.allowed.any(axis=1), some.counts, 0)
    return totalled(Pricer.of(some), counts).bound(counts, some.tables.most)


@dataclass(slots=True, eq=False)
class Search:
    """The best packing and the best proof so far, after so many `rounds`; it can be gone on with."""

    some: Prepared
    rounds: int = field(init=False, default=0)
    coming: Iterator[bool] = field(init=False)
    levelling: Levelling | None = field(init=False)
    packing: Packing = field(init=False)
    proof: Proof = field(init=False)
    pricer: Pricer = field(init=False)
    kinds: Ints = field(init=False)

    @classmethod
    def of(cls, asked: Question) -> Self:
        """Nothing is searched yet: at least the greedy answer is there."""
        return cls(prepared(asked))

    def __post_init__(self) -> None:
        """Pack at once, and prove what totals prove."""
        tables, counts = self.some.tables, self.some.counts
        levelling = Levelling.of(tables, counts) if forcing(tables, counts) else None
        self.levelling = levelling if crowded(tables, counts) else None
        found = [levelling.step()] if levelling else []
        if not self.levelling:
            found.append(greedy(tables, counts))
        self.packing = min(found, key=lambda one: (one.merit, one.machines))
        self.pricer = Pricer.of(self.some)
        self.kinds = np.arange(len(tables.price))
        self.proof = totalled(self.pricer, counts)
        self.coming = self._steps()

    @property
    def placed(self) -> Ints:
        """Replicas of each class that have a place."""
        return self.some.counts - np.array(self.packing.left, np.int64)

    @property
    def bound(self) -> int:
        """What is proven of machines for all that is placed."""
        return self.proof.bound(self.placed, self.some.tables.most)

    def go(self, keep_going: KeepGoing) -> Mix:
        """On until `keep_going(rounds done)` says no, or nothing is left to try."""
        while keep_going(self.rounds) and next(self.coming, False):
            self.rounds += 1
        return self._mix()

    def _steps(self) -> Iterator[bool]:
        """One round each; ends when there is nothing left to try."""
        if self.levelling:
            yield from self._level(self.levelling)
            return
        if SOLVES and self.packing.patterns:
            self._share()
            yield True
        columns = Columns(self.pricer, self.placed, self.packing.patterns) if SOLVES else None
        renewal, idle = Renewal(self.some.tables, self.pricer.unit, self.packing), 0
        for number in count(1):
            if self.bound >= self.packing.price or idle > PATIENCE:
                return
            before = self.packing.merit, self.bound
            if columns and not self._generate(columns, whole=number % EACH == 0):
                columns = None
            self._renew(renewal)
            idle = idle + 1 if before == (self.packing.merit, self.bound) else 0
            yield True

    def _mix(self) -> Mix:
        """The answer, kinds numbered as in the question."""
        kinds = self.some.kinds.tolist()
        found: Counter[tuple[int, tuple[tuple[int, int], ...]]] = Counter()
        for one in self.packing.patterns:
            found[kinds[one.kind], one.replicas] += one.times
        patterns = tuple(Pattern(kind=kind, replicas=replicas, times=times) for (kind, replicas), times in sorted(found.items()))
        best = self.packing
        return Mix(patterns=patterns, left=best.left, price=best.price, bound=self.bound, rounds=self.rounds, solver=SOLVER)

    def _level(self, levelling: Levelling) -> Iterator[bool]:
        """Where counters force machines, hardly two are alike: columns would be as many, and totals prove as much."""
        idle = 0
        while idle <= PATIENCE and self.bound < self.packing.price:
            yield True
            before = self.packing.merit
            self._take(levelling.step())
            idle = idle + 1 if before == self.packing.merit else 0

    def _share(self) -> None:
        """Prices of replicas that may be cut: a proof, the kinds that promise something, and a packing by these values."""
        tables = self.some.tables
        found = shared_prices(self.pricer, self.placed, self.pricer.promises(self.proof.values))
        if found is None:
            return
        none = np.zeros_like(tables.most)
        self._trust(self.pricer.ask(found.values, none)[1])
        self.kinds = self._promising()
        self._take(swept(self.pricer, self.kinds, (self.proof.values, none), self.some.counts, tables.most))

    def _promising(self) -> Ints:
        """Kinds that are tried, by the best prices so far; all where some may be sold out."""
        tables, promises = self.some.tables, self.pricer.promises(self.proof.values)
        if (tables.most < self.placed.sum()).any():
            return self.kinds
        best = np.argsort(-promises, kind="stable")
        few = best[: max(FEW, np.count_nonzero(promises > WORTHY))]
        return np.union1d(few, cheapest(tables))

    def _generate(self, columns: Columns, *, whole: bool) -> bool:
        """Look for columns that pay; from time to time and at the end make whole machines of them. Whether there may be more."""
        # What rebuilding made of them is a column, too.
        for one in self.packing.patterns:
            columns.add(one)
        solved = columns.solved()
        if solved is None:
            return False
        packing, more = columns.sweep(self.proof, solved, self.kinds)
        self._take(packing)
        if whole or not more:
            proof, more = columns.step(self.proof, solved)
            self._trust(proof)
            self._take(rounded(self.some.tables, columns.patterns, solved.taken, self.some.counts, self._rest))
        return more

    def _rest(self, left: Ints, stock: Ints) -> Packing:
        """What rounding leaves."""
        return swept(self.pricer, self.kinds, (self.proof.values, np.zeros_like(stock)), left, stock)

    def _renew(self, renewal: Renewal) -> None:
        """Rebuild machines of the best packing."""
        if self.packing.merit < renewal.packing.merit:
            renewal.restart(self.packing)
        self._take(renewal.step(self.proof.values, self.kinds, TRIES))

    def _take(self, packing: Packing) -> None:
        self.packing = min(self.packing, packing, key=lambda one: one.merit)

    def _trust(self, proof: Proof) -> None:
        self.proof = max(self.proof, proof, key=lambda one: one.bound(self.placed, self.some.tables.most))
