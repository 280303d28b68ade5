"""Before machines are bought together: how many of each workload go to which domain, where rules between workloads speak of domains.

What is to be bought can then be asked for one domain after the other. Rules about each machine by itself are left to the question.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from autoscaler.model.constraints import NODE
from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.columns import times
from autoscaler.placement.domains import NOWHERE
from autoscaler.placement.filling import levelled
from autoscaler.placement.joining import stands
from autoscaler.placement.kinds import Kind, kind_of, standing_on
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.opening import Wish
from autoscaler.placement.problem import Load, Offer
from autoscaler.placement.relations import Ruled
from autoscaler.placement.rules import UNLIMITED, Counted, Rule, Seen, TogetherRule

DEAREST = 2**62
"""Nothing costs that."""

WHEREVER = ""
"""Machines in no domain, for they have no such label; and all there are, where no rule speaks of domains."""

Parts = dict[str, list[tuple[Wish, int]]]
"""How many of each wish go to each domain."""


def topology_of(ledger: Ledger, wishes: Sequence[Wish]) -> str | None:
    """The one topology of which domains rules speak; NODE where there is none, None where there are several."""
    found = {rule.topology for wish in wishes for rule in ledger.relations.of_one(wish.load.workload).all()} - {NODE}
    return None if len(found) > 1 else next(iter(found), NODE)


def zoned(ledger: Ledger, wishes: Sequence[Wish], topology: str, offers: Iterable[Offer]) -> Parts:
    """As much as may go anywhere to some domain."""
    if topology == NODE:
        return {WHEREVER: [(wish, wish.count) for wish in wishes]}
    zoning = _Zoning.of(ledger, topology, offers)
    parts: Parts = defaultdict(list)
    for alike in sorted(_alike(ledger, wishes), key=lambda one: _turn(ledger, one[0])):
        for wish, domain, count in _dealt(alike, zoning.shared(alike)):
            parts[zoning.names[domain]].append((wish, count))
    return dict(parts)


def _turn(ledger: Ledger, wish: Wish) -> tuple[bool, bool]:
    """Who may stand in few places comes first, for the others find theirs all the same; who has to join somebody to come is last."""
    rules = ledger.relations.of_one(wish.load.workload)
    return any(not one.own and not stands(ledger, one.counted) for one in rules.together), not rules


class _Sort(NamedTuple):
    """What wishes have in common that may be in the same domains."""

    ruled: Ruled
    tallies: tuple[Counted, ...]
    kind: Kind


def _alike(ledger: Ledger, wishes: Iterable[Wish]) -> list[list[Wish]]:
    found: dict[_Sort, list[Wish]] = defaultdict(list)
    for wish in wishes:
        ref, shape = wish.load.workload, wish.load.shape
        sort = _Sort(ledger.relations.of_one(ref), ledger.relations.tallies.get(ref, ()), kind_of(shape))
        found[sort].append(wish)
    return list(found.values())


def _dealt(wishes: list[Wish], shares: Ints) -> Iterable[tuple[Wish, int, int]]:
    """So many to each domain, from the wishes in turn: of large ones each gets its part, as of small ones."""
    order, size = _interleaved(shares), len(shares)
    which = np.repeat(np.arange(len(wishes)), [wish.count for wish in wishes])[: len(order)]
    found = np.bincount(which * size + order, minlength=len(wishes) * size).reshape(-1, size)
    places = found.nonzero()
    each = zip(*(one.tolist() for one in places), found[places].tolist(), strict=True)
    return ((wishes[wish], domain, count) for wish, domain, count in each)


def _interleaved(shares: Ints) -> Ints:
    """Each domain as often as it has shares, spaced evenly."""
    domains = np.repeat(np.arange(len(shares)), shares)
    passed = np.arange(len(domains)) - np.repeat(np.cumsum(shares) - shares, shares)
    # The middle of each one's part, in integers: (2 passed + 1) / 2 shares.
    order: Ints = domains[np.argsort(UNLIMITED * (2 * passed + 1) // (2 * shares[domains]), kind="stable")]
    return order


@dataclass(slots=True)
class _Zoning:
    """Domains by number: `names` of those that are there, of those that can be bought, then none at all; the one each of `offers` is `at`.

    `coming`: how many are to come to each domain, by what counts them; `total`: of anything.
    """

    ledger: Ledger
    topology: str
    names: list[str]
    offers: list[Offer]
    at: Ints
    room: Ints
    price: Ints
    coming: dict[Counted, Ints]
    total: Ints
    able: dict[Kind, Bools]
    costs: dict[tuple[Kind, tuple[int, ...]], Ints]

    @classmethod
    def of(cls, ledger: Ledger, topology: str, offers: Iterable[Offer]) -> "_Zoning":
        """Nothing is to come yet."""
        placed = [(offer, dict(offer.labels).get(topology, WHEREVER)) for offer in offers]
        sold = sorted({value for _, value in placed} - {WHEREVER})
        names = [*dict.fromkeys((*ledger.domain_of(topology).values, *sold)), WHEREVER]
        return cls(
            ledger=ledger,
            topology=topology,
            names=names,
            offers=[offer for offer, _ in placed],
            at=np.array([names.index(value) for _, value in placed], np.int64),
            room=np.array([ledger.vectors.of(offer.capacity) for offer, _ in placed], np.int64).reshape(len(placed), ledger.vectors.width),
            price=np.array([offer.price for offer, _ in placed], np.int64),
            coming={},
            total=np.zeros(len(names), np.int64),
            able={},
            costs={},
        )

    def shared(self, wishes: list[Wish]) -> Ints:
        """How many of them go to each domain; fewer than there are, where not all of them find one."""
        load, count = wishes[0].load, sum(wish.count for wish in wishes)
        rules = [rule for rule in self.ledger.relations.of_one(load.workload).all() if rule.topology != NODE]
        own = [rule for rule in rules if rule.own and not isinstance(rule, TogetherRule)]
        cost = self._costs(load, wishes)
        holds = np.where(cost < DEAREST, count, 0)
        # Who may stay together goes where all others leave room, and how far a spread may go depends on where any is left at all.
        for rule in sorted(rules, key=lambda one: (one in own, one.own)):
            holds = self._held(load, rule, holds, cost)
        if len(own) > 1:
            return np.zeros_like(holds)
        shares = levelled(*self._order(load, own, rules, cost), holds, count)
        self._come(load, shares)
        return shares

    def _held(self, load: Load, rule: Rule, holds: Ints, cost: Ints) -> Ints:
        """How many more may come to each, under one rule."""
        seen = self._seen(load, rule, cost < DEAREST)
        left = np.minimum(holds, rule.left(seen, np.append(np.arange(len(holds) - 1), NOWHERE)))
        if not rule.own:
            return left
        if isinstance(rule, TogetherRule):
            first = np.lexsort((self.total, np.where(left > 0, cost, DEAREST)))[0]
            return left if seen.sums.any() else np.where(np.arange(len(left)) == first, left, 0)
        return np.append(rule.limits(seen, holds[:-1]), left[-1])

    def _order(self, load: Load, own: list[Rule], rules: list[Rule], cost: Ints) -> tuple[Ints, Ints, Ints]:
        """By which domains are filled from the lowest up: those it is spread by; else those that count it; else the cheapest first."""
        every = np.arange(len(self.names))
        watched = [*(rule.counted for rule in own), *self.ledger.relations.tallies.get(load.workload, ())]
        if watched:
            return self._sums(watched[0]), self.total, every
        dear = np.where(cost > cost.min(initial=DEAREST), UNLIMITED, 0) if not rules else np.zeros_like(cost)
        return self._sums(load.workload) + dear, self.total, every

    def _costs(self, load: Load, wishes: list[Wish]) -> Ints:
        """What the largest of them costs in each domain, on the offer that is cheapest for it; DEAREST where none holds it."""
        asks = np.max([self.ledger.vectors.of(wish.load.shape.requests) for wish in wishes], axis=0)
        key = kind_of(load.shape), tuple(asks.tolist())
        if key not in self.costs:
            self.costs[key] = self._cheapest(load, asks)
        return self.costs[key]

    def _cheapest(self, load: Load, asks: Ints) -> Ints:
        """What one that asks for so much, and may stand where the load may, costs in each domain."""
        found, fits, kind = np.full(len(self.names), DEAREST, np.int64), times(asks, self.room), kind_of(load.shape)
        if kind not in self.able:
            self.able[kind] = np.array(standing_on(load.shape, self.offers), np.bool_)
        able = (fits > 0) & self.able[kind]
        np.minimum.at(found, self.at[able], self.price[able] * UNLIMITED // fits[able])
        return found

    def _seen(self, load: Load, rule: Rule, sold: Bools) -> Seen:
        counting = self.ledger.domain_of(self.topology).holding(self.ledger.counting(load))
        counting = np.append(counting, np.zeros(len(self.names) - len(counting), np.bool_)) | sold
        there = self.ledger.domain_of(self.topology).summed(self.ledger.counted(load, rule))
        sums = np.append(there, np.zeros(len(self.names) - len(there), np.int64)) + self.coming.get(rule.counted, 0)
        return Seen(np.append(sums[:-1], 0), np.append(counting[:-1], False))

    def _sums(self, counted: Counted) -> Ints:
        """What stands in each and is to come there."""
        there = self.ledger.domain_of(self.topology).summed(self.ledger.columns.standing(counted))
        found: Ints = np.append(there, np.zeros(len(self.names) - len(there), np.int64)) + self.coming.get(counted, 0)
        return found

    def _come(self, load: Load, shares: Ints) -> None:
        every: tuple[Counted, ...] = (load.workload, *self.ledger.relations.tallies.get(load.workload, ()))
        for counted in every:
            self.coming[counted] = self.coming.get(counted, 0) + shares
        self.total = self.total + shares
