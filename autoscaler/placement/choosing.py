"""Where replicas go that mind others, or would rather stand here than there.

A rule under which one replica takes the place of the next is met by domains: how many each may get is known at once, and the machines of
one domain are then filled as others are. Under several such rules they go one by one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from autoscaler.model.constraints import NODE, NodeAffinity, Taint, TaintEffect, keeps_to
from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.domains import NOWHERE
from autoscaler.placement.filling import level_by_level, levelled, packed
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import Host, Load
from autoscaler.placement.relations import Wished
from autoscaler.placement.rules import ApartRule, Rule, SpreadRule, TogetherRule

TAINTED = 100
"""What a taint that is to be avoided weighs: as much as the heaviest preference."""


def choosy(ledger: Ledger, load: Load) -> bool:
    """Whether it minds where others stand, or has preferences."""
    return ledger.tainted or bool(load.shape.preferences) or bool(ledger.relations.of_one(load.workload))


def filled(ledger: Ledger, load: Load, rows: Ints, fits: Ints, count: int, *, spread: bool) -> Ints:
    """Spread as its scheduler is expected to; else best fit: the machine with the least room left over, then the next."""
    if spread:
        return levelled(ledger.here(load, rows), ledger.totals(rows), ledger.ranks(rows), fits, count)
    return packed(_tightest_first(ledger, load, rows), fits, count)


def in_turn(ledger: Ledger, load: Load, rows: Ints, placed: Ints, *, spread: bool) -> Ints:
    """The row of each of those that `filled` placed on these machines, as they come one after the other; not on the ledger yet."""
    if spread:
        return rows[level_by_level(ledger.here(load, rows), ledger.totals(rows), ledger.ranks(rows), placed)]
    order = _tightest_first(ledger, load, rows)
    found: Ints = np.repeat(rows[order], placed[order])
    return found


def _tightest_first(ledger: Ledger, load: Load, rows: Ints) -> Ints:
    found: Ints = np.lexsort((ledger.ranks(rows), ledger.tightness(load, rows)))
    return found


def chosen(ledger: Ledger, load: Load, rows: Ints, fits: Ints, count: int, *, spread: bool) -> Ints:
    """How many of up to `count` each of these machines gets, [N], where so many fit; if fewer in all, the rest may need another look."""
    return _Choice(ledger, load, rows, spread).placed(fits, count)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Machines among which one workload's replicas are to be put."""

    ledger: Ledger
    load: Load
    rows: Ints
    spread: bool

    def placed(self, fits: Ints, count: int) -> Ints:
        """How many each gets."""
        ruled = self.ledger.relations.of_one(self.load.workload)
        wide = ruled.wide()
        able = np.minimum(fits, self.ledger.left_at(self.load, [rule for rule in ruled.all() if rule not in wide], self.rows))
        able = self._gathered(ruled.together, able)
        now = np.minimum(able, self.ledger.left_at(self.load, wide, self.rows))
        even = None if wide else next((one for one in self._wishes() if isinstance(one.rule, SpreadRule) and one.rule.own), None)
        able = np.where((now > 0) & self._preferred(now > 0, even), able, 0)
        if len(wide) > 1:
            return self._one(wide, np.minimum(able, now))
        if wide:
            return self._by_domain(wide[0], able, count, hard=True)
        return self._by_domain(even.rule, able, count, hard=False) if even and even.rule else self._rather_apart(able, count)

    def _rather_apart(self, able: Ints, count: int) -> Ints:
        """With no rule to keep to that one of them could break for the next."""
        for wished in self._wishes():
            if isinstance(wished.rule, ApartRule) and wished.rule.own:
                able = self._first_comers(wished.rule, able)
        return filled(self.ledger, self.load, self.rows, able, count, spread=self.spread)

    def _wishes(self) -> tuple[Wished, ...]:
        return self.ledger.relations.wishes.get(self.load.workload, ())

    def _gathered(self, rules: tuple[TogetherRule, ...], able: Ints) -> Ints:
        """Where the first of groups that stay together is still to come: only where there is most room for all of them at once."""
        first = [rule for rule in rules if rule.own and not self._sums(rule).any()]
        if not first:
            return able
        group = np.zeros(len(able), np.int64)  # machines that are in the same domain of each
        for rule in first:
            domains = self.ledger.domain_of(rule.topology)
            _, group = np.unique(group * (domains.count + 1) + domains.rows[self.rows], return_inverse=True)
        held = np.bincount(group, able)
        return np.where(group == held.argmax(), able, 0)

    def _by_domain(self, rule: Rule, able: Ints, count: int, *, hard: bool) -> Ints:
        """From the lowest domain up; `hard`: no further than the rule lets them."""
        held, seen = self._held(rule, able), self.ledger.seen(self.load, rule)
        shares = levelled(seen.sums[:-1], *self._order(rule, len(held)), rule.limits(seen, held) if hard else held, count)
        at, placed = self._at(rule), np.zeros_like(able)
        for domain in shares.nonzero()[0].tolist():
            here = (at == domain).nonzero()[0]
            placed[here] = filled(self.ledger, self.load, self.rows[here], able[here], int(shares[domain]), spread=self.spread)
        # Machines in no domain take what no domain does, as far as the rule lets any come there at all.
        out = (at == NOWHERE).nonzero()[0]
        placed[out] = filled(self.ledger, self.load, self.rows[out], able[out], count - int(shares.sum()), spread=self.spread)
        return placed

    def _order(self, rule: Rule, count: int) -> tuple[Ints, Ints]:
        """Which of two domains with as many of them comes first: of machines, by how many of anything stand there, then by key."""
        every = np.arange(count)
        if rule.topology != NODE:
            return np.zeros(count, np.int64), every
        return self.ledger.totals(every), self.ledger.ranks(every)

    def _one(self, wide: tuple[Rule, ...], able: Ints) -> Ints:
        """The next one alone: where fewest of those that count stand."""
        placed, open_ones = np.zeros_like(able), (able > 0).nonzero()[0]
        if len(open_ones):
            some = self.rows[open_ones]
            crowd = sum(self._sums(rule)[self._at(rule)[open_ones]] for rule in wide)
            stood = (self.ledger.totals(some), self.ledger.here(self.load, some))
            order = stood if self.spread else (self.ledger.tightness(self.load, some),)
            placed[open_ones[np.lexsort((self.ledger.ranks(some), *order, crowd))[0]]] = 1
        return placed

    def _first_comers(self, rule: Rule, able: Ints) -> Ints:
        """One for each domain that has none yet, for after that it is no better than others."""
        at = self._at(rule)
        empty = (at != NOWHERE) & (self._sums(rule)[at] == 0) & (able > 0)
        if not empty.any():
            return able
        _, first = np.unique(np.where(empty, at, NOWHERE), return_index=True)
        found = np.zeros_like(able)
        found[first] = np.where(empty[first], 1, 0)
        return found

    def _preferred(self, open_ones: Bools, even: Wished | None) -> Bools:
        """Of those that can take one, the ones that weigh most; `even` is met by dealing out."""
        wishes = [one for one in self._wishes() if one is not even]
        if not (wishes or self.ledger.tainted) or not open_ones.any():
            return open_ones
        score = np.zeros(len(self.rows), np.int64)
        for one in wishes:
            score += one.weight * self._granted(one)
        if self.ledger.tainted:
            score -= TAINTED * np.array([avoided(self.load, host.taints) for host in self._hosts()])
        best: Bools = score == score[open_ones].max()
        return best

    def _granted(self, wished: Wished) -> Bools:
        """Where the wish would be granted."""
        if isinstance(wished.wish, NodeAffinity):
            return np.array([keeps_to(wished.wish.rules, host.labels) for host in self._hosts()], np.bool_)
        if wished.rule is None:
            return np.zeros(len(self.rows), np.bool_)
        found: Bools = wished.rule.left(self.ledger.seen(self.load, wished.rule), self._at(wished.rule)) > 0
        return found

    def _hosts(self) -> list[Host]:
        return [self.ledger.hosts[self.ledger.key_of(row)] for row in self.rows.tolist()]

    def _at(self, rule: Rule) -> Ints:
        """The domain of each machine."""
        found: Ints = self.ledger.domain_of(rule.topology).rows[self.rows]
        return found

    def _sums(self, rule: Rule) -> Ints:
        """How many of those that count stand in each domain."""
        return self.ledger.seen(self.load, rule).sums

    def _held(self, rule: Rule, able: Ints) -> Ints:
        """How many find room in each domain."""
        domains = self.ledger.domain_of(rule.topology)
        at, held = domains.rows[self.rows], np.zeros(domains.count, np.int64)
        there = at != NOWHERE
        np.add.at(held, at[there], able[there])
        return held


def avoided(load: Load, taints: Iterable[Taint]) -> int:
    """How many taints it would rather not stand with."""
    soft = (taint for taint in taints if taint.effect is TaintEffect.PREFER_NO_SCHEDULE)
    return sum(not any(one.covers(taint) for one in load.shape.tolerations) for taint in soft)
