"""Which replicas to move so that a workload stands evenly again: where somebody else places, and would place it so today."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.answer import Relocation
from autoscaler.placement.fitting import fit
from autoscaler.placement.keeping import breaks, broken
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import OPEN, Load, Problem

UNEVEN = 2
"""Moving one replica off a machine evens something out only if the machine it comes to has at least so many fewer."""


def level(problem: Problem, most: int, leaving: Mapping[WorkloadRef, Sequence[str]]) -> tuple[Relocation, ...]:
    """At most `most` moves of these workloads, the most uneven first.

    `leaving`: of each, the machines its replicas would leave, in that order, if its count were lowered: nobody else can be moved.
    A moving replica counts on both machines.
    """
    ledger, moves = Ledger.of(problem), list[Relocation]()
    loads = {load.workload: load for load in problem.loads if load.workload in leaving}
    counts: dict[WorkloadRef, dict[str, int]] = defaultdict(dict)
    for one in problem.residents:
        counts[one.workload][one.host] = one.count
    gaps = {ref: _gap(ledger, load, counts[ref]) for ref, load in loads.items()}
    for ref in sorted(loads, key=lambda ref: (-gaps[ref], ref)):
        moves += _levelled(ledger, loads[ref], counts[ref], leaving[ref][: most - len(moves)])
    return _together(moves)


def _gap(ledger: Ledger, load: Load, counts: dict[str, int]) -> int:
    """How many more stand where most do than where fewest could."""
    able = [counts.get(key, 0) for key in ledger.open_for(load, OPEN)]
    return max(counts.values(), default=0) - min(able, default=0)


def _levelled(ledger: Ledger, load: Load, counts: dict[str, int], leaving: Sequence[str]) -> list[Relocation]:
    """One after the other, to where its scheduler is expected to put one more; until one of them would not even anything out."""
    counts, moves = dict(counts), list[Relocation]()
    for source in leaving:
        target = next(iter(fit(ledger.copy(), load, 1, OPEN, spread=True)), None)
        if target is None or counts[source] - counts.get(target, 0) < UNEVEN or _breaking(ledger, load, source, target):
            break
        fit(ledger, load, 1, OPEN, spread=True)
        counts[source], counts[target] = counts[source] - 1, counts.get(target, 0) + 1
        moves.append(Relocation(workload=load.workload, count=1, source=source, target=target))
    return moves


def _breaking(ledger: Ledger, load: Load, source: str, target: str) -> bool:
    """Whether some rule between workloads would be kept to less, once one of it has come there and gone here."""
    before = broken(ledger, (load.workload,))
    if not before:
        return False
    after = ledger.copy()
    after.put(load.workload, target, 1)
    after.put(load.workload, source, -1)
    return breaks(before, broken(after, (load.workload,))) is not None


def _together(moves: list[Relocation]) -> tuple[Relocation, ...]:
    """Those of one workload between the same two machines as one."""
    found: dict[tuple[WorkloadRef, str, str], int] = {}
    for one in moves:
        key = (one.workload, one.source, one.target)
        found[key] = found.get(key, 0) + one.count
    return tuple(Relocation(workload=ref, count=count, source=source, target=target) for (ref, source, target), count in found.items())
