"""Preferences when machines are bought together: each is taken as a rule, the heaviest first, as long as that costs no more than it may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from autoscaler.model.constraints import NodeAffinity, Preference
from autoscaler.model.quantities import Money
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.answer import Forgone
from autoscaler.placement.buying import Sale, at_least_costing, quoted, sale_in
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.opening import Market, Wish
from autoscaler.placement.problem import Load
from autoscaler.placement.quote import Machine, Quote

TRIES = 8
"""Different preferences that are tried; those beyond are met only where it happens."""

WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Preferred:
    """What is bought, and preferences that were left."""

    quote: Quote | None
    forgone: tuple[Forgone, ...] = ()


class _Case(NamedTuple):
    """What is to be bought from what is sold; `at_least` of it must find a place."""

    ledger: Ledger
    sale: Sale
    wishes: Sequence[Wish]
    at_least: int


def preferred(ledger: Ledger, market: Market, wishes: Sequence[Wish], dearer: int) -> Preferred:
    """The cheapest machines, or at most `dearer` thousandths above that, with as many preferences kept as that allows."""
    sale, asking = sale_in(market), _asking(wishes)
    best = quoted(ledger, sale, wishes)
    if best is None or not asking:
        return Preferred(best)
    bound, case = best.price - best.saved, _Case(ledger, sale, wishes, best.count)
    most, granted, forgone = best.price * (WHOLE + dearer) // WHOLE, dict[WorkloadRef, Load](), list[Forgone]()
    for preference, refs in list(asking.items())[:TRIES]:
        trial = granted | {ref: _bound(granted.get(ref, ledger.loads[ref]), preference) for ref in refs}
        found = _priced_as(case, trial, most)
        if isinstance(found, Quote) and found.price <= most:
            best, granted = found, trial
        else:
            forgone += [Forgone(workload=ref, reasons=(_why(ref, found, best),)) for ref in refs]
    return Preferred(replace(best, saved=best.price - bound), tuple(forgone))


def _asking(wishes: Sequence[Wish]) -> dict[Preference, tuple[WorkloadRef, ...]]:
    """Who has each preference, the heaviest first."""
    found: dict[Preference, dict[WorkloadRef, None]] = {}
    for wish in wishes:
        for one in wish.load.shape.preferences:
            found.setdefault(one, {})[wish.load.workload] = None
    return {one: tuple(refs) for one, refs in sorted(found.items(), key=lambda entry: -entry[0].weight)}


def _bound(load: Load, preference: Preference) -> Load:
    """As if it had to be."""
    shape, wish = load.shape, preference.wish
    if isinstance(wish, NodeAffinity):
        return replace(load, shape=replace(shape, node_rules=(*shape.node_rules, *wish.rules)))
    return replace(load, shape=replace(shape, constraints=(*shape.constraints, wish)))


def _priced_as(case: _Case, loads: Mapping[WorkloadRef, Load], most: int) -> Quote | int | None:
    """With these in place of theirs, told of the wishes as they are; only what it costs at least, where that alone is above `most`."""
    pretended = [Wish(load=loads.get(wish.load.workload, wish.load), count=wish.count) for wish in case.wishes]
    judging = case.ledger.judging(loads)
    if (least := at_least_costing(judging, case.sale, pretended)) > most:
        return least
    found = quoted(judging, case.sale, pretended, at_least=case.at_least)
    if found is None:
        return None
    real = {id(one): wish for one, wish in zip(pretended, case.wishes, strict=True)}
    machines = (Machine(one.pool, one.offer, tuple((real[id(wish)], count) for wish, count in one.holds)) for one in found.machines)
    return replace(found, machines=tuple(machines))


def _why(ref: WorkloadRef, found: Quote | int | None, best: Quote) -> Reason:
    if found is None:
        return Reason(Code.PREFERENCE_NOT_MET, names=(str(ref),))
    price = found if isinstance(found, int) else found.price
    return Reason(Code.PREFERENCE_TOO_DEAR, names=(str(ref), str(Money(price - best.price, best.machines[0].pool.currency))))
