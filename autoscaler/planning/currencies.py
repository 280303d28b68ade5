"""Prices in different currencies are not compared: nobody tells a rate. What is paid in another than most pools are comes last."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from autoscaler.model.pools import PoolState
from autoscaler.model.reasons import Code, Reason
from autoscaler.placement import PoolOptions


def paid_in(state: PoolState) -> str:
    """The currency of what it offers, as far as that has a price; of several all."""
    priced = {one.price.currency for one in state.offerings if one.price.micro}
    return " and ".join(sorted(priced or {one.price.currency for one in state.offerings}))


def main_currency(states: Iterable[PoolState]) -> str:
    """That of most pools with a price, of equals the first by name; none where nothing has a price."""
    counts = Counter(paid_in(one) for one in states if _priced(one))
    return min(counts, key=lambda one: (-counts[one], one), default="")


def uncompared(state: PoolState, main: str) -> Reason | None:
    """Why its prices are not compared with others'."""
    paid = paid_in(state)
    return Reason(Code.PRICES_NOT_COMPARED, names=(state.pool, paid, main)) if _priced(state) and paid != main else None


def ranked(pools: Sequence[PoolOptions], states: Iterable[PoolState]) -> tuple[PoolOptions, ...]:
    """With priorities by which each currency has its turn among pools that had the same; as they are where all are paid alike."""
    paid = {one.pool: paid_in(one) for one in states if _priced(one)}
    counts = Counter(paid.values())
    turns = sorted(counts, key=lambda one: (-counts[one], one))
    if len(turns) < 2:  # noqa: PLR2004 - one is alone
        return tuple(pools)
    wanted = {one.name: (one.priority, -turns.index(paid[one.name]) if one.name in paid else 0) for one in pools}
    places = sorted(set(wanted.values()))
    return tuple(replace(one, priority=places.index(wanted[one.name])) for one in pools)


def _priced(state: PoolState) -> bool:
    return any(one.price.micro for one in state.offerings)
