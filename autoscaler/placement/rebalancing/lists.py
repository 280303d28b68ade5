"""Lists of who stands on each node, side by side in one array, so that one of a node can be drawn at random.

When a list is full, all are laid out anew, each with half of its length in spare.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import kernel, part


class Lists(NamedTuple):
    """`at[C]`: where each stands; `place[C]`: where in `members` it is listed.

    The list of node n has `many[n]` members, begins at `first[n]` and may grow to `room[n]`.
    """

    at: Ints
    place: Ints
    members: Ints
    first: Ints
    room: Ints
    many: Ints


def lists(at: Ints, nodes: int) -> Lists:
    """Of containers that stand `at[C]`."""
    made = Lists(
        at=at.astype(np.int64),
        place=np.zeros(len(at), np.int64),
        members=np.zeros(2 * len(at) + 4 * nodes, np.int64),
        first=np.zeros(nodes, np.int64),
        room=np.zeros(nodes, np.int64),
        many=np.zeros(nodes, np.int64),
    )
    lay_out(made)
    return made


@part
def relist(lists: Lists, who: int, node: int) -> None:
    """From its node's list to that of `node`; the last one takes the place that is left."""
    old = lists.at[who]
    lists.many[old] -= 1
    last = lists.members[lists.first[old] + lists.many[old]]
    lists.members[lists.place[who]] = last
    lists.place[last] = lists.place[who]
    lists.at[who] = node
    if lists.many[node] == lists.room[node]:
        lay_out(lists)
    else:
        _append(lists, who, node)


@kernel
def lay_out(lists: Lists) -> None:
    """All lists anew, from `at`, in the order of containers."""
    lists.many[:] = 0
    for node in lists.at:
        lists.many[node] += 1
    begin = 0
    for node in range(len(lists.many)):
        lists.first[node] = begin
        lists.room[node] = lists.many[node] + (lists.many[node] >> 1) + 4
        begin += lists.room[node]
        lists.many[node] = 0
    for who in range(len(lists.at)):
        _append(lists, who, lists.at[who])


@part
def _append(lists: Lists, who: int, node: int) -> None:
    lists.place[who] = lists.first[node] + lists.many[node]
    lists.members[lists.place[who]] = who
    lists.many[node] += 1
