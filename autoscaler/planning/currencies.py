"""Prices in different currencies are not compared: nobody tells a rate. Among pools of one priority each currency has its turn."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from autoscaler.model.pools import PoolState
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PoolName
from autoscaler.placement import PoolOptions


def paid_in(state: PoolState) -> str:
    """The currency of what it offers, as far as that has a price; of several all."""
    priced = {one.price.currency for one in state.offerings if one.price.micro}
    return " and ".join(sorted(priced or {one.price.currency for one in state.offerings}))


def main_currency(states: Iterable[PoolState]) -> str:
    """That of most pools with a price, of equals the first by name; none where nothing has a price."""
    return next(iter(_turns(_paid(states))), "")


def uncompared(states: Iterable[PoolState]) -> dict[PoolName, Reason]:
    """Why prices are not compared with others', of each pool that is paid in another currency than most."""
    paid = _paid(states)
    main, *others = _turns(paid) or [""]
    why = {pool: Reason(Code.PRICES_NOT_COMPARED, names=(pool, currency, main)) for pool, currency in paid.items() if currency != main}
    return why if others else {}


def ranked(pools: Sequence[PoolOptions], states: Iterable[PoolState]) -> tuple[PoolOptions, ...]:
    """With priorities by which each currency has its turn among pools that had the same; as they are where all are paid alike."""
    paid = _paid(states)
    _, *others = turns = _turns(paid) or [""]
    if not others:
        return tuple(pools)
    wanted = {one.name: (one.priority, -turns.index(paid.get(one.name, turns[0]))) for one in pools}
    places = sorted(set(wanted.values()))
    return tuple(replace(one, priority=places.index(wanted[one.name])) for one in pools)


def _paid(states: Iterable[PoolState]) -> dict[PoolName, str]:
    """Of each pool with a price."""
    return {one.pool: paid_in(one) for one in states if any(offering.price.micro for offering in one.offerings)}


def _turns(paid: Mapping[PoolName, str]) -> list[str]:
    """Currencies in the order in which they are bought in."""
    counts = Counter(paid.values())
    return sorted(counts, key=lambda one: (-counts[one], one))
