"""Rules between workloads that are broken as all stand, kept to better by moves: a zone that came back is filled again."""

from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.fitting import fit
from autoscaler.placement.keeping import breaks, broken
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import OPEN, Problem
from autoscaler.placement.rebalancing.asking import Standing, as_it_stands
from autoscaler.placement.rebalancing.ordering import Ordered


def repairs(problem: Problem, standing: Standing, movable: frozenset[WorkloadRef], most: int) -> list[Ordered]:
    """At most so many moves, each of which makes its workload's own rules better kept to and nobody's worse."""
    ledger, found = Ledger.of(as_it_stands(problem, standing)), list[Ordered]()
    states = {host.key: host.state for host in problem.hosts if not host.must_close}
    for ref in sorted(movable & set(ledger.relations.ruled)):
        sources = [key for one, key in sorted(standing) if one == ref and states.get(key) in OPEN for _ in range(standing[one, key])]
        while len(found) < most and (one := _better(ledger, ref, sources)):
            found.append(one)
            sources.remove(one.source)
    return found


def _better(ledger: Ledger, ref: WorkloadRef, sources: list[str]) -> Ordered | None:
    """The move that leaves least broken, made; none where there is nothing to mend."""
    before, load = broken(ledger, (ref,)), ledger.loads[ref]
    amiss = sum(before.get(ref, ()))
    if not amiss:
        return None
    best: tuple[int, str, str, Ledger] | None = None
    for source in dict.fromkeys(sources):
        after = ledger.copy()
        target = next(iter(fit(after, load, 1, OPEN, spread=True)), None)
        if target is None:
            return None
        after.put(ref, source, -1)
        left = broken(after, (ref,))
        if sum(left[ref]) < amiss and breaks(before, left) is None and (best is None or sum(left[ref]) < best[0]):
            best = (sum(left[ref]), source, target, after)
    if best is None:
        return None
    # Its old room is held while it moves.
    ledger.put(ref, best[2], 1)
    ledger.put(ref, best[1], -1)
    ledger.reserve(ref, best[1], 1)
    return Ordered(workload=ref, source=best[1], target=best[2])
