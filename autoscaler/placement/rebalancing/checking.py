"""Whether an assignment breaks no more than was broken at the start, looked at from nothing: no result leaves the search without it."""

import numpy as np

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.rebalancing.board import Board
from autoscaler.placement.rebalancing.costing import held, usage


def sound(board: Board, node: Ints) -> bool:
    """All rules of the board hold for containers that stand at `node[C]`, as far as they held at the start."""
    who, start = board.containers, board.containers.node
    moved = node != start
    return not (
        (moved & (who.pinned | ~board.allowed[who.kind, node])).any()
        or moved.sum() > board.most_moves
        or _overfull(board, node)
        or len(crowded(board, node)) > 0
        or (missing_zones(board, node) > missing_zones(board, start)).any()
        or (missing_needs(board, node) & ~missing_needs(board, start)).any()
    )


def _overfull(board: Board, node: Ints) -> bool:
    limit = np.maximum(board.nodes.capacity, usage(board, board.containers.node))
    return bool((held(board, node) > limit).any())


def crowded(board: Board, node: Ints) -> Ints:
    """The pairs of workload and node of which there are more than there may be, and more than at the start."""
    found, now = np.unique(pairs(board, node), return_counts=True)
    known, then = np.unique(pairs(board, board.containers.node), return_counts=True)
    place = np.minimum(np.searchsorted(known, found), len(known) - 1)
    before = np.where(known[place] == found, then[place], 0)
    return found[now > np.maximum(before, board.workloads.most[found // len(board.nodes.zone)])]


def pairs(board: Board, node: Ints) -> Ints:
    """Workload and node of each container, as one number."""
    return board.containers.workload * len(board.nodes.zone) + node


def _presence(board: Board, group: Ints, node: Ints) -> Bools:
    """Which workloads have a container in which groups of nodes, [W, groups], of `group[N]`."""
    present = np.zeros((len(board.workloads.most), int(group.max()) + 1), np.bool_)
    present[board.containers.workload, group[node]] = True
    return present


def missing_zones(board: Board, node: Ints) -> Ints:
    """How many zones each workload lacks, [W]."""
    lacking: Ints = np.maximum(0, board.workloads.zones - _presence(board, board.nodes.zone, node).sum(axis=1))
    return lacking


def missing_needs(board: Board, node: Ints) -> Bools:
    """Which dependencies are broken in which neighbourhoods, [D, neighbourhoods]."""
    present = _presence(board, board.nodes.neighbourhood, node)
    needy, needed = board.workloads.depends.T
    missing: Bools = present[needy] & ~present[needed]
    return missing
