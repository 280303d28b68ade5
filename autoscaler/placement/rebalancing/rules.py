"""What must hold beside capacity: containers of a workload per node, its zones, what it depends on, how many move."""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.rebalancing.arrays import Bools, Counts, Ints
from autoscaler.placement.rebalancing.board import Board
from autoscaler.placement.rebalancing.compiling import kernel, part

MOVED, MOST_MOVED = 0, 1
"""Places in `totals`."""


class Rules(NamedTuple):
    """`node_row`, `zone_row`, `hood_row` [W]: the row of a workload in the counts of its containers, or -1 where no rule asks.

    What workload w needs is `needs[needs_from[w]:needs_from[w + 1]]`, and so are those that need it. `zones[W]`: so many it must have,
    `zones_of[W]`: so many it has. `moved_of[W]`: how many of it are away from home; `moved_like[k]`: how many workloads have k such.
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
    totals: Ints
    workload_price: int
    most_moves: int


def rules(board: Board) -> Rules:
    """Everyone at home. Fewer zones than asked for at the start are enough later."""
    who, nodes, workloads = board.containers, board.nodes, board.workloads
    count = len(workloads.most)
    needs_from, needs = _grouped(workloads.depends[:, 0], workloads.depends[:, 1], count)
    needed_from, needed_by = _grouped(workloads.depends[:, 1], workloads.depends[:, 0], count)
    node_row = _rows(np.bincount(who.workload, minlength=count) > workloads.most)
    zone_row = _rows(workloads.zones > 1)
    hood_row = _rows((np.diff(needs_from) > 0) | (np.diff(needed_from) > 0))
    in_zone = _counts(zone_row[who.workload], nodes.zone[who.node], int(nodes.zone.max()) + 1)
    zones_of = np.where(zone_row >= 0, np.append((in_zone > 0).sum(axis=1), 0)[zone_row], 0)
    moved_like = np.zeros(len(who.node) + 2, np.int64)
    moved_like[0] = count
    return Rules(
        home=who.node.astype(np.int64),
        workload=who.workload.astype(np.int64),
        kind=who.kind.astype(np.int64),
        allowed=board.allowed,
        zone=nodes.zone.astype(np.int64),
        hood=nodes.neighbourhood.astype(np.int64),
        most=workloads.most.astype(np.int64),
        zones=np.minimum(workloads.zones, zones_of),
        node_row=node_row,
        zone_row=zone_row,
        hood_row=hood_row,
        needs_from=needs_from,
        needs=needs,
        needed_from=needed_from,
        needed_by=needed_by,
        on_node=_counts(node_row[who.workload], who.node, len(nodes.zone)),
        in_zone=in_zone,
        in_hood=_counts(hood_row[who.workload], nodes.neighbourhood[who.node], int(nodes.neighbourhood.max()) + 1),
        zones_of=zones_of,
        moved_of=np.zeros(count, np.int64),
        moved_like=moved_like,
        totals=np.zeros(2, np.int64),
        workload_price=board.costs.workload,
        most_moves=board.most_moves,
    )


def _rows(asked: Bools) -> Ints:
    """Those that are asked about, numbered; -1 for the others."""
    return np.where(asked, np.cumsum(asked) - 1, -1)


def _grouped(keys: Ints, values: Ints, count: int) -> tuple[Ints, Ints]:
    """Where the values of each key from 0 to `count` - 1 begin, and the values, one key's after the other's."""
    begins = np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=count))])
    return begins.astype(np.int64), np.ascontiguousarray(values[np.argsort(keys, kind="stable")], np.int64)


def _counts(rows: Ints, columns: Ints, width: int) -> Counts:
    """How often each pair occurs; no row is -1."""
    counts = np.zeros((int(rows.max(initial=-1)) + 1, width), np.int32)
    np.add.at(counts, (rows[rows >= 0], columns[rows >= 0]), 1)
    return counts


@kernel
def recount(rules: Rules, who: int, old: int, new: int) -> int:
    """It goes from `old` to `new`; how much dearer the workload with most moved containers gets. The other way round undoes it."""
    workload, before = rules.workload[who], rules.totals[MOST_MOVED]
    row = rules.node_row[workload]
    if row >= 0:
        rules.on_node[row, old] -= 1
        rules.on_node[row, new] += 1
    if rules.zone_row[workload] >= 0 and rules.zone[old] != rules.zone[new]:
        _change_zone(rules, workload, rules.zone[old], rules.zone[new])
    row = rules.hood_row[workload]
    if row >= 0:
        rules.in_hood[row, rules.hood[old]] -= 1
        rules.in_hood[row, rules.hood[new]] += 1
    away = int(new != rules.home[who]) - int(old != rules.home[who])
    if away != 0:
        _count_moved(rules, workload, away)
    return (rules.totals[MOST_MOVED] - before) * rules.workload_price


@part
def _change_zone(rules: Rules, workload: int, old: int, new: int) -> None:
    row = rules.zone_row[workload]
    rules.in_zone[row, old] -= 1
    if rules.in_zone[row, old] == 0:
        rules.zones_of[workload] -= 1
    if rules.in_zone[row, new] == 0:
        rules.zones_of[workload] += 1
    rules.in_zone[row, new] += 1


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


@kernel
def hold(rules: Rules, who: int, old: int, new: int) -> bool:
    """Whether its going from `old` to `new`, counted already, breaks no rule."""
    workload = rules.workload[who]
    if new != rules.home[who] and (not rules.allowed[rules.kind[who], new] or rules.totals[MOVED] > rules.most_moves):
        return False
    row = rules.node_row[workload]
    if row >= 0 and rules.on_node[row, new] > rules.most[workload]:
        return False
    if rules.zone_row[workload] >= 0 and rules.zones_of[workload] < rules.zones[workload]:
        return False
    row, left, entered = rules.hood_row[workload], rules.hood[old], rules.hood[new]
    if row < 0 or left == entered or _has_needs(rules, workload, entered):
        return row < 0 or left == entered or rules.in_hood[row, left] > 0 or not _is_needed(rules, workload, left)
    return False


@part
def _has_needs(rules: Rules, workload: int, hood: int) -> bool:
    for place in range(rules.needs_from[workload], rules.needs_from[workload + 1]):
        if rules.in_hood[rules.hood_row[rules.needs[place]], hood] == 0:
            return False
    return True


@part
def _is_needed(rules: Rules, workload: int, hood: int) -> bool:
    for place in range(rules.needed_from[workload], rules.needed_from[workload + 1]):
        if rules.in_hood[rules.hood_row[rules.needed_by[place]], hood] > 0:
            return True
    return False
