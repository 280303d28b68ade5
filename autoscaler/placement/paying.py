"""Whether it pays to empty a machine: what it costs, held against what moving replicas is priced at."""

from collections.abc import Iterable

from autoscaler.model.quantities import Money
from autoscaler.model.reasons import Code, Reason
from autoscaler.placement.problem import Host, PoolOptions, Resident


def unpaid(pool: PoolOptions, host: Host, residents: Iterable[Resident]) -> Reason | None:
    """Why closing it would not pay. Empty machines always pay; those of unknown price are taken to."""
    found = weighed(pool, host, sum(one.count for one in residents))
    return found if found and found.code in (Code.DOES_NOT_PAY, Code.NOT_COMPARED) else None


def weighed(pool: PoolOptions, host: Host, moves: int) -> Reason | None:
    """What closing it saves and what so many moves are priced at, and which is more; None where nothing is moved or moves have no price."""
    rule = pool.consolidate
    if rule is None or not moves:
        return None
    if not host.price:
        return Reason(Code.PAYS_UNKNOWN, (moves,), "replicas")
    if rule.move and pool.currency and rule.move.currency != pool.currency:
        return Reason(Code.NOT_COMPARED, names=(pool.name, pool.currency, rule.move.currency))
    saved, price = rule.saves(host.price), rule.priced(moves)
    names = (str(Money(saved, pool.currency)), str(rule.horizon), str(Money(price, pool.currency)))
    return Reason(Code.PAYS if saved > price else Code.DOES_NOT_PAY, (moves,), "replicas", names)
