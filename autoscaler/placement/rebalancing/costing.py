"""What a whole assignment costs, reckoned from nothing: the measure of what the search keeps up bit by bit."""

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.rebalancing.board import Board, Cost

EVERY = slice(None)


def cost(board: Board, node: Ints) -> Cost:
    """Of containers that stand at `node[C]`, having come from where the board has them."""
    used, came, costs = usage(board, node), board.containers.node, board.costs
    moved = node != came
    per_workload = np.bincount(board.containers.workload[moved], minlength=1)
    return Cost(
        load=int(load(board, used).sum()),
        balance=int(imbalance(board, used).sum()),
        moves=costs.move * int(board.containers.price[moved].sum()),
        distance=costs.distance * int(board.nodes.distance[came[moved], node[moved]].sum(dtype=np.int64)),
        workloads=costs.workload * int(per_workload.max()),
    )


def usage(board: Board, node: Ints) -> Ints:
    """What stands on each node, [N, R]."""
    used = np.zeros_like(board.nodes.capacity)
    np.add.at(used, node, board.containers.requests)
    return used


def held(board: Board, node: Ints) -> Ints:
    """What stands on each node and what moving containers go on holding of it, [N, R]."""
    found, who = usage(board, node), board.containers
    left = np.flatnonzero(node != who.node)
    np.add.at(found, who.node[left], who.requests[left] * board.transient)
    return found


def load(board: Board, used: Ints, at: Ints | slice = EVERY) -> Ints:
    """What it costs on each of the nodes `at` to be fuller than is comfortable, where `used[len(at), R]` stands there."""
    found: Ints = (board.costs.load * np.maximum(0, used - board.nodes.comfort[at])).sum(axis=1)
    return found


def imbalance(board: Board, used: Ints, at: Ints | slice = EVERY) -> Ints:
    """The same of what is free of one resource without enough of another."""
    first, second, target, weight = board.costs.balances.T
    free = board.nodes.capacity[at] - used
    found: Ints = (weight * np.maximum(0, target * free[:, first] - free[:, second])).sum(axis=1)
    return found
