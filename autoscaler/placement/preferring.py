"""Preferences when machines are bought together: each is taken as a rule, the heaviest first, as long as that costs no more than it may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autoscaler.model.constraints import NodeAffinity, Preference
from autoscaler.model.quantities import Money
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.answer import Forgone
from autoscaler.placement.buying import quoted
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


def preferred(ledger: Ledger, market: Market, wishes: Sequence[Wish], dearer: int) -> Preferred:
    """The cheapest machines, or at most `dearer` thousandths above that, with as many preferences kept as that allows."""
    best = quoted(ledger, market, wishes)
    asking = _asking(wishes)
    if best is None or not asking:
        return Preferred(best)
    bound = best.price - best.saved
    most, granted, forgone = best.price * (WHOLE + dearer) // WHOLE, dict[WorkloadRef, Load](), list[Forgone]()
    for preference, refs in list(asking.items())[:TRIES]:
        trial = granted | {ref: _bound(granted.get(ref, ledger.loads[ref]), preference) for ref in refs}
        found = _quoted_as(ledger, market, wishes, trial, best.count)
        if found is not None and found.price <= most:
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


def _quoted_as(ledger: Ledger, market: Market, wishes: Sequence[Wish], loads: Mapping[WorkloadRef, Load], at_least: int) -> Quote | None:
    """With these in place of theirs; told of the wishes as they are."""
    pretended = [Wish(load=loads.get(wish.load.workload, wish.load), count=wish.count) for wish in wishes]
    found = quoted(ledger.judging(loads), market, pretended, at_least=at_least)
    if found is None:
        return None
    real = {id(one): wish for one, wish in zip(pretended, wishes, strict=True)}
    machines = (Machine(one.pool, one.offer, tuple((real[id(wish)], count) for wish, count in one.holds)) for one in found.machines)
    return replace(found, machines=tuple(machines))


def _why(ref: WorkloadRef, found: Quote | None, best: Quote) -> Reason:
    if found is None:
        return Reason(Code.PREFERENCE_NOT_MET, names=(str(ref),))
    currency = found.machines[0].pool.currency
    return Reason(Code.PREFERENCE_TOO_DEAR, names=(str(ref), str(Money(found.price - best.price, currency))))
