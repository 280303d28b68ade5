"""Where a container can go at all, whatever else leaves: what is transient goes on being held at home by all who left it.

Where nodes are nearly full, those that ask for much can go to a few nodes only; drawn from all, nearly each of their moves is in vain.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Bools, Counts, Ints
from autoscaler.placement.compiling import kernel, part
from autoscaler.placement.rebalancing.board import Board
from autoscaler.placement.rebalancing.costing import usage
from autoscaler.placement.rebalancing.dice import throw

LISTED = 64
"""Whoever can go to more nodes has no list: drawing from all finds one of them soon."""

DRAWS = 4


class Reach(NamedTuple):
    """`room[N, R]`: what a node has for others than its own, if all leave that can.

    Container c can go to `choices[first[c]:first[c + 1]]`, its home among them; without any of these, to most nodes.
    """

    home: Ints
    requests: Ints
    room: Ints
    first: Ints
    choices: Counts


def reach(board: Board) -> Reach:
    """The board's."""
    who, start = board.containers, usage(board, board.containers.node)
    stays = np.zeros_like(start)
    np.add.at(stays, who.node, who.requests * (board.transient | who.pinned[:, None]))
    room = (np.maximum(board.nodes.capacity, start) - stays).astype(np.int64)
    home, requests = who.node.astype(np.int64), np.ascontiguousarray(who.requests, np.int64)
    listed, many = _listed(home, requests, room, np.ascontiguousarray(board.allowed), who.kind.astype(np.int64))
    return Reach(
        home=home,
        requests=requests,
        room=room,
        first=np.concatenate([[0], np.cumsum(many)]).astype(np.int64),
        choices=listed[np.arange(LISTED) < many[:, None]],
    )


@kernel
def _listed(home: Ints, requests: Ints, room: Ints, allowed: Bools, kind: Ints) -> tuple[Counts, Ints]:
    """The nodes of each container, and how many: none where there are too many."""
    listed, many = np.zeros((len(home), LISTED), np.int32), np.zeros(len(home), np.int64)
    for who in range(len(home)):
        for node in range(len(room)):
            if home[who] != node and not (allowed[kind[who], node] and _has_room(requests, room, who, node)):
                continue
            if many[who] == LISTED:
                many[who] = 0
                break
            listed[who, many[who]] = node
            many[who] += 1
    return listed, many


@part
def _has_room(requests: Ints, room: Ints, who: int, node: int) -> bool:
    resource, count = 0, room.shape[1]
    while resource < count and requests[who, resource] <= room[node, resource]:
        resource += 1
    enough: bool = resource == count
    return enough


@part
def within_reach(reach: Reach, who: int, node: int) -> bool:
    """Whether it is at home there or the node has room for it; nobody can go anywhere."""
    return who == len(reach.home) or reach.home[who] == node or _has_room(reach.requests, reach.room, who, node)


@part
def goal(reach: Reach, who: int, words: Ints) -> int:
    """One of the nodes to which it can go; without a list, any one if none is found soon."""
    first, many = reach.first[who], reach.first[who + 1] - reach.first[who]
    if many > 0:
        return int(reach.choices[first + throw(words, many)])
    node, draws = throw(words, len(reach.room)), 1
    while draws < DRAWS and not within_reach(reach, who, node):
        node, draws = throw(words, len(reach.room)), draws + 1
    return node
