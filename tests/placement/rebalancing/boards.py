"""Small boards at random, and their rules in plain words: a judge that knows nothing of how the search keeps its books."""

from collections import Counter

import numpy as np
from hypothesis import strategies as st

from autoscaler.placement.rebalancing import UNLIMITED, Board, Containers, Costs, Nodes, Workloads


@st.composite
def boards(draw: st.DrawFn) -> Board:
    """Up to five nodes and twelve containers, nearly full; some start with a rule that is broken already."""
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return board(dice, nodes=draw(st.integers(1, 5)), containers=draw(st.integers(1, 12)), resources=draw(st.integers(1, 3)))


def board(dice: np.random.Generator, *, nodes: int, containers: int, resources: int) -> Board:
    many = int(dice.integers(1, containers + 1))
    start, requests = dice.integers(0, nodes, containers), dice.integers(0, 50, (containers, resources))
    used = np.zeros((nodes, resources), np.int64)
    np.add.at(used, start, requests)
    capacity = np.maximum(1, used + dice.integers(-5, 60, used.shape))
    return Board(
        nodes=Nodes(
            capacity=capacity,
            comfort=capacity * dice.integers(40, 100, used.shape) // 100,
            zone=dice.integers(0, 3, nodes),
            neighbourhood=dice.integers(0, 2, nodes),
            distance=dice.integers(0, 4, (nodes, nodes)),
        ),
        workloads=Workloads(
            most=dice.integers(1, 4, many),
            zones=dice.integers(1, 3, many),
            depends=dice.integers(0, many, (int(dice.integers(0, 3)), 2)),
        ),
        containers=Containers(
            node=start,
            workload=dice.integers(0, many, containers),
            requests=requests,
            price=dice.integers(0, 5, containers),
            pinned=dice.random(containers) < 0.1,
            kind=dice.integers(0, 2, containers),
        ),
        costs=Costs(
            load=dice.integers(0, 12, resources),
            balances=np.array([[0, resources - 1, 2, 3]])[: int(dice.integers(0, 2))].reshape(-1, 4),
            move=int(dice.integers(0, 3)),
            distance=int(dice.integers(0, 3)),
            workload=int(dice.integers(0, 9)),
        ),
        transient=dice.random(resources) < 0.5,
        allowed=np.array([[True] * nodes, (dice.random(nodes) < 0.7).tolist()]),
        most_moves=int(dice.choice([UNLIMITED, 2])),
    )


def price(board: Board, node: list[int]) -> int:
    """The costs, sum by sum."""
    who, costs = board.containers, board.costs
    home = who.node.tolist()
    total = 0
    for at in range(len(board.nodes.zone)):
        used = who.requests[[one for one, there in enumerate(node) if there == at]].sum(axis=0)
        free = board.nodes.capacity[at] - used
        total += sum(int(weight) * max(0, int(over)) for weight, over in zip(costs.load, used - board.nodes.comfort[at], strict=True))
        total += sum(int(weight) * max(0, int(target * free[one] - free[two])) for one, two, target, weight in costs.balances)
    moved = [one for one in range(len(node)) if node[one] != home[one]]
    total += costs.move * sum(int(who.price[one]) for one in moved)
    total += costs.distance * sum(int(board.nodes.distance[home[one], node[one]]) for one in moved)
    return total + costs.workload * max(Counter(int(who.workload[one]) for one in moved).values(), default=0)


def broken(board: Board, node: list[int]) -> Counter[tuple[str, int, int]]:
    """How far each rule is from being kept: (rule, of whom, where) and by how much."""
    who, found = board.containers, Counter[tuple[str, int, int]]()
    home, workload = who.node.tolist(), who.workload.tolist()
    for at in range(len(board.nodes.zone)):
        for resource, transient in enumerate(board.transient):
            held = sum(int(who.requests[one, resource]) for one in range(len(node)) if node[one] == at or (transient and home[one] == at))
            found["capacity", resource, at] = max(0, held - int(board.nodes.capacity[at, resource]))
    for (one, at), count in Counter(zip(workload, node, strict=True)).items():
        found["most", one, at] = max(0, count - int(board.workloads.most[one]))
    for one, wanted in enumerate(board.workloads.zones):
        zones = {int(board.nodes.zone[at]) for of, at in zip(workload, node, strict=True) if of == one}
        found["zones", one, 0] = max(0, int(wanted) - len(zones))
    present = {(of, int(board.nodes.neighbourhood[at])) for of, at in zip(workload, node, strict=True)}
    for number, (one, other) in enumerate(board.workloads.depends.tolist()):
        for hood in range(2):
            found["depends", number, hood] = int((one, hood) in present and (other, hood) not in present)
    for one, (at, old) in enumerate(zip(node, home, strict=True)):
        found["pinned", one, at] = int(bool(who.pinned[one]) and at != old)
        found["allowed", one, at] = int(at != old and not board.allowed[who.kind[one], at])
    found["moves", 0, 0] = max(0, sum(at != old for at, old in zip(node, home, strict=True)) - board.most_moves)
    return found


def worse(board: Board, node: list[int]) -> list[tuple[str, int, int]]:
    """The rules that are further from being kept than at the start."""
    before, after = broken(board, board.containers.node.tolist()), broken(board, node)
    return [rule for rule, by in after.items() if by > before[rule]]
