"""How many replicas a machine could take that is not there yet, by the rules between workloads; and how they would like it."""

import numpy as np

from autoscaler.model.constraints import NODE, Labels, NodeAffinity, keeps_to
from autoscaler.model.reasons import Reason
from autoscaler.placement.choosing import TAINTED, avoided
from autoscaler.placement.domains import NOWHERE
from autoscaler.placement.filling import levelled
from autoscaler.placement.keeping import code_of
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import Load, Offer
from autoscaler.placement.rules import UNLIMITED, Rule, Seen, SpreadRule


def may_come(ledger: Ledger, load: Load, count: int, offer: Offer) -> int:
    """Of `count` more, as many as may stand on a machine of the offer: spread over domains that can be had, all get their part."""
    rules = ledger.relations.of_one(load.workload).all()
    return min((_may_come(ledger, load, rule, count, offer) for rule in rules), default=UNLIMITED)


def against(ledger: Ledger, load: Load, offer: Offer) -> Reason | None:
    """The rule about others, who stand by now, that keeps it from a machine of the offer."""
    ruled = ledger.relations.of_one(load.workload)
    rules = (rule for rule in (*ruled.apart, *ruled.together, *ruled.refused) if not rule.own)
    found = next((rule for rule in rules if not _may_come(ledger, load, rule, 1, offer)), None)
    return Reason(code_of(found), names=(str(load.workload), found.topology, offer.name)) if found else None


def unwelcome(ledger: Ledger, load: Load, offer: Offer) -> tuple[int, int]:
    """What weighs of its preferences that a machine of the offer does not grant; and how crowded the domains are that it is spread over."""
    without, crowd = TAINTED * avoided(load, offer.taints), 0
    for one in ledger.relations.wishes.get(load.workload, ()):
        if isinstance(one.wish, NodeAffinity):
            without += one.weight * (not keeps_to(one.wish.rules, offer.labels))
        elif one.rule:
            seen, at = ledger.seen(load, one.rule), ledger.domain_of(one.rule.topology).number(offer.labels)
            spread = isinstance(one.rule, SpreadRule) and at != NOWHERE
            crowd += one.weight * int(seen.sums[at]) * spread
            without += one.weight * (not spread and not one.rule.left(seen, np.array([at])).any())
    return without, crowd


def _may_come(ledger: Ledger, load: Load, rule: Rule, count: int, offer: Offer) -> int:
    if isinstance(rule, SpreadRule) and rule.own and rule.topology != NODE:
        return _part(ledger, load, rule, count, offer.labels)
    seen, at = ledger.seen(load, rule), ledger.domain_of(rule.topology).number(offer.labels)
    if at != NOWHERE:
        seen.sums[at] += sum(rule.counted in ledger.relations.tallies.get(one, ()) for one in offer.daemons)
    return int(rule.left(seen, np.array([at]))[0])


def _part(ledger: Ledger, load: Load, rule: SpreadRule, count: int, labels: Labels) -> int:
    """What its domain gets of them, if machines are bought in all domains that are offered and nowhere else."""
    seen, domains = ledger.seen(load, rule), ledger.domain_of(rule.topology)
    offered = ledger.offered.get(rule.topology, frozenset())
    values = {
        **domains.values,
        **{value: len(domains.values) + place for place, value in enumerate(sorted(offered - domains.values.keys()))},
    }
    mine = values.get(dict(labels).get(rule.topology, ""))
    if mine is None:
        return 0
    none = np.zeros(len(values) - domains.count + 1, np.int64)
    holds = np.array([count if value in offered else 0 for value in values])
    every = Seen(np.append(seen.sums[:-1], none), np.append(seen.counting[:-1], [*(none[:-1] == 0), False]))
    shares = levelled(every.sums[:-1], np.zeros(len(values), np.int64), np.arange(len(values)), rule.limits(every, holds), count)
    return int(shares[mine])
