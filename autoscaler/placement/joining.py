"""Who has to join somebody that is still to come: whom it wants beside it finds a place first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import Demand
from autoscaler.placement.rules import Counted

Joins = dict[WorkloadRef, tuple[WorkloadRef, ...]]
"""Of workloads to come, those to come of which one has to stand where they do, while nobody does whom they want there."""


def joins(ledger: Ledger, coming: Iterable[WorkloadRef]) -> Joins:
    """As all stand now."""
    coming = tuple(dict.fromkeys(coming))
    among: dict[Counted, list[WorkloadRef]] = defaultdict(list)
    for ref in coming:
        for tally in ledger.relations.tallies.get(ref, ()):
            among[tally].append(ref)
    wanted = {ref: [one.counted for one in ledger.relations.of_one(ref).together if not one.own] for ref in coming}
    found = {ref: dict.fromkeys(other for one in some if not stands(ledger, one) for other in among[one]) for ref, some in wanted.items()}
    return {ref: tuple(others) for ref, others in found.items() if others}


def joined_first(ranked: Sequence[Demand], found: Joins) -> list[Demand]:
    """As they are, but whoever is to be joined comes before the first that joins it. Those who all join each other stay as they are."""
    by_workload: dict[WorkloadRef, list[Demand]] = defaultdict(list)
    for demand in reversed(ranked):
        by_workload[demand.workload].append(demand)
    met, order = set[Demand](), dict[Demand, None]()
    for demand in ranked:
        path = [demand]
        while path:
            last = path[-1]
            others = () if last in met else reversed(found.get(last.workload, ()))
            ahead = [one for ref in others for one in by_workload[ref] if one not in met]
            met.add(last)
            path += ahead
            if not ahead:
                order.setdefault(path.pop())
    return list(order)


def stands(ledger: Ledger, counted: Counted) -> bool:
    """Whether any of those stands anywhere."""
    standing = ledger.columns.standing(counted)
    return standing is not None and bool(standing.any())
