"""Which machines to open for room that a pool's rules keep free: each time the one that costs least for what it brings."""

from fractions import Fraction
from operator import le

from autoscaler.model.reasons import Code, Reason
from autoscaler.placement.answer import Lacking, Opening
from autoscaler.placement.asking import Shortage, barred, helped, lacking, shortage, unseen
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.opening import Market, buy, host_of
from autoscaler.placement.problem import Offer, PoolOptions

PROBE = "probe"


def open_to_spare(ledger: Ledger, market: Market, pool: PoolOptions) -> Lacking | None:
    """Open machines until nothing is lacking; what is lacking still and why, where no more can be had."""
    before, reasons = len(market.opened), unseen(ledger, pool)
    while why := lacking(ledger, pool):
        offer = _sparest(ledger, market, pool)
        if offer is None:
            reasons = (why, _why_no_more(ledger, market, pool), *reasons)
            break
        after = ledger.copy()
        after.add(host_of(PROBE, pool, offer))
        buy(ledger, market, pool, offer, helped(ledger, after, pool) or why, spare=True)
    for opening in market.opened[before:]:
        _give_up(ledger, market, pool, opening)
    return Lacking(pool=pool.name, reasons=reasons) if reasons else None


def _give_up(ledger: Ledger, market: Market, pool: PoolOptions, opening: Opening) -> None:
    """Not that machine, if those bought after it bring all that it brings."""
    without = ledger.copy()
    without.drop(opening.key)
    if all(map(le, shortage(without, pool), shortage(ledger, pool))):
        ledger.drop(opening.key)
        market.opened.remove(opening)


def _sparest(ledger: Ledger, market: Market, pool: PoolOptions) -> Offer | None:
    if not market.room_in(pool):
        return None
    before = shortage(ledger, pool)
    open_to = (offer for offer in pool.offers if not offer.sold_out and not market.bars(ledger, pool, offer))
    able = [(gain, offer) for offer in open_to if (gain := _gain(ledger, pool, offer, before))]
    return min(able, key=lambda one: (Fraction(one[1].price + 1, one[0]), one[1].price, one[1].name))[1] if able else None


def _gain(ledger: Ledger, pool: PoolOptions, offer: Offer, before: Shortage) -> int:
    """How much less would be lacking, in millionths of each part, all together."""
    ledger.add(host_of(PROBE, pool, offer))
    pairs = zip(before, shortage(ledger, pool), strict=True)
    ledger.drop(PROBE)
    return max(0, sum((lack - left) * 1_000_000 // lack for lack, left in pairs if lack))


def _why_no_more(ledger: Ledger, market: Market, pool: PoolOptions) -> Reason:
    if not market.room_in(pool):
        return Reason(Code.POOL_AT_MAXIMUM, (pool.max,), "nodes", (pool.name,))
    offers = [offer for offer in pool.offers if not offer.sold_out]
    if pool.offers and not offers:
        return Reason(Code.SOLD_OUT, names=tuple(sorted(offer.name for offer in pool.offers)))
    reasons = (barred(ledger, pool, offer) for offer in offers)
    return next((why for why in reasons if why), Reason(Code.NO_OFFERING_FITS, names=(pool.name,)))
