"""Where more would move than may: those that pay best, one after the other."""

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.rebalancing.board import Board
from autoscaler.placement.rebalancing.costing import imbalance, load, usage


def limited(board: Board, node: Ints, most: int) -> Ints:
    """At most so many of the moves that lead to `node[C]`: again and again the one that makes all cheapest, as long as one does."""
    start, who = board.containers.node, board.containers
    left, found = np.flatnonzero(node != start), start.copy()
    if len(left) <= most:
        return node
    used = usage(board, start)
    for _ in range(most):
        gains = _gains(board, used, left, node)
        best = int(gains.argmax()) if len(left) else -1
        if best < 0 or gains[best] <= 0:
            break
        mover = left[best]
        used[start[mover]] -= who.requests[mover]
        used[node[mover]] += who.requests[mover]
        found[mover] = node[mover]
        left = np.delete(left, best)
    return found


def _gains(board: Board, used: Ints, movers: Ints, node: Ints) -> Ints:
    """How much cheaper all gets by each move alone."""
    who, source, target = board.containers, board.containers.node[movers], node[movers]
    asks = who.requests[movers]
    before = _costs(board, source, used[source]) + _costs(board, target, used[target])
    after = _costs(board, source, used[source] - asks) + _costs(board, target, used[target] + asks)
    gains: Ints = before - after - board.costs.move * who.price[movers]
    return gains


def _costs(board: Board, at: Ints, used: Ints) -> Ints:
    """Of nodes `at[M]` on which `used[M, R]` stands."""
    return load(board, used, at) + imbalance(board, used, at)
