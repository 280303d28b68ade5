"""In which order replicas come that must stand evenly: the emptiest domain first, so that each may come as it comes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

from autoscaler.model.constraints import NODE, Labels, TopologySpread
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.steps import Place
from autoscaler.placement import Host, Problem

Domains = tuple[tuple[int, str | None], ...]
"""In which domain a machine is, of each spread by its number."""


def in_turn(problem: Problem, workload: WorkloadRef, places: Sequence[Place]) -> tuple[Place, ...]:
    """The places in that order; as they are where nothing has to stand evenly."""
    labels = {one.workload: one.labels for one in problem.loads}
    shape = next(one.shape for one in problem.loads if one.workload == workload)
    spreads = tuple(one for one in shape.constraints if isinstance(one, TopologySpread) and _selects(one, workload, workload, labels))
    if not spreads or len(places) <= 1:
        return tuple(places)
    domains = {host.key: _domains(host, spreads) for host in problem.hosts}
    counts = Counter[tuple[int, str | None]]()
    for number, spread in enumerate(spreads):
        for one in problem.residents:
            if _selects(spread, workload, one.workload, labels):
                counts[domains[one.host][number]] += one.count
    return tuple(places[turn] for turn in _turns([domains[one.node.id] for one in places], counts))


def _turns(places: list[Domains], counts: Counter[tuple[int, str | None]]) -> Iterable[int]:
    """The next is always one whose domains have fewest by then."""
    queue = [([counts[one] for one in domains], place) for place, domains in enumerate(places)]
    heapify(queue)
    while queue:
        _, place = heappop(queue)
        now = [counts[one] for one in places[place]], place
        if queue and now > queue[0]:
            heappush(queue, now)
            continue
        counts.update(places[place])
        yield place


def _domains(host: Host, spreads: tuple[TopologySpread, ...]) -> Domains:
    labels = dict(host.labels)
    return tuple((number, host.key if one.topology == NODE else labels.get(one.topology)) for number, one in enumerate(spreads))


def _selects(spread: TopologySpread, own: WorkloadRef, other: WorkloadRef, labels: Mapping[WorkloadRef, Labels]) -> bool:
    return own == other if spread.over is None else spread.over.selects(labels[other])
