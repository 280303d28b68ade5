"""One search for an answer: the ledger, what was found so far, and what stands where."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar

from autoscaler.model.reasons import Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.answer import Assignment, Forgone, Kept, Lacking, Left, Relocation, Swap, Unplaced
from autoscaler.placement.closing import Emptied
from autoscaler.placement.joining import Joins
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.naming import name_devices
from autoscaler.placement.opening import Market
from autoscaler.placement.problem import Host, HostState, Load, PoolOptions, Problem, Resident

Found = TypeVar("Found")

STAGES = ((HostState.OPEN,), (HostState.JOINING, HostState.RETURNING))
"""Where replicas go before anything is taken back or bought."""


@dataclass(slots=True, kw_only=True)
class Search:
    """What was found so far. `residents`: what will stand on each machine once all on its way out has gone.

    `level`: what is to come is spread, not packed, for only so all of it finds room. `proven`: of so many machines bought, the most by
    which others could be cheaper.
    """

    problem: Problem
    residents: dict[str, list[Resident]]
    ledger: Ledger
    market: Market
    booked: Counter[WorkloadRef]
    assignments: list[Assignment] = field(default_factory=list)
    unfence: list[str] = field(default_factory=list)
    closes: list[str] = field(default_factory=list)
    moves: list[Relocation] = field(default_factory=list)
    tight: list[tuple[str, WorkloadRef]] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)
    later: list[Assignment] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    lacking: list[Lacking] = field(default_factory=list)
    joins: Joins = field(default_factory=dict)
    forgone: tuple[Forgone, ...] = ()
    swap: Swap | None = None
    level: bool = False
    proven: tuple[int, int] | None = None
    rounds: int = 0

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Nothing found yet."""
        ledger = Ledger.of(problem)
        if problem.names:
            name_devices(ledger, [(one.workload, one.count) for one in problem.demands])
        return cls(
            problem=problem,
            residents=_residents(problem),
            ledger=ledger,
            market=Market(pools=problem.pools),
            booked=Counter({load.workload: load.booked for load in problem.loads}),
        )

    def fork(self) -> "Search":
        """The search as it stands, to try things on and go back to."""
        return replace(
            self,
            ledger=self.ledger.copy(),
            booked=self.booked.copy(),
            closes=list(self.closes),
            moves=list(self.moves),
            tight=list(self.tight),
        )

    def take(self, other: "Search") -> None:
        """What was tried on a fork is what is found."""
        self.ledger, self.booked, self.closes = other.ledger, other.booked, other.closes
        self.moves, self.tight, self.market, self.swap = other.moves, other.tight, other.market, other.swap

    def tried(self, attempt: Callable[[], Found | Reason]) -> Found | Reason:
        """What came of it; if that is a reason why not, ledger and booked surges are as they were."""
        booked = self.booked.copy()
        self.ledger.attempt()
        found = attempt()
        if isinstance(found, Reason):
            self.ledger.take_back()
            self.booked = booked
        else:
            self.ledger.keep()
        return found

    def standing(self, key: str) -> list[Resident]:
        """What will stand there, in order."""
        return self.residents.get(key, [])

    def moving(self, key: str) -> list[Resident]:
        """What has to move off it, in the order that leaves least room.

        Where somebody else places, the small may come before the large, and what needs room everywhere after all others.
        """
        there = self.standing(key)
        return sorted(there, key=lambda one: _adverse(self.ledger.loads[one.workload])) if self.problem.spread else there

    def in_order(self, loads: Iterable[Load], *, adverse: bool) -> list[Load]:
        """`adverse`: as in `moving`, where somebody else places; else the largest first."""
        largest = sorted(loads, key=lambda one: (-one.shape.requests.cpu, -one.shape.requests.memory, one.workload))
        return sorted(largest, key=_adverse) if adverse else largest

    def leaving(self, key: str, *, adverse: bool) -> list[Resident]:
        """What has to move off it, in that order."""
        there = {one.workload: one for one in self.standing(key)}
        return [there[load.workload] for load in self.in_order([self.ledger.loads[ref] for ref in there], adverse=adverse)]

    def by_cost(self, state: HostState) -> list[Host]:
        """Machines of that state: those with least to move first, the dearer first among equals."""
        hosts = [host for host in self.ledger.hosts.values() if host.state is state]
        return sorted(hosts, key=lambda host: (sum(one.count for one in self.standing(host.key)), -host.price, host.key))

    def closed(self, key: str, found: Emptied) -> None:
        """That machine can go."""
        self.closes.append(key)
        self.moves += found.moves
        self.tight += [(key, workload) for workload in found.tight]

    def closing_in(self, pool: PoolOptions) -> int:
        """How many machines of the pool go."""
        leaving = (host for host in self.problem.hosts if host.pool == pool.name and host.state is HostState.LEAVING)
        return sum(self.ledger.hosts[key].pool == pool.name for key in self.closes) + sum(1 for _ in leaving)


def _residents(problem: Problem) -> dict[str, list[Resident]]:
    found = defaultdict(list)
    for one in problem.residents:
        if one.count > one.going:
            found[one.host].append(_staying(one) if one.going else one)
    return {key: sorted(there, key=lambda one: one.workload) for key, there in found.items()}


def _staying(one: Resident) -> Resident:
    return replace(one, count=one.count - one.going, serving=max(0, one.serving - one.going), going=0)


def _adverse(load: Load) -> tuple[bool, int, int, WorkloadRef]:
    return (not load.sure, load.shape.requests.cpu, load.shape.requests.memory, load.workload)
