"""What to try next, drawn at random: who goes where, and who makes way; who asks for more is drawn more often, being harder to place.

Of three kinds: a shift; a swap of two that ask for about the same of some resource, for only such do fit where nodes are full, or of two of
one workload; a chain, in which who makes way goes to a third node or, every other time, where the first one was.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Bools, Counts, Ints
from autoscaler.placement.compiling import part
from autoscaler.placement.rebalancing.board import Board
from autoscaler.placement.rebalancing.dice import throw
from autoscaler.placement.rebalancing.lists import Lists
from autoscaler.placement.rebalancing.reaching import Reach, goal, within_reach

KINDS, SHIFTS, ALIKE, SIBLINGS = 16, 5, 11, 14
"""Of 16 proposals 5 are shifts, 6 swaps of those alike, 3 swaps within a workload, 2 chains."""

NEAREST, SPANS = 4, 8
"""A swap's partner is at most 4, 8, … 512 ranks away."""


class Draw(NamedTuple):
    """`movable`: who can leave home, the largest first. `fixed[C]`: who cannot.

    `order[R, C]`: containers by what they ask of a resource; `rank[R, C]`: where in that order each is.
    """

    movable: Ints
    fixed: Bools
    order: Counts
    rank: Counts
    workload: Ints
    sibling_from: Ints
    siblings: Ints


def draw(board: Board, reach: Reach) -> Draw:
    """Of the board's containers."""
    workload, count = board.containers.workload, len(board.workloads.most)
    order = np.argsort(board.containers.requests, axis=0, kind="stable").T
    fixed = board.containers.pinned | (np.diff(reach.first) == 1)
    largest = np.argsort(-_sizes(board), kind="stable")
    return Draw(
        movable=largest[~fixed[largest]].astype(np.int64),
        fixed=fixed,
        order=np.ascontiguousarray(order, np.int32),
        rank=np.ascontiguousarray(np.argsort(order, axis=1), np.int32),
        workload=workload.astype(np.int64),
        sibling_from=np.concatenate([[0], np.cumsum(np.bincount(workload, minlength=count))]).astype(np.int64),
        siblings=np.argsort(workload, kind="stable"),
    )


def _sizes(board: Board) -> Ints:
    """What each asks of the resource of which it asks most, in millionths of an average node."""
    whole = np.maximum(1, board.nodes.capacity.sum(axis=0) // len(board.nodes.zone))
    sizes: Ints = (board.containers.requests * 1_000_000 // whole).max(axis=1)
    return sizes


@part
def propose(draw: Draw, reach: Reach, lists: Lists, words: Ints) -> tuple[int, int, int, int]:
    """Container `who` goes to node `new`, and who makes way for it from there to node `third`: (who, new, way, third).

    Nobody makes way in a shift. Where `new` is where it stands already, there is nothing to try.
    """
    who, kind = _container(draw, words), throw(words, KINDS)
    old, nobody = lists.at[who], len(lists.at)
    if kind < SHIFTS:
        return who, goal(reach, who, words), nobody, old
    if kind < ALIKE:
        way = _alike(draw, who, words)
    elif kind < SIBLINGS:
        way = _sibling(draw, who, words)
    else:
        way = _resident(lists, goal(reach, who, words), who, words)
    third = goal(reach, way, words) if kind >= SIBLINGS and throw(words, 2) == 0 else old
    new = lists.at[way]
    if draw.fixed[way] or third == new or not within_reach(reach, who, new) or not within_reach(reach, way, third):
        return who, old, nobody, old
    return who, new, way, third


@part
def _container(draw: Draw, words: Ints) -> int:
    """Any one, or every other time one that is as large or larger."""
    rank = throw(words, len(draw.movable))
    found: int = draw.movable[throw(words, rank + 1) if throw(words, 2) == 0 else rank]
    return found


@part
def _alike(draw: Draw, who: int, words: Ints) -> int:
    """One that asks for about as much of some resource."""
    resource, span = throw(words, draw.rank.shape[0]), NEAREST << throw(words, SPANS)
    rank = draw.rank[resource, who] + throw(words, 2 * span + 1) - span
    found: int = draw.order[resource, min(max(0, rank), draw.rank.shape[1] - 1)]
    return found


@part
def _sibling(draw: Draw, who: int, words: Ints) -> int:
    """One of the same workload: where that must stand on nearly all nodes, its containers can but change places."""
    first, end = draw.sibling_from[draw.workload[who]], draw.sibling_from[draw.workload[who] + 1]
    found: int = draw.siblings[first + throw(words, end - first)]
    return found


@part
def _resident(lists: Lists, node: int, other: int, words: Ints) -> int:
    """One that stands on the node, or `other` where it is empty."""
    count = lists.many[node]
    return lists.members[lists.first[node] + throw(words, count)] if count > 0 else other
