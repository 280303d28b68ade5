"""Whether it pays to empty a machine: what it costs, held against what moving replicas is priced at."""

from collections.abc import Iterable

from autoscaler.model.quantities import Money
from autoscaler.model.reasons import Code, Reason
from autoscaler.placement.problem import Host, PoolOptions, Resident


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
