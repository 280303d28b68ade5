"""Machines for all that has no place yet, bought together: the cheapest mix that is found, and what no other could cost less than.

One workload after the other, the machine that costs least for what it holds is a few parts in a hundred dearer. Where there is little to
buy, or a rule of a pool must be kept to with each machine, that is how it is done all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Self

import numpy as np

from autoscaler.model.constraints import LabelRule
from autoscaler.model.reasons import Code, Reason
from autoscaler.placement.arrays import Ints
from autoscaler.placement.opening import Wish, buy
from autoscaler.placement.problem import Load, Offer, PoolOptions, Problem
from autoscaler.placement.search import Search

if TYPE_CHECKING:
    from autoscaler.placement.mixing import Mix, Question

MANY = 50
"""Replicas to come from which on a joint search is worth its time: the first of a process loads compiled code for a second."""

ROUNDS, WORK = 40, 1_000_000
"""Of the search for a cheaper mix: so many rounds, fewer where classes times offers are many. A tick must not take longer than seconds."""

CLOSE = 1000
"""Within one part in so many of what is proven nothing more is looked for."""

SOLVER = find_spec("numba") is not None


def worth_a_mix(problem: Problem) -> bool:
    """Whether what is to come is bought together. Prices must be of one currency, and there must be some, or nothing is proven of them."""
    loads = {load.workload: load for load in problem.loads}
    sure = all(loads[demand.workload].sure for demand in problem.demands)
    many = sum(demand.count for demand in problem.demands) >= MANY
    selling = [pool for pool in problem.pools if pool.offers]
    priced = len({pool.currency for pool in selling}) == 1 and all(offer.price > 0 for pool in selling for offer in pool.offers)
    return SOLVER and sure and many and priced and not any(pool.asks for pool in selling)


def buy_mix(search: Search, wishes: list[Wish]) -> list[tuple[str, list[tuple[Wish, int]]]] | None:
    """Open machines for all of it: each with what is to stand there. None, with nothing done, where not all of it can be housed."""
    asked = _Asked.of(search, wishes)
    if not (wishes and asked.offers):
        return None
    found = _mixed(asked.question(search))
    if any(found.left):
        return None
    search.saved = found.price - found.bound
    opened = []
    for one in found.patterns:
        for _ in range(one.times):
            key = buy(search.ledger, search.market, *asked.offers[one.kind], Reason(Code.NO_ROOM))
            opened.append((key, [part for which, count in one.replicas for part in asked.taken(which, count)]))
    return opened


def _mixed(question: "Question") -> "Mix":
    """What takes no time is often as good as the best; else all rounds."""
    from autoscaler.placement.mixing import mix  # brings compiled code with it

    found = mix(question, lambda rounds: rounds < 1)
    close, most = (found.price - found.bound) * CLOSE <= found.price, min(ROUNDS, WORK // question.allowed.size)
    return found if close or any(found.left) or most <= 1 else mix(question, lambda rounds: rounds < most)


Kind = tuple[tuple[int, ...], tuple[LabelRule, ...], str]
"""What replicas have in common that are one class: requests, rules, and the workload's name where its own limits matter."""


@dataclass(slots=True, kw_only=True)
class _Asked:
    """Wishes in classes, and what may be bought. `left`: how much of each wish no machine was named for yet."""

    wishes: list[Wish]
    classes: list[list[int]]
    offers: list[tuple[PoolOptions, Offer]]
    left: list[int]

    @classmethod
    def of(cls, search: Search, wishes: list[Wish]) -> Self:
        """Alike ones together."""
        kinds: dict[Kind, list[int]] = {}
        for place, wish in enumerate(wishes):
            kinds.setdefault(_kind(search, wish.load), []).append(place)
        return cls(wishes=wishes, classes=list(kinds.values()), offers=search.market.offers(), left=[wish.count for wish in wishes])

    def question(self, search: Search) -> "Question":
        """The same in columns."""
        from autoscaler.placement.mixing import question_of

        vectors, loads = search.ledger.vectors, [self.wishes[one[0]].load for one in self.classes]
        pools = list({pool.name: pool for pool, _ in self.offers}.values())
        adds, limits = _counters(loads)
        return question_of(
            np.array([vectors.of(load.shape.requests) for load in loads]),
            np.array([sum(self.wishes[place].count for place in one) for one in self.classes]),
            np.maximum(0, np.array([vectors.of(offer.capacity) for _, offer in self.offers])),
            np.array([offer.price for _, offer in self.offers]),
            allowed=np.array([[load.shape.may_stand(offer.labels) for _, offer in self.offers] for load in loads]),
            adds=adds,
            limits=limits,
            pool=np.array([pools.index(pool) for pool, _ in self.offers]),
            most=np.array([search.market.room_in(pool) for pool in pools]),
        )

    def taken(self, which: int, count: int) -> Iterator[tuple[Wish, int]]:
        """So many of the class, from its wishes in turn."""
        for place in self.classes[which]:
            here = min(count, self.left[place])
            if here:
                self.left[place] -= here
                count -= here
                yield self.wishes[place], here


def _kind(search: Search, load: Load) -> Kind:
    shape = load.shape
    limited = shape.max_per_node is not None or bool(shape.host_ports)
    return tuple(search.ledger.vectors.of(shape.requests).tolist()), shape.node_rules, str(load.workload) if limited else ""


def _counters(loads: list[Load]) -> tuple[Ints, Ints]:
    """One for each class with a limit of its own per machine, one for each host port."""
    from autoscaler.placement.mixing import UNLIMITED

    ports = sorted({port for load in loads for port in load.shape.host_ports})
    limited = [place for place, load in enumerate(loads) if load.shape.max_per_node is not None]
    adds = np.zeros((len(loads), len(limited) + len(ports)), np.int64)
    limits = np.full_like(adds, UNLIMITED)
    for counter, place in enumerate(limited):
        adds[place, counter], limits[place, counter] = 1, max(0, loads[place].shape.max_per_node or 0)
    for counter, port in enumerate(ports, len(limited)):
        using = [place for place, load in enumerate(loads) if port in load.shape.host_ports]
        adds[using, counter], limits[using, counter] = 1, 1
    return adds, limits
