"""Cheaper machines in the place of some: what has room elsewhere goes there, for the rest the cheapest are bought, and all of it moves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autoscaler.model.quantities import Money
from autoscaler.model.reasons import Code, Reason
from autoscaler.placement.answer import Swap
from autoscaler.placement.asking import USABLE, barred, held, lacking
from autoscaler.placement.bidding import lots
from autoscaler.placement.buying import Selling
from autoscaler.placement.closing import empty
from autoscaler.placement.consolidating import astray
from autoscaler.placement.opening import buy
from autoscaler.placement.paying import comparable, outbid
from autoscaler.placement.problem import HostState, Offer, PoolOptions
from autoscaler.placement.search import Search

Held = tuple[str, Reason]
"""A machine that cannot be emptied, and why."""

Bought = dict[str, tuple[PoolOptions, Offer]]
"""Machines by the names they will have, and what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swapped:
    """A search in which these machines have gone and what takes their place is bought; `gain`: what that saves beyond its moves' price."""

    keys: tuple[str, ...]
    after: Search
    gain: int
    bought: Bought


def swapped(search: Search, keys: Iterable[str], first: Selling | None = None) -> Swapped | Reason:
    """The cheapest that is found in their place, or `first` if that does, if it pays; else why not."""
    found = tuple(sorted(keys))
    hosts = [search.ledger.hosts[key] for key in found]
    pools = {pool.name: pool for pool in search.problem.pools}
    mine = [pools[host.pool] for host in hosts if host.pool in pools]
    if len(mine) < len(hosts):
        return Reason(Code.NODE_NOT_IN_POOL)
    if against := comparable(mine):
        return against
    price = Money(sum(host.price for host in hosts), mine[0].currency)
    why = Reason(Code.NOTHING_CHEAPER, names=(str(price),))
    rank = max(pool.priority for pool in mine)
    alike = first is not None and all(pool.priority >= rank and pool.currency == price.currency for pool, _ in first)
    known = [first] if first and alike else []
    for lot in (*known, *lots(search, found, price, rank)):
        if isinstance(after := moved(search, found, lot), Search):
            moves = sum(one.count for one in after.moves[len(search.moves) :])
            cost = sum(offer.price for _, offer in lot)
            gain, why = outbid(list(zip(mine, hosts, strict=True)), cost, len(lot), moves)
            return Swapped(keys=found, after=after, gain=gain, bought=_told(search, after, found, why, lot)) if gain > 0 else why
    return why


def _told(search: Search, after: Search, keys: tuple[str, ...], why: Reason, lot: Selling) -> Bought:
    """The machines that are bought, each with the reason."""
    known = len(search.market.opened)
    opened = after.market.opened[known:] = [one._replace(reasons=(why,)) for one in after.market.opened[known:]]
    after.swap = Swap(closes=keys, opens=tuple(one.key for one in opened), reason=why)
    return {one.key: made for one, made in zip(opened, lot, strict=True)}


def moved(search: Search, keys: Sequence[str], lot: Selling, *, hoping: bool = False) -> Search | Held:
    """All of them emptied, with these machines more to go to, each of which is used; or the first that cannot be, and why.

    `hoping`: whoever places puts it where it fits best.
    """
    after = search.fork()
    after.market = search.market.copy()
    if why := _bought(after, lot):
        return keys[0], why
    for key in keys:
        after.ledger.set_state(key, HostState.CLOSING)
    for key in keys:
        if why := _emptied(after, key, hoping=hoping):
            return key, why
    fresh = {one.key for one in after.market.opened[len(search.market.opened) :]}
    why = Reason(Code.NOTHING_CHEAPER) if fresh - {one.target for one in after.moves} else _short(search, after)
    return (keys[-1], why) if why else after


def _bought(after: Search, lot: Selling) -> Reason | None:
    """Buy these; or why one of them may not be bought."""
    if len(lot) > after.problem.bidding.bought:
        return Reason(Code.TOO_FAST, (len(lot), after.problem.bidding.bought), "nodes")
    for pool, offer in lot:
        if not after.market.room_in(pool):
            return Reason(Code.POOL_AT_MAXIMUM, (pool.max,), "nodes", (pool.name,))
        if why := barred(after.ledger, pool, offer):
            return why
        buy(after.ledger, after.market, pool, offer, Reason(Code.NO_ROOM))
    return None


def _emptied(after: Search, key: str, *, hoping: bool) -> Reason | None:
    """Close it; or why it cannot be."""
    spread = after.problem.spread
    host = after.ledger.hosts[key]
    pool = next((one for one in after.problem.pools if one.name == host.pool), None)
    if pool and (why := held(after.ledger, pool, host)):
        return why
    there = after.leaving(key, adverse=spread is not hoping)
    found = empty(after.ledger, key, there, after.booked, into=USABLE, spread=spread and not hoping)
    if isinstance(found, Reason):
        return found
    after.closed(key, found)
    return _below_minimum(after, pool) if pool else None


def _below_minimum(after: Search, pool: PoolOptions) -> Reason | None:
    left = pool.count + after.market.bought(pool.name) - after.closing_in(pool)
    return Reason(Code.POOL_AT_MINIMUM, (pool.min,), "nodes", (pool.name,)) if left < pool.min else None


def _short(search: Search, after: Search) -> Reason | None:
    """The room that a pool would lack: machines bought for it are waited for, so theirs counts."""
    moves = astray(after, after.moves[len(search.moves) :])
    return next((why for pool in after.problem.pools if pool.asks and (why := lacking(after.ledger, pool, moves))), None)
