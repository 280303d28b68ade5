"""In which order replicas come that must stand evenly: the emptiest domain first, so that each may come as it comes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

from autoscaler.model.constraints import NODE, TopologySpread
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.steps import Place
from autoscaler.placement import Host, Problem
from autoscaler.planning.facts import Facts
from autoscaler.planning.missing import counts

Domains = tuple[tuple[int, str | None], ...]
"""In which domain a machine is, of each spread by its number."""


def in_turn(facts: Facts, problem: Problem, workload: WorkloadRef, places: Sequence[Place]) -> tuple[Place, ...]:
    """The places in that order; as they are where nothing has to stand evenly."""
    own = facts.workloads[workload]
    spreads = tuple(one for one in own.shape.constraints if isinstance(one, TopologySpread) and counts(own, one, own))
    if not spreads or len(places) <= 1:
        return tuple(places)
    domains = {host.key: _domains(host, spreads) for host in problem.hosts}
    here = Counter[tuple[int, str | None]]()
    for number, spread in enumerate(spreads):
        for one in problem.residents:
            if counts(own, spread, facts.workloads[one.workload]):
                here[domains[one.host][number]] += one.count
    return tuple(places[turn] for turn in _turns([domains[one.node.id] for one in places], here))


def _turns(places: list[Domains], here: Counter[tuple[int, str | None]]) -> Iterable[int]:
    """The next is always one whose domains have fewest by then."""
    queue = [([here[one] for one in domains], place) for place, domains in enumerate(places)]
    heapify(queue)
    while queue:
        _, place = heappop(queue)
        now = [here[one] for one in places[place]], place
        if queue and now > queue[0]:
            heappush(queue, now)
            continue
        here.update(places[place])
        yield place


def _domains(host: Host, spreads: tuple[TopologySpread, ...]) -> Domains:
    labels = dict(host.labels)
    return tuple((number, host.key if one.topology == NODE else labels.get(one.topology)) for number, one in enumerate(spreads))
