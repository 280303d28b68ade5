"""What might take the place of some machines: one that holds all that has no room elsewhere, or several."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from autoscaler.model.quantities import Money
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.resources import NOTHING
from autoscaler.placement.arrays import Ints
from autoscaler.placement.asking import USABLE
from autoscaler.placement.buying import Selling, sale_in
from autoscaler.placement.closing import surge_for
from autoscaler.placement.fitting import fit
from autoscaler.placement.lacking import would_hold
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.opening import Wish, open_for
from autoscaler.placement.problem import HostState
from autoscaler.placement.search import Search

ALONE = 3
"""Offers that might hold all of it alone, the cheapest first, that are tried."""

TOGETHER = 8
"""Offers of which several are bought where one does not do: those that would cost least if parts of machines were sold."""


def lots(search: Search, keys: Sequence[str], below: Money, rank: int) -> list[Selling]:
    """Machines for what stands on these and has no room elsewhere, the cheapest first; each lot for less than `below`, in its currency.

    None of a pool whose priority is below `rank`.
    """
    probe, wishes = _homeless(search, keys)
    if not wishes:
        return [[]]
    spot = any(search.ledger.hosts[key].spot for key in keys)
    offered = [one for one in for_less(search, spot=not spot) if one[0].currency == below.currency]
    selling = [one for one in offered if one[1].price < below.micro and one[0].priority >= rank]
    found = [*_alone(search, probe, wishes, selling), _one_by_one(search, probe.copy(), wishes, selling)]
    return sorted((lot for lot in found if lot and _price(lot) < below.micro), key=_price)


def for_less(search: Search, *, spot: bool) -> Selling:
    """What may be bought at a known price, the cheapest first, one of those that are alike; `spot`: that too."""
    pools = {pool.name: pool for pool in search.market.pools}
    known = (replace(pool, offers=tuple(one for one in pool.offers if one.price and (spot or not one.spot))) for pool in pools.values())
    able, _ = sale_in(replace(search.market, pools=tuple(known)))
    return sorted(
        ((pools[pool.name], offer) for pool, offer in able), key=lambda one: (one[1].price, not one[1].standby, one[0].name, one[1].name)
    )


def _price(lot: Selling) -> int:
    return sum(offer.price for _, offer in lot)


def _homeless(search: Search, keys: Sequence[str]) -> tuple[Ledger, list[Wish]]:
    """The ledger without these machines and with all that finds room on others; and what does not, in the order of looking for it."""
    probe, needed = search.ledger.copy(), Counter[WorkloadRef]()
    spread = search.problem.spread
    for key in keys:
        probe.set_state(key, HostState.LEAVING)
        for one in search.standing(key):
            load = probe.loads[one.workload]
            needed[one.workload] += max(one.count, surge_for(load, one.serving))
    probe.leave_out_leaving()
    wishes = []
    for load in search.in_order([probe.loads[ref] for ref in needed], adverse=spread):
        count = needed[load.workload] - min(needed[load.workload], search.booked[load.workload])
        left = count - fit(probe, load, count, USABLE, spread=spread).total()
        wishes += [Wish(load=load, count=left)] if left else []
    return probe, wishes


def _alone(search: Search, probe: Ledger, wishes: list[Wish], selling: Selling) -> list[Selling]:
    """One machine that has room for all of it."""
    total = NOTHING
    for wish in wishes:
        total += wish.load.shape.requests.times(wish.count)
    able = (one for one in selling if total.fits(one[1].capacity) and all(would_hold(wish.load, one[1]) for wish in wishes))
    return [[one] for one in islice((one for one in able if not search.market.copy().bars(probe, *one)), ALONE)]


def _one_by_one(search: Search, probe: Ledger, wishes: list[Wish], selling: Selling) -> Selling:
    """Bought as for what is to come, one workload after the other; nothing where not all of it can be had."""
    few = _few(probe, wishes, selling)
    pools = tuple(replace(pool, offers=tuple(offer for one, offer in few if one.name == pool.name)) for pool in search.market.pools)
    market, spread = replace(search.market.copy(), pools=pools), search.problem.spread
    for wish in wishes:
        went = fit(probe, wish.load, wish.count, (HostState.JOINING,), spread=spread).total()
        left = Wish(load=wish.load, count=wish.count - went)
        open_for(probe, market, left, spread=spread)
        if left.count:
            return []
    named = {(pool.name, offer.name): (pool, offer) for pool, offer in selling}
    return [named[one.pool, one.offering] for one in market.opened[len(search.market.opened) :]]


def _few(probe: Ledger, wishes: list[Wish], selling: Selling) -> Selling:
    """Those that would cost least if parts of machines were sold, and for each workload the cheapest that holds it."""
    asks = probe.vectors.of(NOTHING)
    for wish in wishes:
        asks = asks + probe.vectors.of(wish.load.shape.requests) * wish.count
    holding = [one for one in selling if any(would_hold(wish.load, one[1]) for wish in wishes)]
    best = sorted(holding, key=lambda one: _in_parts(probe.vectors.of(one[1].capacity), asks) * one[1].price)[:TOGETHER]
    each = (next((one for one in holding if would_hold(wish.load, one[1])), None) for wish in wishes)
    return best + [one for one in each if one and one not in best]


def _in_parts(capacity: Ints, asks: Ints) -> int:
    """How many such machines all of it takes, in thousandths."""
    return int((asks * 1000 // np.maximum(1, capacity)).max())
