"""Simulated annealing on the books of one stream: a dearer assignment is borne as long as its heat allows (Kirkpatrick et al., 1983).

Nodes too full and rules broken are borne as well, at a toll: where nodes are nearly full, hardly a single move fits, and most ways to a
better assignment lead through such that are not allowed.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import kernel, part
from autoscaler.placement.rebalancing.dice import throw
from autoscaler.placement.rebalancing.journeys import Journeys, fare
from autoscaler.placement.rebalancing.lists import Lists, relist
from autoscaler.placement.rebalancing.loads import Loads, carry, dearer, reprice
from autoscaler.placement.rebalancing.proposing import Draw, propose
from autoscaler.placement.rebalancing.reaching import Reach
from autoscaler.placement.rebalancing.rules import MOVED, Rules, may_go, recount

PARTS = "5e49bb398c1c"
"""Stands for the text of what is compiled into `anneal`: a cache on disk is told stale by this file's text alone, not by theirs."""

PATIENCES = 4096
PATIENCE = np.round(-np.log((np.arange(PATIENCES) + 0.5) / PATIENCES) * 1024).astype(np.int64)
"""What is borne, in 1024ths of the heat: minus the logarithm of numbers spread evenly between 0 and 1."""


class Books(NamedTuple):
    """All that one stream reads and writes."""

    loads: Loads
    journeys: Journeys
    lists: Lists
    rules: Rules
    draw: Draw
    reach: Reach
    words: Ints


@kernel
def anneal(
    loads: Loads,
    journeys: Journeys,
    lists: Lists,
    rules: Rules,
    draw: Draw,
    reach: Reach,
    words: Ints,
    patience: Ints,
    heat: int,
    tries: int,
) -> None:
    """Try so many changes at this heat, in units of cost."""
    for _ in range(tries):
        who, new, way, third = propose(draw, reach, lists, words)
        old = lists.at[who]
        if new == old:
            continue
        bear = (heat * patience[throw(words, PATIENCES)]) >> 10
        bear -= fare(journeys, who, old, new) + fare(journeys, way, new, third)
        bear -= _dearer(loads, who, old, new, way, third, bear)
        if bear >= 0 and _is_right(rules, who, old, new, way, third, bear):
            _settle(loads, lists, way, third)
            _settle(loads, lists, who, new)


@part
def _dearer(loads: Loads, who: int, old: int, new: int, way: int, third: int, bear: int) -> int:
    """How much dearer the nodes get; if that is more than is borne, some number that is more, too."""
    nobody = len(loads.home) - 1
    total = dearer(loads, new, way, who)
    # No node can get cheaper than free.
    if total - loads.cost[old] - (loads.cost[third] if third != old else 0) > bear:
        return bear + 1
    total += dearer(loads, old, who, way if third == old else nobody)
    return total if third == old else total + dearer(loads, third, nobody, way)


@part
def _is_right(rules: Rules, who: int, old: int, new: int, way: int, third: int, bear: int) -> bool:
    """Whether that much bears what it does to rules; if so, it is counted."""
    if not may_go(rules, who, new) or not may_go(rules, way, third):
        return False
    total = recount(rules, way, new, third) + recount(rules, who, old, new)
    if total <= bear and rules.totals[MOVED] <= rules.most_moves:
        return True
    recount(rules, who, new, old)
    recount(rules, way, third, new)
    return False


@kernel
def _settle(loads: Loads, lists: Lists, who: int, node: int) -> None:
    """It stands there from now on; nobody stands nowhere."""
    if who == len(lists.at):
        return
    old = lists.at[who]
    carry(loads, who, old, -1)
    carry(loads, who, node, 1)
    relist(lists, who, node)
    reprice(loads, old)
    reprice(loads, node)
