"""Machines bought together for replicas that are spread over machines: fuller ones, as long as all of them get as many.

What a new machine may hold of them depends on how many the others get: beside an empty one hardly any, and each would need its own.
"""

from collections.abc import Sequence

from autoscaler.model.constraints import NODE
from autoscaler.placement.fitting import fit
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.opening import Wish, host_of
from autoscaler.placement.problem import HostState
from autoscaler.placement.quote import Machine, Quote


def spread_over_machines(ledger: Ledger, wish: Wish) -> bool:
    """Whether how many come to one machine depends on how many come to others."""
    return any(rule.own and rule.topology == NODE for rule in ledger.relations.of_one(wish.load.workload).spreads)


def evened(ledger: Ledger, quote: Quote, wishes: Sequence[Wish]) -> Quote | None:
    """The same machines with what is spread dealt out anew, by the rules; None where it finds no place on them."""
    trial = ledger.copy()
    holds: list[list[tuple[Wish, int]]] = [[] for _ in quote.machines]
    keys = {f"quoted-{number}": number for number in range(len(quote.machines))}
    for key, number in keys.items():
        machine = quote.machines[number]
        trial.add(host_of(key, machine.pool, machine.offer))
        for wish, count in machine.holds:
            if not spread_over_machines(ledger, wish):
                trial.put(wish.load.workload, key, count)
                holds[number].append((wish, count))
    for wish in (one for one in wishes if spread_over_machines(ledger, one)):
        went = fit(trial, wish.load, wish.count, (HostState.JOINING,), spread=True)
        if went.total() < wish.count or not went.keys() <= keys.keys():
            return None
        for key, count in sorted(went.items()):
            holds[keys[key]].append((wish, count))
    machines = (Machine(one.pool, one.offer, tuple(held)) for one, held in zip(quote.machines, holds, strict=True))
    return Quote(tuple(machines), quote.saved)
