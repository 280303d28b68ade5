"""Whether an assignment breaks no more than was broken at the start, looked at from nothing: no result leaves the search without it."""

import numpy as np

from autoscaler.placement.rebalancing.arrays import Bools, Ints
from autoscaler.placement.rebalancing.board import Board
from autoscaler.placement.rebalancing.costing import usage


def sound(board: Board, node: Ints) -> bool:
    """All rules of the board hold for containers that stand at `node[C]`, as far as they held at the start."""
    who, start = board.containers, board.containers.node
    moved = node != start
    return not (
        (moved & (who.pinned | ~board.allowed[who.kind, node])).any()
        or moved.sum() > board.most_moves
        or _overfull(board, node)
        or _crowded(board, node)
        or (_missing_zones(board, node) > _missing_zones(board, start)).any()
        or (_missing_needs(board, node) & ~_missing_needs(board, start)).any()
    )


def held(board: Board, node: Ints) -> Ints:
    """What stands on each node and what moving containers go on holding of it, [N, R]."""
    found, who = usage(board, node), board.containers
    left = np.flatnonzero(node != who.node)
    np.add.at(found, who.node[left], who.requests[left] * board.transient)
    return found


def _overfull(board: Board, node: Ints) -> bool:
    limit = np.maximum(board.nodes.capacity, usage(board, board.containers.node))
    return bool((held(board, node) > limit).any())


def _crowded(board: Board, node: Ints) -> bool:
    """Too many of a workload where there were fewer."""
    pairs, now = np.unique(_pairs(board, node), return_counts=True)
    known, then = np.unique(_pairs(board, board.containers.node), return_counts=True)
    place = np.minimum(np.searchsorted(known, pairs), len(known) - 1)
    before = np.where(known[place] == pairs, then[place], 0)
    return bool((now > np.maximum(before, board.workloads.most[pairs // len(board.nodes.zone)])).any())


def _pairs(board: Board, node: Ints) -> Ints:
    """Workload and node of each container, as one number."""
    return board.containers.workload * len(board.nodes.zone) + node


def _presence(board: Board, group: Ints, node: Ints) -> Bools:
    """Which workloads have a container in which groups of nodes, [W, groups], of `group[N]`."""
    present = np.zeros((len(board.workloads.most), int(group.max()) + 1), np.bool_)
    present[board.containers.workload, group[node]] = True
    return present


def _missing_zones(board: Board, node: Ints) -> Ints:
    return np.maximum(0, board.workloads.zones - _presence(board, board.nodes.zone, node).sum(axis=1))


def _missing_needs(board: Board, node: Ints) -> Bools:
    """Which dependencies are broken in which neighbourhoods, [D, neighbourhoods]."""
    present = _presence(board, board.nodes.neighbourhood, node)
    needy, needed = board.workloads.depends.T
    return present[needy] & ~present[needed]
