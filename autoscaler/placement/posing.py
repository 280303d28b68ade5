"""What is to be bought as a question in columns: wishes in classes, rules about each machine by itself as counters."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from autoscaler.model.constraints import NODE
from autoscaler.model.refs import PoolName, WorkloadRef
from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.kinds import Kind, kind_of, standing_on
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.opening import Wish
from autoscaler.placement.problem import Load, Offer, PoolOptions
from autoscaler.placement.rules import Rule, SpreadRule

if TYPE_CHECKING:
    from autoscaler.placement.mixing import Question

MOST = 2**31
"""As `mixing.UNLIMITED`, which brings compiled code with it."""

Counters = tuple[tuple[int, int, int], ...]
"""Of each counter that a replica matters to: its number, what the replica adds, and the most it may show while the replica is there."""

Class = tuple[tuple[int, ...], int, Counters]
"""What replicas have in common that are one class: requests, where they may stand (by number), and counters."""


class Sort(NamedTuple):
    """Of one workload the numbers of what it asks for, of where it may stand, and of how it counts; those alike have the same."""

    asks: int
    kind: int
    counting: int


@dataclass(slots=True)
class Sorts:
    """Workloads by what they have in common: each is looked at once, however many questions are asked about its replicas."""

    ledger: Ledger
    asks: list[tuple[int, ...]]
    sort: dict[WorkloadRef, Sort]

    @classmethod
    def of(cls, ledger: Ledger, wishes: Iterable[Wish]) -> Self:
        """As the wishes tell their loads."""
        asks: dict[tuple[int, ...], int] = {}
        kinds: dict[Kind, int] = {}
        countings: dict[object, int] = {}
        sort: dict[WorkloadRef, Sort] = {}
        for load in (wish.load for wish in wishes):
            vector = tuple(ledger.vectors.of(load.shape.requests).tolist())
            sort[load.workload] = Sort(
                asks.setdefault(vector, len(asks)),
                kinds.setdefault(kind_of(load.shape), len(kinds)),
                countings.setdefault(_counting(ledger, load), len(countings)),
            )
        return cls(ledger, list(asks), sort)


def _counting(ledger: Ledger, load: Load) -> object:
    """What those have in common that count alike: rules, for what each counts, ports; one with a limit of its own is like no other."""
    ref, shape = load.workload, load.shape
    alone = None if shape.max_per_node is None else ref
    return ledger.relations.of_one(ref), ledger.relations.tallies.get(ref, ()), shape.host_ports, alone


def can_ask(ledger: Ledger, wish: Wish) -> bool:
    """Whether a question can say all it keeps to: not devices, nor others beside it on the same machine, nor what runs there of itself."""
    if wish.load.shape.device or ledger.relations.counts_daemons(wish.load.workload):
        return False
    return all(rule.topology != NODE for rule in ledger.relations.of_one(wish.load.workload).together)


@dataclass(slots=True)
class Asked:
    """Wishes by class, in `parts`; what may be bought. `left`: how much of each part no machine was named for yet.

    `places`: parts of each class with anything left, the next one last.
    """

    ledger: Ledger
    parts: Sequence[tuple[Wish, int]]
    classes: list[Class]
    selling: Sequence[tuple[PoolOptions, Offer]]
    left: list[int]
    places: list[list[int]]

    @classmethod
    def of(
        cls, sorts: Sorts, parts: Sequence[tuple[Wish, int]], selling: Sequence[tuple[PoolOptions, Offer]], *, times: int | None = 1
    ) -> Self:
        """Alike ones together. A new machine may hold `times` what a spread over machines allows beside an empty one; None: any number."""
        found = [sorts.sort[wish.load.workload] for wish, _ in parts]
        unlike = {sort.counting: wish.load for sort, (wish, _) in zip(reversed(found), reversed(parts), strict=True)}
        first = dict.fromkeys(sort.counting for sort in found)
        counters = _Counting(sorts.ledger, {number: unlike[number] for number in first}, times).counters
        classes: dict[Class, list[int]] = defaultdict(list)
        for place, (asks, kind, counting) in enumerate(found):
            classes[sorts.asks[asks], kind, counters[counting]].append(place)
        places = [some[::-1] for some in classes.values()]
        return cls(sorts.ledger, parts, list(classes), selling, [count for _, count in parts], places)

    def question(self, left: Mapping[PoolName, int]) -> "Question":
        """The same in columns."""
        from autoscaler.placement.mixing import question_of

        vectors, pools = self.ledger.vectors, list(dict.fromkeys(pool.name for pool, _ in self.selling))
        adds, limits = _columns([counters for _, _, counters in self.classes])
        return question_of(
            np.array([asks for asks, _, _ in self.classes]),
            np.array([sum(self.left[place] for place in places) for places in self.places]),
            np.maximum(0, np.array([vectors.of(offer.capacity) for _, offer in self.selling])),
            np.array([offer.price for _, offer in self.selling]),
            allowed=self._allowed(),
            adds=adds,
            limits=limits,
            pool=np.array([pools.index(pool.name) for pool, _ in self.selling]),
            most=np.array([left[name] for name in pools]),
        )

    def taken(self, replicas: Iterable[tuple[int, int]]) -> tuple[tuple[Wish, int], ...]:
        """So many of each class, from its parts in turn."""
        found, left = list[tuple[Wish, int]](), self.left
        for which, count in replicas:
            places, wanted = self.places[which], count
            while wanted:
                place = places[-1]
                here = min(wanted, left[place])
                found.append((self.parts[place][0], here))
                left[place] -= here
                wanted -= here
                if not left[place]:
                    places.pop()
        return tuple(found)

    def _allowed(self) -> Bools:
        shapes = {kind: self.parts[places[0]][0].load.shape for (_, kind, _), places in zip(self.classes, self.places, strict=True)}
        numbers = {kind: number for number, kind in enumerate(shapes)}
        rows = [standing_on(shape, [offer for _, offer in self.selling]) for shape in shapes.values()]
        found: Bools = np.array(rows, np.bool_)[[numbers[kind] for _, kind, _ in self.classes]]
        return found


class _Counting:
    """One counter for each host port, for each workload with a limit of its own per machine, and for all that a rule counts per machine.

    `counters` of each of `loads`, one of each sort by its number.
    """

    def __init__(self, ledger: Ledger, loads: Mapping[int, Load], times: int | None) -> None:
        self.relations, self.times = ledger.relations, times
        self.numbers: dict[object, int] = {}
        for load in loads.values():
            for name in (*_ports(load), *_own(load), *(rule.counted for rule in self._rules(load))):
                self.numbers.setdefault(name, len(self.numbers))
        self.counters = {number: self._of(load) for number, load in loads.items()}

    def _of(self, load: Load) -> Counters:
        """What one replica of it adds, and what it bears."""
        counted: list[object] = [load.workload, *self.relations.tallies.get(load.workload, ())]
        adds = {name for name in (*_ports(load), *_own(load), *counted) if name in self.numbers}
        limits: dict[object, int] = {**dict.fromkeys(_ports(load), 1), **_own(load)}
        for rule in self._rules(load):
            limits[rule.counted] = min(limits.get(rule.counted, MOST), self._most(rule))
        return tuple(sorted((self.numbers[name], int(name in adds), limits.get(name, MOST)) for name in adds | limits.keys()))

    def _rules(self, load: Load) -> list[Rule]:
        rules = self.relations.of_one(load.workload)
        return [rule for rule in (*(rules.spreads if self.times else ()), *rules.apart) if rule.topology == NODE]

    def _most(self, rule: Rule) -> int:
        return rule.skew * (self.times or 1) if isinstance(rule, SpreadRule) else int(rule.own)


def _ports(load: Load) -> list[tuple[str, int]]:
    return [("port", port) for port in load.shape.host_ports]


def _own(load: Load) -> dict[object, int]:
    most = load.shape.max_per_node
    return {} if most is None else {("own", load.workload): max(0, most)}


def _columns(counters: list[Counters]) -> tuple[Ints, Ints]:
    """What each class adds to each counter, and its limit there."""
    most = max((number + 1 for one in counters for number, _, _ in one), default=0)
    adds = np.zeros((len(counters), most), np.int64)
    limits = np.full_like(adds, MOST)
    for place, one in enumerate(counters):
        for number, added, limit in one:
            adds[place, number], limits[place, number] = added, limit
    return adds, limits
