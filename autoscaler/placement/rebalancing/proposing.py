"""What to try next, drawn at random: who goes where, and who makes way.

Of three kinds: a shift; a swap of two that ask for about the same of some resource, for only such do fit where nodes are full; a chain, in
which who makes way goes to a third node.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Counts, Ints
from autoscaler.placement.compiling import part
from autoscaler.placement.rebalancing.board import Board
from autoscaler.placement.rebalancing.dice import throw
from autoscaler.placement.rebalancing.lists import Lists

KINDS, SHIFTS, ALIKE, SIBLINGS = 16, 5, 11, 14
"""Of 16 proposals 5 are shifts, 6 swaps of those alike, 3 swaps within a workload, 2 chains."""

NEAREST, SPANS = 4, 8
"""A swap's partner is at most 4, 8, … 512 ranks away."""


class Draw(NamedTuple):
    """`movable`: who is not pinned. `order[R, C]`: containers by what they ask of a resource; `rank[R, C]`: where in that order each is."""

    movable: Ints
    pinned: Ints
    order: Counts
    rank: Counts
    workload: Ints
    sibling_from: Ints
    siblings: Ints


def draw(board: Board) -> Draw:
    """Of the board's containers."""
    workload, count = board.containers.workload, len(board.workloads.most)
    order = np.argsort(board.containers.requests, axis=0, kind="stable").T
    return Draw(
        movable=np.flatnonzero(~board.containers.pinned),
        pinned=board.containers.pinned.astype(np.int64),
        order=np.ascontiguousarray(order, np.int32),
        rank=np.ascontiguousarray(np.argsort(order, axis=1), np.int32),
        workload=workload.astype(np.int64),
        sibling_from=np.concatenate([[0], np.cumsum(np.bincount(workload, minlength=count))]).astype(np.int64),
        siblings=np.argsort(workload, kind="stable"),
    )


@part
def propose(draw: Draw, lists: Lists, words: Ints) -> tuple[int, int, int, int]:
    """Container `who` goes to node `new`, and who makes way for it from there to node `third`: (who, new, way, third).

    Nobody makes way in a shift. Where `new` is where it stands already, there is nothing to try.
    """
    who, kind = draw.movable[throw(words, len(draw.movable))], throw(words, KINDS)
    old, nobody = lists.at[who], len(lists.at)
    if kind < SHIFTS:
        return who, throw(words, len(lists.many)), nobody, old
    if kind < ALIKE:
        way = _alike(draw, who, words)
    elif kind < SIBLINGS:
        way = _sibling(draw, who, words)
    else:
        way = _resident(lists, throw(words, len(lists.many)), who, words)
    third = old if kind < SIBLINGS else throw(words, len(lists.many))
    if draw.pinned[way] or third == lists.at[way]:
        return who, old, nobody, old
    return who, lists.at[way], way, third


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
