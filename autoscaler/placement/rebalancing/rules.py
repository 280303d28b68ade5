"""What must hold beside capacity: containers of a workload per node, its zones, what it depends on, how many move."""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Bools, Counts, Ints
from autoscaler.placement.compiling import kernel, part
from autoscaler.placement.rebalancing.board import Board

MOVED, MOST_MOVED = 0, 1
"""Places in `totals`."""


class Rules(NamedTuple):
    """`node_row`, `zone_row`, `hood_row` [W]: the row of a workload in the counts of its containers, or -1 where no rule asks.

    What workload w needs is `needs[needs_from[w]:needs_from[w + 1]]`, and so are those that need it. `zones[W]`: so many it must have,
    `zones_of[W]`: so many it has. `moved_of[W]`: how many of it are away from home; `moved_like[k]`: how many workloads have k such.
    `toll[0]` is for each breach of a rule.
    """

    home: Ints
    workload: Ints
    kind: Ints
    allowed: Bools
    zone: Ints
    hood: Ints
    most: Ints
    zones: Ints
    node_row: Ints
    zone_row: Ints
    hood_row: Ints
    needs_from: Ints
    needs: Ints
    needed_from: Ints
    needed_by: Ints
    on_node: Counts
    in_zone: Counts
    in_hood: Counts
    zones_of: Ints
    moved_of: Ints
    moved_like: Ints
    toll: Ints
    totals: Ints
    workload_price: int
    most_moves: int


def rules(board: Board, node: Ints) -> Rules:
    """Of containers that stand at `node[C]`."""
    who, workloads = board.containers, board.workloads
    count, wide = len(workloads.most), (int(board.nodes.zone.max()) + 1, int(board.nodes.neighbourhood.max()) + 1)
    needs_from, needs = _grouped(workloads.depends[:, 0], workloads.depends[:, 1], count)
    needed_from, needed_by = _grouped(workloads.depends[:, 1], workloads.depends[:, 0], count)
    node_row = _rows(np.bincount(who.workload, minlength=count) > workloads.most)
    zone_row = _rows(workloads.zones > 1)
    hood_row = _rows((np.diff(needs_from) > 0) | (np.diff(needed_from) > 0))
    in_zone = _counts(zone_row, who.workload, board.nodes.zone[node], wide[0])
    moved_of = np.bincount(who.workload[node != who.node], minlength=count)
    return Rules(
        home=who.node.astype(np.int64),
        workload=who.workload.astype(np.int64),
        kind=who.kind.astype(np.int64),
        allowed=np.ascontiguousarray(board.allowed),
        zone=board.nodes.zone.astype(np.int64),
        hood=board.nodes.neighbourhood.astype(np.int64),
        most=workloads.most.astype(np.int64),
        zones=workloads.zones.astype(np.int64),
        node_row=node_row,
        zone_row=zone_row,
        hood_row=hood_row,
        needs_from=needs_from,
        needs=needs,
        needed_from=needed_from,
        needed_by=needed_by,
        on_node=_counts(node_row, who.workload, node, len(board.nodes.zone)),
        in_zone=in_zone,
        in_hood=_counts(hood_row, who.workload, board.nodes.neighbourhood[node], wide[1]),
        zones_of=_zones_of(zone_row, in_zone),
        moved_of=moved_of,
        moved_like=np.bincount(moved_of, minlength=len(node) + 2),
        totals=np.array([moved_of.sum(), moved_of.max()]),
        toll=np.zeros(1, np.int64),
        workload_price=board.costs.workload,
        most_moves=board.most_moves,
    )


def _zones_of(zone_row: Ints, in_zone: Counts) -> Ints:
    zones_of = np.zeros(len(zone_row), np.int64)
    zones_of[zone_row >= 0] = (in_zone > 0).sum(axis=1)
    return zones_of


def _rows(asked: Bools) -> Ints:
    """Those that are asked about, numbered; -1 for the others."""
    return np.where(asked, np.cumsum(asked) - 1, -1)


def _grouped(keys: Ints, values: Ints, count: int) -> tuple[Ints, Ints]:
    """Where the values of each key from 0 to `count` - 1 begin, and the values, one key's after the other's."""
    begins = np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=count))])
    return begins.astype(np.int64), np.ascontiguousarray(values[np.argsort(keys, kind="stable")], np.int64)


def _counts(row: Ints, workload: Ints, where: Ints, width: int) -> Counts:
    """Containers of each workload that has a row, in each of `width` places."""
    counts = np.zeros((int(row.max(initial=-1)) + 1, width), np.int32)
    asked = row[workload] >= 0
    np.add.at(counts, (row[workload[asked]], where[asked]), 1)
    return counts


@kernel
def recount(rules: Rules, who: int, old: int, new: int) -> int:
    """It goes from `old` to `new`; how much dearer rules get by it: those it breaks, and the most moved of a workload.

    The other way round undoes it.
    """
    if who == len(rules.home):
        return 0
    workload, broken, most = rules.workload[who], 0, rules.totals[MOST_MOVED]
    row = rules.node_row[workload]
    if row >= 0:
        broken += int(rules.on_node[row, new] >= rules.most[workload]) - int(rules.on_node[row, old] > rules.most[workload])
        rules.on_node[row, old] -= 1
        rules.on_node[row, new] += 1
    if rules.zone_row[workload] >= 0 and rules.zone[old] != rules.zone[new]:
        broken += _change_zone(rules, workload, rules.zone[old], rules.zone[new])
    if rules.hood_row[workload] >= 0 and rules.hood[old] != rules.hood[new]:
        broken += _leave_hood(rules, workload, rules.hood[old]) + _enter_hood(rules, workload, rules.hood[new])
    away = int(new != rules.home[who]) - int(old != rules.home[who])
    if away != 0:
        _count_moved(rules, workload, away)
    dearer: int = (rules.totals[MOST_MOVED] - most) * rules.workload_price + broken * rules.toll[0]
    return dearer


@part
def _change_zone(rules: Rules, workload: int, old: int, new: int) -> int:
    """How many more zones it now lacks."""
    row, needed = rules.zone_row[workload], rules.zones[workload]
    lacked: int = max(0, needed - rules.zones_of[workload])
    rules.in_zone[row, old] -= 1
    rules.zones_of[workload] += int(rules.in_zone[row, new] == 0) - int(rules.in_zone[row, old] == 0)
    rules.in_zone[row, new] += 1
    lacks: int = max(0, needed - rules.zones_of[workload])
    return lacks - lacked


@part
def _enter_hood(rules: Rules, workload: int, hood: int) -> int:
    """The first of a workload there misses what is not there, and is no longer missed; how many more are missing."""
    row = rules.hood_row[workload]
    rules.in_hood[row, hood] += 1
    return _alone(rules, workload, hood) if rules.in_hood[row, hood] == 1 else 0


@part
def _leave_hood(rules: Rules, workload: int, hood: int) -> int:
    """As `_enter_hood`, the other way round."""
    row = rules.hood_row[workload]
    rules.in_hood[row, hood] -= 1
    return -_alone(rules, workload, hood) if rules.in_hood[row, hood] == 0 else 0


@part
def _alone(rules: Rules, workload: int, hood: int) -> int:
    """How many of those that it needs are not there, less how many are there that need it."""
    alone = 0
    for place in range(rules.needs_from[workload], rules.needs_from[workload + 1]):
        alone += int(rules.in_hood[rules.hood_row[rules.needs[place]], hood] == 0)
    for place in range(rules.needed_from[workload], rules.needed_from[workload + 1]):
        alone -= int(rules.in_hood[rules.hood_row[rules.needed_by[place]], hood] > 0)
    return alone


@part
def _count_moved(rules: Rules, workload: int, change: int) -> None:
    """One more or less of the workload is away from home; the most of any follows."""
    moved = rules.moved_of[workload]
    rules.moved_of[workload] = moved + change
    rules.moved_like[moved] -= 1
    rules.moved_like[moved + change] += 1
    rules.totals[MOVED] += change
    if moved + change > rules.totals[MOST_MOVED]:
        rules.totals[MOST_MOVED] = moved + change
    elif moved == rules.totals[MOST_MOVED] and rules.moved_like[moved] == 0:
        rules.totals[MOST_MOVED] = moved - 1


@part
def may_go(rules: Rules, who: int, node: int) -> bool:
    """Whether it is at home there, or its kind is allowed there; nobody may go anywhere."""
    return who == len(rules.home) or rules.home[who] == node or rules.allowed[rules.kind[who], node]
