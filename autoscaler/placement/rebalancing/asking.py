"""The question of a cluster to the search: a problem as it stands, as a board.

Amounts become millionths of the largest machine. A machine costs from where it is fuller than all are together (`FAIR`), and once more
from half way between that and full; so does room of which too little memory is left beside its cpu. What a move costs is half of what
its replica takes: less gain than that is not moved for.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from autoscaler.model.constraints import NODE
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.books import CODES
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import OPEN, HostState, Load, Problem, Resident
from autoscaler.placement.rebalancing.board import UNLIMITED, Board, Containers, Costs, Nodes, Workloads

WHOLE = 1_000_000
"""Parts of the largest machine."""

FAIR = (9, 8)
"""A machine is fuller than its share from an eighth above it."""

LOAD, BALANCE = 2, 2
"""What a millionth above a level costs, and one of cpu that is left without memory."""


Standing = Counter[tuple[WorkloadRef, str]]
"""How many of a workload stand on a machine."""

Forbidden = frozenset[tuple[WorkloadRef, str]]
"""Workloads and machines they were found to have no place on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`who[C]`: the workload of each container; `keys[N]`: the machine of each node."""

    board: Board
    who: tuple[WorkloadRef, ...]
    keys: tuple[str, ...]

    def standing(self, node: Ints) -> Standing:
        """Who stands where, of containers that stand at `node[C]`."""
        return Counter((ref, self.keys[at]) for ref, at in zip(self.who, node.tolist(), strict=True))


def standing_of(problem: Problem) -> Standing:
    """As the problem has it."""
    found = Standing()
    for one in problem.residents:
        found[one.workload, one.host] += one.count
    return found


def as_it_stands(problem: Problem, standing: Standing) -> Problem:
    """The problem, with these residents."""
    there = tuple(Resident(workload=ref, host=key, count=count) for (ref, key), count in sorted(standing.items()) if count)
    return replace(problem, residents=there)


def question_of(problem: Problem, standing: Standing, movable: frozenset[WorkloadRef], forbidden: Forbidden) -> Question:
    """Only `movable` workloads may move, off and to open machines, where no rule is against one more of them as all stand now."""
    ledger = Ledger.of(as_it_stands(problem, standing))
    refs = sorted({ref for ref, _ in standing})
    there = [(ref, key) for (ref, key), count in sorted(standing.items()) for _ in range(count)]
    capacity, requests = _parts(ledger, refs)
    opened = np.array([code == CODES[HostState.OPEN] for code in ledger.columns.state[: ledger.columns.size].tolist()], np.bool_)
    allowed = _allowed(ledger, refs, movable, forbidden)
    who = _containers(ledger, refs, there, requests)
    able: Bools = np.asarray(allowed.any(axis=1))
    used = np.zeros_like(capacity)
    np.add.at(used, who.node, requests[who.workload])
    board = Board(
        nodes=_nodes(capacity, used, _bound(allowed, who), opened),
        workloads=Workloads(most=_most(ledger, refs), zones=np.ones(len(refs), np.int64), depends=np.zeros((0, 2), np.int64)),
        containers=replace(who, pinned=~(able[who.workload] & opened[who.node])),
        costs=_costs(2 * requests.shape[1]),
        transient=np.ones(2 * requests.shape[1], np.bool_),
        allowed=allowed,
    )
    return Question(board=board, who=tuple(ref for ref, _ in there), keys=tuple(ledger.keys))


def _containers(ledger: Ledger, refs: list[WorkloadRef], there: list[tuple[WorkloadRef, str]], requests: Ints) -> Containers:
    """One for each replica, in the order of `there`; what it asks for is told twice, once for each level of its machine."""
    number = {ref: place for place, ref in enumerate(refs)}
    workload = np.array([number[ref] for ref, _ in there], np.int64)
    return Containers(
        node=np.array([ledger.rows[key] for _, key in there], np.int64),
        workload=workload,
        requests=np.hstack([requests, requests])[workload],
        price=np.maximum(1, requests.sum(axis=1))[workload],
        pinned=np.zeros(len(there), np.bool_),
        kind=workload,
    )


def _costs(resources: int) -> Costs:
    balances = np.array([[0, 1, 1, BALANCE]], np.int64)
    return Costs(load=np.full(resources, LOAD, np.int64), balances=balances, move=1, distance=0, workload=0)


def _parts(ledger: Ledger, refs: list[WorkloadRef]) -> tuple[Ints, Ints]:
    """What each machine has, rounded down, and what each workload asks for, rounded up."""
    whole = np.array([ledger.vectors.of(host.capacity) - ledger.vectors.of(host.used) for host in ledger.hosts.values()], np.int64)
    asks = np.array([ledger.vectors.of(ledger.loads[ref].shape.requests) for ref in refs], np.int64)
    largest = np.maximum(1, whole.max(axis=0))
    return _scaled(np.maximum(0, whole), largest), -_scaled(-asks, largest)


def _scaled(amounts: Ints, largest: Ints) -> Ints:
    """In parts of the largest, rounded down; whole numbers of any size on the way, for bytes times parts are more than 64 bits hold."""
    return (amounts.astype(object) * WHOLE // largest).astype(np.int64)


def _allowed(ledger: Ledger, refs: list[WorkloadRef], movable: frozenset[WorkloadRef], forbidden: Forbidden) -> Bools:
    found = np.zeros((len(refs), ledger.columns.size), np.bool_)
    for place, ref in enumerate(refs):
        if ref in movable:
            found[place, ledger.open_rows(ledger.loads[ref], OPEN)] = True
    for ref, key in forbidden:
        found[refs.index(ref), ledger.rows[key]] = False
    return found


def _most(ledger: Ledger, refs: list[WorkloadRef]) -> Ints:
    return np.array([_most_of(ledger, ledger.loads[ref]) for ref in refs], np.int64)


def _most_of(ledger: Ledger, load: Load) -> int:
    """How many of it may stand on one machine; where more do already, the search cannot tell, and what it finds is checked."""
    apart, standing = ledger.relations.of_one(load.workload).apart, ledger.columns.standing(load.workload)
    most = UNLIMITED if load.shape.max_per_node is None else load.shape.max_per_node
    if load.shape.host_ports or any(one.own and one.topology == NODE for one in apart):
        most = 1
    return most if standing is None or int(standing.max()) <= most else UNLIMITED


def _bound(allowed: Bools, who: Containers) -> Bools:
    """Which machines each workload that may move binds together, [W, N]: where it may go, and where it stands."""
    found = allowed.copy()
    found[who.workload, who.node] = True
    found[~allowed.any(axis=1)] = False
    return found


def _nodes(capacity: Ints, used: Ints, bound: Bools, opened: Bools) -> Nodes:
    """Levels of comfort are those of all open machines between which something may move; of others there are none."""
    count = len(capacity)
    fair = np.full_like(capacity, UNLIMITED)
    hot = fair.copy()
    for group in _groups(bound, opened):
        total, full = capacity[group].sum(axis=0), used[group].sum(axis=0)
        share = np.minimum(WHOLE, full * WHOLE * FAIR[0] // (np.maximum(1, total) * FAIR[1]) + 1)
        fair[group] = -(-capacity[group] * share // WHOLE)
        hot[group] = (fair[group] + capacity[group] + 1) // 2
    return Nodes(
        capacity=np.hstack([capacity, capacity]),
        comfort=np.hstack([fair, hot]),
        zone=np.zeros(count, np.int64),
        neighbourhood=np.zeros(count, np.int64),
        distance=np.zeros((count, count), np.int32),
    )


def _groups(bound: Bools, opened: Bools) -> list[Ints]:
    """Open machines that are bound together by workloads that move between them."""
    label = np.where(opened, np.arange(len(opened)), -1)
    rows = [row for row in (np.flatnonzero(one & opened) for one in bound) if len(row)]
    changed = True
    while changed:
        changed = False
        for row in rows:
            least = label[row].min()
            changed |= bool((label[row] != least).any())
            label[row] = least
    return [np.flatnonzero(label == one) for one in np.unique(label[label >= 0])]
