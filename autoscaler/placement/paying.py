"""Whether it pays to empty a machine, or to have cheaper ones in its place: what that saves, held against the price of moving replicas."""

from collections.abc import Iterable

from autoscaler.model.policies import Consolidation
from autoscaler.model.quantities import Money, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.placement.problem import Host, PoolOptions, Resident

FREE = Consolidation(move=Money(0), hysteresis=Share(0))
"""Of a pool whose moves have no price: whatever is saved is worth them."""


def unpaid(pool: PoolOptions, host: Host, residents: Iterable[Resident]) -> Reason | None:
    """Why closing it would not pay. Empty machines always pay; those of unknown price are taken to."""
    moves = sum(one.count for one in residents)
    return weighed(pool, host, moves) if _verdict(pool, host, moves) in (Code.DOES_NOT_PAY, Code.NOT_COMPARED) else None


def weighed(pool: PoolOptions, host: Host, moves: int) -> Reason | None:
    """What closing it saves and what so many moves are priced at, and which is more; None where nothing is moved or moves have no price."""
    rule, code = pool.consolidate, _verdict(pool, host, moves)
    if rule is None or code is None:
        return None
    if code is Code.PAYS_UNKNOWN:
        return Reason(code, (moves,), "replicas")
    if code is Code.NOT_COMPARED and rule.move:
        return Reason(code, names=(pool.name, pool.currency, rule.move.currency))
    saved, price = rule.saves(host.price), rule.priced(moves)
    return Reason(code, (moves,), "replicas", (str(Money(saved, pool.currency)), str(rule.horizon), str(Money(price, pool.currency))))


def _verdict(pool: PoolOptions, host: Host, moves: int) -> Code | None:
    """The same without the figures: most machines are only asked about."""
    rule = pool.consolidate
    if rule is None or not moves:
        return None
    if not host.price:
        return Code.PAYS_UNKNOWN
    if rule.move and pool.currency and rule.move.currency != pool.currency:
        return Code.NOT_COMPARED
    return Code.PAYS if rule.saves(host.price) > rule.priced(moves) else Code.DOES_NOT_PAY


def outbid(closing: Iterable[tuple[PoolOptions, Host]], bought: int, opened: int, moves: int) -> tuple[int, Reason]:
    """By how much more than its moves are priced at it saves to have `opened` machines of the price `bought` instead; and the figures.

    Of several pools the strictest counts: the shortest horizon, and the highest price of so many moves.
    """
    pairs = list(closing)
    rules = [pool.consolidate or FREE for pool, _ in pairs]
    currency, hourly = pairs[0][0].currency, sum(host.price for _, host in pairs) - bought
    horizon, price = min(rule.horizon for rule in rules), max(rule.priced(moves) for rule in rules)
    saved = min(rule.saves(hourly) for rule in rules)
    told = (str(Money(hourly, currency)), str(Money(saved, currency)), str(horizon), str(Money(price, currency)))
    code = Code.OUTBID if saved > price else Code.NOT_WORTH_REPLACING
    return saved - price, Reason(code, (len(pairs), opened, moves), names=told)


def hourly(pool: PoolOptions, moves: int) -> int:
    """What so many moves are priced at, for each hour of the horizon; rounded up."""
    rule = pool.consolidate
    return -(-rule.priced(moves) * rule.HOUR // rule.horizon.ms) if rule else 0


def comparable(pools: Iterable[PoolOptions]) -> Reason | None:
    """Why what is saved in these pools cannot be held against what moves are priced at."""
    found = list(pools)
    paid = sorted({pool.currency for pool in found})
    asked = {rule.move.currency for pool in found if (rule := pool.consolidate) and rule.move}
    other = sorted(currency for currency in asked if currency not in paid)
    if len(paid) == 1 and not (paid[0] and other):
        return None
    return Reason(Code.NOT_COMPARED, names=(found[0].name, " and ".join(paid), (*other, *paid)[0]))
