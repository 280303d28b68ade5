"""What to try next, drawn at random: who goes where, and who makes way.

Of three kinds: a shift; a swap of two that ask for about the same of some resource, for only such do fit where nodes are full; a chain, in
which who makes way goes to a third node.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.rebalancing.arrays import Counts, Ints
from autoscaler.placement.rebalancing.board import Board
from autoscaler.placement.rebalancing.compiling import part
from autoscaler.placement.rebalancing.dice import throw
from autoscaler.placement.rebalancing.lists import Lists

KINDS, SHIFTS, SWAPS = 16, 6, 14
"""Of 16 proposals 6 are shifts, 8 swaps, 2 chains."""

NEAREST, SPANS = 4, 8
"""A swap's partner is at most 4, 8, … 512 ranks away."""


class Draw(NamedTuple):
    """`movable`: who is not pinned. `order[R, C]`: containers by what they ask of a resource; `rank[R, C]`: where in that order each is."""

    movable: Ints
    pinned: Ints
    order: Counts
    rank: Counts


def draw(board: Board) -> Draw:
    """Of the board's containers."""
    order = np.argsort(board.containers.requests, axis=0, kind="stable").T
    return Draw(
        movable=np.flatnonzero(~board.containers.pinned),
        pinned=board.containers.pinned.astype(np.int64),
        order=np.ascontiguousarray(order, np.int32),
        rank=np.ascontiguousarray(np.argsort(order, axis=1), np.int32),
    )


@part
def propose(draw: Draw, lists: Lists, words: Ints) -> tuple[int, int, int, int]:
    """Container `who` goes to node `new`, and who makes way for it from there to node `third`: (who, new, way, third).

    Nobody makes way in a shift. Where `new` is where it stands already, there is nothing to try.
    """
    who, kind = draw.movable[throw(words, len(draw.movable))], throw(words, KINDS)
    old, nobody = lists.at[who], len(lists.at)
    if kind < SHIFTS:
        return who, throw(words, len(lists.count)), nobody, old
    way = _alike(draw, who, words) if kind < SWAPS else _resident(lists, throw(words, len(lists.count)), who, words)
    third = old if kind < SWAPS else throw(words, len(lists.count))
    if draw.pinned[way] or third == lists.at[way]:
        return who, old, nobody, old
    return who, lists.at[way], way, third


@part
def _alike(draw: Draw, who: int, words: Ints) -> int:
    """One that asks for about as much of some resource."""
    resource, span = throw(words, draw.rank.shape[0]), NEAREST << throw(words, SPANS)
    rank = draw.rank[resource, who] + throw(words, 2 * span + 1) - span
    return draw.order[resource, min(max(0, rank), draw.rank.shape[1] - 1)]


@part
def _resident(lists: Lists, node: int, other: int, words: Ints) -> int:
    """One that stands on the node, or `other` where it is empty."""
    count = lists.count[node]
    return lists.members[lists.first[node] + throw(words, count)] if count > 0 else other
