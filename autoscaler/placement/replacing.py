"""Machines that cheaper ones take the place of, once none can be spared any more: found by what there is to gain, single ones and sets.

What is found is held to what the next answer would find on the outcome: what that would close as well is closed with the rest, so that an
answer made on the outcome of an answer is empty. Nothing is looked for while anything comes, goes or waits.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from autoscaler.model.reasons import Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.answer import Kept
from autoscaler.placement.buying import Selling
from autoscaler.placement.closing import immovable
from autoscaler.placement.consolidating import consolidate
from autoscaler.placement.housing import unfence
from autoscaler.placement.outbidding import Field
from autoscaler.placement.problem import Bidding, HostState, KeepGoing, Problem, Resident
from autoscaler.placement.search import Search
from autoscaler.placement.swapping import Bought, Held, Swapped, moved, swapped

WORK, FEWEST = 40_000, 32
"""Sets that are tried, times machines there are; but never fewer than so many sets."""

SETS = 8
"""Sets made up for one offer each that are tried, the most promising first; and machines that are tried beside the best set."""


def keep_replacing(search: Search) -> None:
    """What was begun goes on: with room where there is some by now, on machines on their way, or on those bought again, if that pays."""
    going = [host.key for host in search.by_cost(HostState.CLOSING) if host.outbid and not host.must_close]
    for key in going:
        if reasons := immovable(search.ledger, search.standing(key)):
            search.kept.append(Kept(host=key, reasons=reasons[:1]))
            unfence(search, key)
    going = sorted(key for key in going if search.ledger.hosts[key].state is HostState.CLOSING)
    while going:
        search.rounds += 1
        found = _gone_on(search, going)
        if isinstance(found, Search):
            search.take(found)
            search.swap = None
            return
        key, why = found
        going.remove(key)
        search.kept.append(Kept(host=key, reasons=(why,)))
        unfence(search, key)


def _gone_on(search: Search, going: list[str]) -> Search | Held:
    """What is not seen yet is bought again before it is hoped that what there is will do; else nothing is bought before."""
    found, coming = moved(search, going, []), _coming(search)
    if isinstance(found, Search):
        return found
    if coming and isinstance(again := swapped(search, going, coming), Swapped):
        return again.after
    hoped = moved(search, going, [], hoping=True)
    if not (isinstance(hoped, Search) or coming) and isinstance(again := swapped(search, going), Swapped):
        return again.after
    return hoped


def _coming(search: Search) -> Selling:
    """What is being bought for them, as far as it can be had."""
    able = {(pool.name, offer.name): (pool, offer) for pool, offer in search.market.offers()}
    return [able[one] for one in search.problem.bidding.coming if one in able]


def replace_dear(search: Search, keep_going: KeepGoing, at_rest: Callable[[], Bidding] | None = None) -> None:
    """The set with most to gain, and what goes with it."""
    if not _quiet(search):
        return
    if at_rest:
        search.problem = replace(search.problem, bidding=at_rest())
    if not search.problem.bidding.most:
        return
    best, reasons = _best(search, search.problem.bidding.most, keep_going)
    best = _settled(search, best, keep_going)
    if best:
        search.take(best.after)
    out = set(search.closes)
    search.kept = [replace(one, reasons=(*one.reasons, *reasons.get(one.host, ()))) for one in search.kept if one.host not in out]


def _quiet(search: Search) -> bool:
    """Whether all that is there is all there will be."""
    problem = search.problem
    found = search.closes or search.market.opened or search.unplaced or search.lacking
    coming = problem.demands or problem.later or any(one.going for one in problem.residents) or any(one.lent for one in problem.loads)
    return not (found or coming) and all(host.state in (HostState.OPEN, HostState.SHUT) for host in problem.hosts)


def _best(search: Search, most: int, keep_going: KeepGoing) -> tuple[Swapped | None, dict[str, tuple[Reason, ...]]]:
    """The set with most to gain, and of each machine that was tried alone why it is not worth it."""
    best, reasons, field = None, dict[str, tuple[Reason, ...]](), Field.of(search)
    tries = max(FEWEST, WORK // max(1, len(search.ledger.hosts)))

    def tried(keys: Iterable[str]) -> Swapped | Reason | None:
        if not keep_going(search.rounds):
            return None
        search.rounds += 1
        return swapped(search, keys)

    for key in field.keys[: tries - 2 * SETS]:
        found = tried((key,))
        reasons |= {key: (found,)} if isinstance(found, Reason) else {}
        best = _better(best, found)
    for keys in field.sets(most)[:SETS] if most > 1 else ():
        best = _better(best, tried(keys))
    for key in field.keys[:SETS]:
        if best and key not in best.keys and len(best.keys) < most:
            best = _better(best, tried((*best.keys, key)))
    return best, reasons


def _better(best: Swapped | None, found: Swapped | Reason | None) -> Swapped | None:
    return found if isinstance(found, Swapped) and (best is None or found.gain > best.gain) else best


def _settled(search: Search, best: Swapped | None, keep_going: KeepGoing) -> Swapped | None:
    """The same with all that answers made on its outcome would close too, as far as that can be done together.

    None where they would close what this one buys, or moves somebody to: it would not last.
    """
    while best:
        more, bought = _more(search, best, keep_going)
        if not more or not keep_going(search.rounds):
            return best
        keys, lot = more.difference(best.bought).union(best.keys), [bought[key] for key in bought if key not in more]
        composed = _better(_better(best, swapped(search, keys, lot)), swapped(search, keys))
        if composed is best:
            return None if more.intersection(one.target for one in best.after.moves) else best
        best = composed
    return best


def _more(search: Search, best: Swapped, keep_going: KeepGoing) -> tuple[frozenset[str], Bought]:
    """What the next answer would close once this one is done, as far as that may be in one answer; and all that is bought by then."""
    left = search.problem.bidding.most - len(best.keys)
    outcome = Search.of(_outcome(search, best.after, left))
    outcome.market.serial, outcome.rounds = best.after.market.serial, search.rounds
    consolidate(outcome, keep_going)
    spared = frozenset(outcome.closes).intersection(best.bought)
    others = [key for key in outcome.closes if key not in spared and key in search.problem.bidding.hosts]
    found = _best(outcome, left, keep_going)[0] if left and not outcome.closes else None
    search.rounds = outcome.rounds
    return spared.union(others[:left], found.keys if found else ()), best.bought | (found.bought if found else {})


def _outcome(search: Search, after: Search, left: int) -> Problem:
    """What will be asked once all of it is done."""
    problem, gone, opened = search.problem, frozenset(after.closes), frozenset(one.key for one in after.market.opened)
    hosts = (host._replace(state=HostState.OPEN) if key in opened else host for key, host in after.ledger.hosts.items() if key not in gone)
    pools = (replace(pool, count=pool.count + after.market.bought(pool.name) - after.closing_in(pool)) for pool in problem.pools)
    bidding = replace(problem.bidding, hosts=(problem.bidding.hosts - gone) | opened, most=left)
    return replace(problem, hosts=tuple(hosts), pools=tuple(pools), residents=_residents(problem, after), bidding=bidding)


def _residents(problem: Problem, after: Search) -> tuple[Resident, ...]:
    """Who stands where then: whoever moved serves."""
    gone, came = frozenset(after.closes), Counter[tuple[str, WorkloadRef]]()
    for one in after.moves:
        came[one.target, one.workload] += one.count
    stay = [one for one in problem.residents if one.host not in gone]
    found = [replace(one, count=one.count + many, serving=one.serving + many) for one in stay for many in (came[one.host, one.workload],)]
    there = {(one.host, one.workload) for one in stay}
    fresh = ((key, many) for key, many in sorted(came.items()) if key not in there and many)
    return (*found, *(Resident(workload=ref, host=host, count=many, serving=many) for (host, ref), many in fresh))
