"""Machines for all that has no place yet, bought together: the cheapest mix that is found, and what no other could cost less than.

One workload after the other, the machine that costs least for what it holds is a few parts in a hundred dearer. Where there is little to
buy, or a rule of a pool must be kept to with each machine, that is how it is done all the same.
"""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from autoscaler.model.constraints import NODE
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PoolName
from autoscaler.placement.bounding import priced
from autoscaler.placement.evening import evened, spread_over_machines
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.opening import Market, Wish, buy_all
from autoscaler.placement.posing import Asked, Sorts
from autoscaler.placement.problem import Offer, PoolOptions, Problem
from autoscaler.placement.quote import Machine, Quote
from autoscaler.placement.search import Search
from autoscaler.placement.zoning import WHEREVER, Parts, topology_of, zoned

if TYPE_CHECKING:
    from autoscaler.placement.mixing import Mix, Question

MANY = 50
"""Replicas to come from which on a joint search is worth its time: the first of a process loads compiled code for a second."""

ROUNDS, WORK = 40, 1_000_000
"""Of the search for a cheaper mix: so many rounds, fewer where classes times offers are many, the more so where rules count them.
A tick must not take longer than seconds."""

CLOSE = 1000
"""Within one part in so many of what is proven nothing more is looked for."""

FULLER = (2, 4, 8, 16, 32, 64)
"""Times as many as one more than none of what is spread over machines, that are tried where that would pay."""

WORTH_IT = 10
"""One part in so many above the bound is looked into."""

SOLVER = find_spec("numba") is not None


Selling = list[tuple[PoolOptions, Offer]]

Sale = tuple[Selling, dict[PoolName, int]]
"""What may be bought, and how many machines each pool has room for."""


def worth_a_mix(problem: Problem) -> bool:
    """Whether what is to come is bought together. Prices must be of one currency, and there must be some, or nothing is proven of them."""
    loads = {load.workload: load for load in problem.loads}
    sure = all(loads[demand.workload].sure for demand in problem.demands)
    many = sum(demand.count for demand in problem.demands) >= MANY
    return SOLVER and sure and many and priced(problem) and not any(pool.asks for pool in problem.pools if pool.offers)


def sale_in(market: Market) -> Sale:
    """What may be bought: of offers that only differ in what they cost, or in how they are sold, one; those that stand by first."""
    return _cheapest(market.offers()), {pool.name: market.room_in(pool) for pool in market.pools}


def quoted(ledger: Ledger, sale: Sale, wishes: Sequence[Wish], *, at_least: int = 1) -> Quote | None:
    """What it takes to house all of it together, or `at_least` so many; None where that is not found. Nothing is bought."""
    topology, offers = topology_of(ledger, wishes), sale[0]
    if topology is None or not (wishes and offers):
        return None
    parts = zoned(ledger, wishes, topology, [offer for _, offer in offers])
    if sum(count for some in parts.values() for _, count in some) < at_least:
        return None
    sorts = Sorts.of(ledger, wishes)
    best = _quoted(sorts, sale, parts, topology, 1)
    if best is None or _exact(ledger, wishes, topology):
        return best
    bound = _least(sorts, sale, [part for some in parts.values() for part in some])
    for times in FULLER if any(spread_over_machines(ledger, wish) for wish in wishes) else ():
        if (best.price - bound) * WORTH_IT <= best.price:
            break
        fuller = _quoted(sorts, sale, parts, topology, times)
        found = evened(ledger, fuller, wishes) if fuller else None
        best = found if found and found.count >= best.count and found.price < best.price else best
    return replace(best, saved=max(0, best.price - bound))


def _quoted(sorts: Sorts, sale: Sale, parts: Parts, topology: str, times: int) -> Quote | None:
    """The same, domain by domain; `times` as much of what is spread over machines may come to each as if one stayed empty."""
    offers, left = sale[0], dict(sale[1])
    machines, saved = list[Machine](), 0
    for domain, some in sorted(parts.items()):
        there = [one for one in offers if topology == NODE or dict(one[1].labels).get(topology, WHEREVER) == domain]
        found = _mixed_for(sorts, some, [one for one in there if left[one[0].name]], left, times)
        if found is None:
            return None
        machines += found.machines
        saved += found.saved
    return Quote(tuple(machines), saved)


def _exact(ledger: Ledger, wishes: Sequence[Wish], topology: str) -> bool:
    """Whether what was asked is all there is to keep to: nothing was dealt out before, and no limit is closer than it must be."""
    return topology == NODE and not any(ledger.relations.of_one(wish.load.workload).spreads for wish in wishes)


def at_least_costing(ledger: Ledger, sale: Sale, wishes: Sequence[Wish]) -> int:
    """What no machines for these could cost less than, wherever they are dealt to and however full each may be. None is looked for."""
    return _least(Sorts.of(ledger, wishes), sale, [(wish, wish.count) for wish in wishes])


def _least(sorts: Sorts, sale: Sale, parts: Sequence[tuple[Wish, int]]) -> int:
    from autoscaler.placement.mixing import least

    return least(Asked.of(sorts, parts, sale[0], times=None).question(sale[1]))


def _cheapest(offers: Selling) -> Selling:
    """Of those that only differ in what they cost, or in how they are sold, one. The search takes the first of any that are as good."""
    found: dict[tuple[object, ...], tuple[PoolOptions, Offer]] = {}
    for pool, offer in offers:
        alike = (pool.name, offer.capacity, offer.labels, offer.taints, offer.devices)
        known = found.get(alike)
        if known is None or _rank(offer) < _rank(known[1]):
            found[alike] = pool, offer
    return sorted(found.values(), key=lambda one: not one[1].standby)


def _rank(offer: Offer) -> tuple[int, bool, bool]:
    return offer.price, not offer.standby, offer.spot


def bought(search: Search, quote: Quote) -> list[tuple[str, Machine]]:
    """All of it bought: the names of the machines."""
    # Where some pools come before others, others may cost less.
    proves, why = not search.market.opened and len(search.market.ranked()) == 1, Reason(Code.NO_ROOM)
    keys = buy_all(search.ledger, search.market, [(one.pool, one.offer) for one in quote.machines], why)
    search.proven = (len(search.market.opened), quote.saved) if proves else None
    return list(zip(keys, quote.machines, strict=True))


def _mixed_for(sorts: Sorts, parts: list[tuple[Wish, int]], selling: Selling, left: dict[PoolName, int], times: int) -> Quote | None:
    """The same of one domain; `left` in the pools is less by what is bought."""
    if not selling:
        return None
    asked = Asked.of(sorts, parts, selling, times=times)
    found = _mixed(asked.question(left), ROUNDS if times == 1 else 1)
    if any(found.left):
        return None
    machines = []
    for one in found.patterns:
        pool, offer = selling[one.kind]
        left[pool.name] -= one.times
        machines += [Machine(pool, offer, asked.taken(one.replicas)) for _ in range(one.times)]
    return Quote(tuple(machines), found.price - found.bound)


def _mixed(question: "Question", rounds: int) -> "Mix":
    """What takes no time is often as good as the best; else so many rounds."""
    from autoscaler.placement.mixing import Search  # brings compiled code with it

    search = Search.of(question)
    found = search.go(lambda rounds: rounds < 1)
    close, most = (found.price - found.bound) * CLOSE <= found.price, min(rounds, WORK // _size(question))
    return found if close or any(found.left) or most <= 1 else search.go(lambda rounds: rounds < most)


def _size(question: "Question") -> int:
    """Of what each round has to look at: counters as well as sizes, of every class on every offer."""
    return len(question.counts) * len(question.price) * (1 + int(question.adds.shape[1]))
