"""Whether rules between workloads are kept to as all stand, and which of them leaves no place."""

from collections.abc import Iterable

import numpy as np

from autoscaler.model.devices import DeviceAsk
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.arrays import Ints
from autoscaler.placement.asking import USABLE
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import Load
from autoscaler.placement.rules import Rule, SpreadRule, TogetherRule

Broken = dict[WorkloadRef, tuple[int, ...]]
"""Of each workload with rules, how far each of them is from being kept to."""


def broken(ledger: Ledger, moving: Iterable[WorkloadRef]) -> Broken:
    """Of all whose rules count any of these."""
    return {ref: _broken(ledger, ledger.loads[ref]) for ref in ledger.relations.concerned(moving)}


def kept_best(one: Broken, other: Broken) -> Broken:
    """Of each rule, how far it was from being kept to when it was kept to best."""
    return {ref: tuple(map(min, found, other[ref])) for ref, found in one.items()}


def breaks(before: Broken, after: Broken) -> Reason | None:
    """The first workload whose rules are kept to less than before."""
    worse = (ref for ref, now in after.items() if any(more > less for more, less in zip(now, before[ref], strict=True)))
    return next((Reason(Code.BREAKS_RULE, names=(str(ref),)) for ref in worse), None)


def hindrance(ledger: Ledger, load: Load, *, roomy: bool = True) -> Reason | None:
    """The rule that keeps it from most of the machines it might stand on, `roomy` ones or all; or that they hold as many as they may.

    None where there is none such.
    """
    rows = ledger.matching_rows(load, USABLE, roomy=roomy)
    found = [(_kept_from(ledger, load, rule, rows), rule) for rule in ledger.relations.of_one(load.workload).all()]
    most, rule = max(found, key=lambda one: one[0], default=(0, None))
    if rule is None or not most:
        return _full(ledger, load, rows) if roomy else None
    return named(load, rule, (most, len(rows)))


def _full(ledger: Ledger, load: Load, rows: Ints) -> Reason | None:
    """That some of these hold as many of it as they may, or its host ports are taken there; None where neither is so."""
    taken = int((ledger.seats_at(load, rows) == 0).sum())
    return Reason(Code.SEATS_TAKEN, (taken, len(rows)), "nodes", (str(load.workload),)) if taken else None


def no_device(ledger: Ledger, load: Load) -> Reason | None:
    """That none of the machines it might stand on has the devices free that it asks for; None where one has, or it asks for none."""
    ask, devices = load.shape.device, ledger.devices
    if ask is None or devices is None:
        return None
    rows = ledger.matching_rows(load, USABLE, roomy=False)
    if devices.times(load.workload, rows).any():
        return None
    return no_devices(ask, load.workload, len(rows))


def no_devices(ask: DeviceAsk, workload: WorkloadRef, nodes: int) -> Reason:
    """That none of so many machines has them free."""
    code, asked = (Code.NO_FREE_DEVICES, ask.whole) if ask.whole else (Code.NO_FREE_SHARE, ask.share)
    return Reason(code, (asked, nodes), names=(ask.kind, str(workload)))


def rule_against(ledger: Ledger, load: Load, key: str, sure: Ledger | None = None) -> Reason | None:
    """The rule by which one more may not come to that machine, as all stand. `sure`: without those who may be there by then, or not."""
    row = ledger.row(key)
    against = (rule for rule in ledger.relations.of_one(load.workload).all() if not _lets(rule, load, ledger, sure or ledger, row))
    return next((named(load, rule, (1, 1)) for rule in against), None)


def _lets(rule: Rule, load: Load, ledger: Ledger, sure: Ledger, row: Ints) -> bool:
    """With all of them, with none, and with those in its own domain alone: of a spread that asks most."""
    at = ledger.domain_of(rule.topology).rows[row]
    every, few = ledger.seen(load, rule), sure.seen(load, rule)
    here = few.sums.copy()
    here[at] = every.sums[at]
    return all((rule.left(seen, at) > 0).all() for seen in (every, few, few._replace(sums=here)))


def named(load: Load, rule: Rule, nodes: tuple[int, int]) -> Reason:
    """That rule, which keeps it from so many machines of so many."""
    return Reason(code_of(rule), nodes, "nodes", (str(load.workload), rule.topology))


def code_of(rule: Rule) -> Code:
    """That it keeps one away."""
    if isinstance(rule, SpreadRule):
        return Code.SPREAD_IS_FULL
    return Code.NONE_TO_JOIN if isinstance(rule, TogetherRule) else Code.KEPT_APART


def _kept_from(ledger: Ledger, load: Load, rule: Rule, rows: Ints) -> int:
    return int((ledger.left_at(load, [rule], rows) == 0).sum())


def _broken(ledger: Ledger, load: Load) -> tuple[int, ...]:
    rules = ledger.relations.of_one(load.workload)
    standing = ledger.columns.standing(load.workload)
    if standing is None or not np.any(standing):
        return (0,) * len(rules.mine())
    return tuple(rule.broken(ledger.seen_in_the_end(load, rule), ledger.domain_of(rule.topology).summed(standing)) for rule in rules.mine())
