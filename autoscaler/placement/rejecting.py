"""Why offers were left, if anything was to be bought at all."""

from collections.abc import Sequence

from autoscaler.model.reasons import Code, Reason
from autoscaler.placement.answer import Rejected
from autoscaler.placement.coming import against
from autoscaler.placement.kinds import kind_of
from autoscaler.placement.lacking import lack, would_hold
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.opening import Market
from autoscaler.placement.problem import Load, Offer, PoolOptions

FEW = 10
"""Kinds of replicas up to which it is asked whether others would have them on a machine of each offer."""

Kinds = tuple[Sequence[Load], Sequence[Load]]
"""Who has no place; and who is to stand on what was opened."""


def rejections(ledger: Ledger, market: Market, wanting: list[Load], housed: list[Load]) -> tuple[Rejected, ...]:
    """Why. `wanting` have no place; `housed` are to stand on what was opened."""
    if not (market.opened or wanting):
        return ()
    taken = {(one.pool, one.offering) for one in market.opened}
    left = [(pool, offer) for pool in market.pools for offer in pool.offers if (pool.name, offer.name) not in taken]
    full = {pool.name for pool in market.pools if not market.room_in(pool)}
    # Many workloads ask alike, and who only asks alike fits alike.
    kinds = _kinds(ledger, wanting), _kinds(ledger, housed)
    bought = {pool for pool, _ in taken}
    top = max((pool for pool in market.pools if pool.name in bought), key=lambda pool: pool.priority, default=None)
    found = ((pool, offer, _why_not(ledger, market, (pool, offer), kinds, full=pool.name in full, top=top)) for pool, offer in left)
    return tuple(Rejected(pool=pool.name, offering=offer.name, reasons=(why,)) for pool, offer, why in found if why)


def _kinds(ledger: Ledger, loads: list[Load]) -> list[Load]:
    """One of each that a machine would hold alike, and others would let stand there alike."""
    found: dict[object, Load] = {}
    for one in loads:
        shape = one.shape
        alike = shape.requests, kind_of(shape), shape.device, shape.max_per_node == 0, ledger.relations.of_one(one.workload)
        found.setdefault(alike, one)
    return list(found.values())


def _why_not(
    ledger: Ledger, market: Market, sold: tuple[PoolOptions, Offer], kinds: Kinds, *, full: bool, top: PoolOptions | None
) -> Reason | None:
    """What forbade it; else what was opened in its place comes first, or cost no more for what it holds. `top`: where it was, at best."""
    pool, offer = sold
    if offer.sold_out:
        return Reason(Code.SOLD_OUT, names=(offer.name,))
    if full:
        return Reason(Code.POOL_AT_MAXIMUM, (pool.max,), "nodes", (pool.name,))
    useless = (loads for loads in kinds if loads and not any(would_hold(load, offer) for load in loads))
    if loads := next(useless, None):
        return lack(loads[0], offer)
    if why := market.passed.get((pool.name, offer.name)):
        return why
    if why := _unwanted(ledger, kinds[1], offer):
        return why
    return _no_better(market, pool, offer, top) if top else None


def _no_better(market: Market, pool: PoolOptions, offer: Offer, top: PoolOptions) -> Reason:
    """What was opened in its place comes first, or costs no more for what it holds."""
    if top.priority > pool.priority and top.currency != pool.currency and offer.price:
        return Reason(Code.PRICES_NOT_COMPARED, names=(pool.name, pool.currency, top.currency))
    if top.priority > pool.priority:
        return Reason(Code.LOWER_PRIORITY, names=(pool.name, top.name))
    return Reason(Code.DEARER, names=(offer.name, market.opened[0].offering))


def _unwanted(ledger: Ledger, housed: Sequence[Load], offer: Offer) -> Reason | None:
    """The rule between workloads that keeps one of them from there, where such rules keep all whom it would hold."""
    reasons = [against(ledger, load, offer) for load in housed if would_hold(load, offer)] if len(housed) <= FEW else []
    return reasons[0] if reasons and all(reasons) else None
