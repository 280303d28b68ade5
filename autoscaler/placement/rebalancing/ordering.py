"""In which order replicas can move so that old and new have room at every instant and every rule is kept to: by placement's own ledger.

A replica keeps its room on the machine it leaves until somebody who comes there waits for it.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.keeping import breaks, broken, rule_against
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import HostState, Problem
from autoscaler.placement.rebalancing.asking import Standing, as_it_stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """One replica goes from `source` to `target`, once those at the places `after` have gone."""

    workload: WorkloadRef
    source: str
    target: str
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`moves` in order; `dropped`: those that cannot be, each with why."""

    moves: tuple[Ordered, ...]
    dropped: tuple[tuple[Ordered, Reason], ...] = ()

    def applied(self, standing: Standing) -> Standing:
        """Who stands where in the end."""
        found = standing.copy()
        for one in self.moves:
            found[one.workload, one.source] -= 1
            found[one.workload, one.target] += 1
        return +found


def between(before: Standing, after: Standing) -> list[Ordered]:
    """The fewest moves from one to the other."""
    leaves, comes = defaultdict[WorkloadRef, list[str]](list), defaultdict[WorkloadRef, list[str]](list)
    for ref, key in sorted({*before, *after}):
        change = after[ref, key] - before[ref, key]
        (comes if change > 0 else leaves)[ref] += [key] * abs(change)
    return [
        Ordered(workload=ref, source=source, target=target)
        for ref, sources in sorted(leaves.items())
        for source, target in zip(sources, comes[ref], strict=True)
    ]


def in_order(problem: Problem, standing: Standing, moves: list[Ordered]) -> Order:
    """As many of them as find an order, looked for in turns: who found no place may find one once others have gone."""
    yard, left = _Yard(Ledger.of(as_it_stands(problem, standing))), list(moves)
    while left:
        before, left = len(left), [one for one in left if not yard.move(one)]
        if len(left) == before:
            break
    return Order(moves=tuple(yard.moves), dropped=tuple((one, yard.why_not(one)) for one in left))


@dataclass(slots=True)
class _Yard:
    """`held`: places of moves that keep room on a machine they left; `of`: those of a workload; `strict`: those some rule looks at."""

    ledger: Ledger
    moves: list[Ordered] = field(default_factory=list)
    held: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    of: dict[WorkloadRef, list[int]] = field(default_factory=lambda: defaultdict(list))
    strict: list[int] = field(default_factory=list)

    def move(self, one: Ordered) -> bool:
        """Whether it has gone."""
        waits = self._waits(one)
        if waits is None or self._breaking(one):
            return False
        ruled = self._ruled(one.workload)
        # Rules were judged as all stand at its turn, so that order is kept.
        waits += self.strict[-1:] if ruled else []
        surge = max(1, self.ledger.loads[one.workload].surge)
        waits += self.of[one.workload][-surge:][:1] if len(self.of[one.workload]) >= surge else []
        place = len(self.moves)
        self.moves.append(Ordered(workload=one.workload, source=one.source, target=one.target, after=tuple(sorted(set(waits)))))
        self.of[one.workload].append(place)
        self.strict += [place] if ruled else []
        self.ledger.put(one.workload, one.target, 1)
        self.ledger.put(one.workload, one.source, -1)
        self.ledger.reserve(one.workload, one.source, 1)
        self.held[one.source].append(place)
        return True

    def why_not(self, one: Ordered) -> Reason:
        """What is against it as all stand now."""
        rule = rule_against(self.ledger, self.ledger.loads[one.workload], one.target)
        return rule or self._breaking(one) or Reason(Code.NO_ROOM, (1, 0), "replicas", (str(one.workload), one.target))

    def _waits(self, one: Ordered) -> list[int] | None:
        """Those whose room there it needs; None where it has no place even so."""
        load = self.ledger.loads[one.workload]
        if self.ledger.fits(load, one.target):
            return []
        held = self.held.get(one.target, [])
        if not held or self.ledger.hosts[one.target].state is not HostState.OPEN:
            return None
        for place in held:
            self.ledger.reserve(self.moves[place].workload, one.target, -1)
        if self.ledger.fits(load, one.target):
            return self.held.pop(one.target)
        for place in held:
            self.ledger.reserve(self.moves[place].workload, one.target, 1)
        return None

    def _breaking(self, one: Ordered) -> Reason | None:
        """Whose rules would be kept to less, once it has come there and gone here."""
        before = broken(self.ledger, (one.workload,))
        if not before:
            return None
        after = self.ledger.copy()
        after.put(one.workload, one.target, 1)
        after.put(one.workload, one.source, -1)
        return breaks(before, broken(after, (one.workload,)))

    def _ruled(self, workload: WorkloadRef) -> bool:
        relations = self.ledger.relations
        ports = bool(self.ledger.loads[workload].shape.host_ports)
        return ports or bool(relations.of_one(workload)) or bool(relations.concerned((workload,)))
