"""First-fit-decreasing over what is there, then the cheapest of what can be had; then every machine that can be spared, or outbid."""

from collections import Counter
from collections.abc import Callable

from autoscaler.model.reasons import Code
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.answer import Placement
from autoscaler.placement.bounding import least_for, priced
from autoscaler.placement.consolidating import consolidate, keep_closing
from autoscaler.placement.forcing import empty_those_that_must
from autoscaler.placement.housing import house_all, keep_room
from autoscaler.placement.opening import open_to_minimum
from autoscaler.placement.problem import Bidding, KeepGoing, Load, Problem, always
from autoscaler.placement.rejecting import rejections
from autoscaler.placement.replacing import keep_replacing, replace_dear
from autoscaler.placement.search import Search
from autoscaler.placement.sparing import open_to_spare


def place(problem: Problem, keep_going: KeepGoing = always, *, at_rest: Callable[[], Bidding] | None = None) -> Placement:
    """Find places for all demands, then machines to spare.

    `keep_going` is asked with the number of candidates tried, and ends the search; what was found by then is whole. `at_rest`: where all
    is at rest it tells which machines may be replaced, instead of the problem; not asked where that is not so.
    """
    search = Search.of(problem)
    house_all(search)
    _let_go(search)
    empty_those_that_must(search)
    keep_room(search)
    keep_replacing(search)
    keep_closing(search)
    _reach_minimum(search)
    _keep_free(search)
    consolidate(search, keep_going)
    replace_dear(search, keep_going, at_rest)
    return _answer(search)


def _reach_minimum(search: Search) -> None:
    for pool in search.problem.pools:
        have = pool.count + search.market.bought(pool.name) - search.closing_in(pool)
        open_to_minimum(search.ledger, search.market, pool, pool.min - have)


def _keep_free(search: Search) -> None:
    """Whatever is still lacking of the room that pools keep free is bought; what cannot be had is told."""
    found = (open_to_spare(search.ledger, search.market, pool) for pool in search.problem.pools if pool.asks)
    search.lacking += [one for one in found if one]


def _let_go(search: Search) -> None:
    """Room of what is about to end may take what moves: moves come after."""
    for one in search.problem.residents:
        if one.going:
            search.ledger.put(one.workload, one.host, -one.going)


def _answer(search: Search) -> Placement:
    unplaced = tuple(search.unplaced)
    wanting = [search.ledger.loads[one.workload] for one in unplaced]
    closes = frozenset(search.closes)
    price = sum(host.price for host in search.ledger.hosts.values() if host.key not in closes)
    return Placement(
        assignments=tuple(search.assignments),
        opens=tuple(search.market.opened),
        unfence=tuple(search.unfence),
        closes=tuple(search.closes),
        moves=tuple(search.moves),
        tight=tuple(search.tight),
        unplaced=unplaced,
        kept=tuple(search.kept),
        left=tuple(search.left),
        rejected=rejections(search.ledger, search.market, wanting, _housed(search)),
        lacking=tuple(search.lacking),
        forgone=search.forgone,
        joins=tuple(search.joins.items()),
        swap=search.swap,
        price=price,
        bound=_bound(search, price),
        rounds=search.rounds,
    )


def _bound(search: Search, price: int) -> int | None:
    """What no other machines would make it less than; told only if nothing was bought but for what is to come, and all of it."""
    opened = search.market.opened
    if search.proven and search.proven[0] == len(opened):
        return price - search.proven[1]
    others = any(one.spare or one.reasons[0].code is Code.POOL_AT_MINIMUM for one in opened)
    if not opened or others or search.swap or search.unplaced or not priced(search.problem):
        return None
    offers = {(pool.name, offer.name): offer for pool in search.problem.pools for offer in pool.offers}
    paid = sum(offers[one.pool, one.offering].price for one in opened)
    return price - max(0, paid - least_for(_bought_for(search), (one for one in offers.values() if not one.sold_out)))


def _bought_for(search: Search) -> list[tuple[Load, int]]:
    """What has a place on a new machine and had to have one: not what could as well have stayed where it was."""
    opened, hosts = {one.key for one in search.market.opened}, search.ledger.hosts
    found = Counter[WorkloadRef]()
    for one in search.assignments:
        found[one.workload] += one.count * (one.host in opened)
    for move in search.moves:
        found[move.workload] += move.count * (move.target in opened and hosts[move.source].must_close)
    return [(search.ledger.loads[workload], count) for workload, count in found.items() if count]


def _housed(search: Search) -> list[Load]:
    """What is to stand on machines that are opened for it."""
    opened = {one.key for one in search.market.opened}
    found = [one.workload for one in search.assignments if one.host in opened]
    found += [one.workload for one in search.moves if one.target in opened]
    return [search.ledger.loads[workload] for workload in dict.fromkeys(found)]
