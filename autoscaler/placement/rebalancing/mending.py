"""What is not allowed is mended by sending home: at home everyone is allowed, and each one that goes there only once.

Who goes home may find it taken, so that others must go home in turn; in the end it is the assignment of the start that holds.
"""

import numpy as np

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.rebalancing.board import Board
from autoscaler.placement.rebalancing.checking import crowded, missing_needs, missing_zones, pairs
from autoscaler.placement.rebalancing.costing import held, usage


def mended(board: Board, node: Ints) -> Ints:
    """As `node[C]`, less the moves that must be taken back."""
    node, home = node.copy(), board.containers.node
    while True:
        back = (_unruly(board, node) | _crowding(board, node)) & (node != home)
        if not back.any():
            return node
        node[back] = home[back]


def _unruly(board: Board, node: Ints) -> Bools:
    """The containers of workloads of which a rule is broken that was not; where too many stand on a node, those alone."""
    start, workload = board.containers.node, board.containers.workload
    unruly = missing_zones(board, node) > missing_zones(board, start)
    apart = (missing_needs(board, node) & ~missing_needs(board, start)).any(axis=1)
    unruly[board.workloads.depends[apart].ravel()] = True
    found: Bools = unruly[workload] | np.isin(pairs(board, node), crowded(board, node))
    return found


def _crowding(board: Board, node: Ints) -> Bools:
    """Of each node that is too full, one who came there: the smallest that helps enough, or the largest."""
    who, limit = board.containers, np.maximum(board.nodes.capacity, usage(board, board.containers.node))
    over = np.maximum(0, held(board, node) - limit)
    found = np.zeros(len(node), np.bool_)
    for full in np.flatnonzero(over.any(axis=1)):
        came = np.flatnonzero((node == full) & (who.node != full))
        helps = np.minimum(who.requests[came], over[full]) / np.maximum(1, over[full])
        size = (who.requests[came] / np.maximum(1, limit[full])).max(axis=1)
        enough = (helps >= (over[full] > 0)).all(axis=1)
        order = np.where(enough, size, np.inf) if enough.any() else -helps.sum(axis=1)
        found[came[np.argmin(order)]] = True
    return found
