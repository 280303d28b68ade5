"""Which replicas to move so that a workload stands evenly again: where somebody else places, and would place it so today."""

from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.answer import Relocation
from autoscaler.placement.fitting import fit
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import HostState, Load, Problem

UNEVEN = 2
"""Moving one replica off a machine evens something out only if the machine it comes to has at least so many fewer."""


def level(problem: Problem, most: int, only: frozenset[WorkloadRef] = frozenset()) -> tuple[Relocation, ...]:
    """At most `most` moves, of workloads in `only` (of all, if it is empty), the most uneven first.

    A moving replica counts on both machines. None moves of a workload that is `stuck`, or has no surge left to move with.
    """
    ledger, moves = Ledger.of(problem), list[Relocation]()
    able = [load for load in problem.loads if not load.stuck and load.surge > load.lent and (not only or load.workload in only)]
    standing = _standing(problem)
    for load in sorted(able, key=lambda load: (-_gap(standing.get(load.workload, {})), load.workload)):
        moves += _levelled(ledger, load, standing.get(load.workload, {}), most - len(moves))
    return _together(moves)


def _standing(problem: Problem) -> dict[WorkloadRef, dict[str, int]]:
    """How many of each workload will stand on each machine that takes replicas."""
    open_ones = {host.key for host in problem.hosts if host.state is HostState.OPEN and not host.must_close}
    found: dict[WorkloadRef, dict[str, int]] = {}
    for one in problem.residents:
        if one.host in open_ones and one.count > one.going:
            found.setdefault(one.workload, {})[one.host] = one.count - one.going
    return found


def _gap(counts: dict[str, int]) -> int:
    return max(counts.values(), default=0)


def _levelled(ledger: Ledger, load: Load, counts: dict[str, int], most: int) -> list[Relocation]:
    """One after the other from where most stand, to where its scheduler is expected to put one more."""
    counts, moves = dict(counts), list[Relocation]()
    while len(moves) < most and counts:
        source = min(counts, key=lambda key: (-counts[key], key))
        target = next(iter(fit(ledger.copy(), load, 1, (HostState.OPEN,), spread=True)), None)
        if target is None or counts[source] - counts.get(target, 0) < UNEVEN:
            break
        fit(ledger, load, 1, (HostState.OPEN,), spread=True)
        counts[source], counts[target] = counts[source] - 1, counts.get(target, 0) + 1
        moves.append(Relocation(workload=load.workload, count=1, source=source, target=target))
    return moves


def _together(moves: list[Relocation]) -> tuple[Relocation, ...]:
    """Those of one workload between the same two machines as one."""
    found: dict[tuple[WorkloadRef, str, str], int] = {}
    for one in moves:
        key = (one.workload, one.source, one.target)
        found[key] = found.get(key, 0) + one.count
    return tuple(Relocation(workload=ref, count=count, source=source, target=target) for (ref, source, target), count in found.items())
