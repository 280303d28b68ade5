"""Simulated annealing."""

from typing import NamedTuple
import numpy as np

from autoscaler.placement.rebalancing.arrays import Counts, Ints
from autoscaler.placement.rebalancing.compiling import kernel, part
from autoscaler.placement.rebalancing.dice import throw
from autoscaler.placement.rebalancing.loads import Loads, fits, dearer, carry
from autoscaler.placement.rebalancing.journeys import Journeys, fare
from autoscaler.placement.rebalancing.lists import Lists, relist
from autoscaler.placement.rebalancing.rules import Rules, hold, recount

PATIENCE = np.round(-np.log((np.arange(4096) + 0.5) / 4096) * 1024).astype(np.int64)


class Alike(NamedTuple):
    movable: Ints
    order: Counts
    rank: Counts
    patience: Ints


@kernel
def anneal(loads: Loads, journeys: Journeys, lists: Lists, rules: Rules, alike: Alike, words: Ints, cost: int, heat: int, cooling: int, steps: int, tries: int, stats: Ints) -> int:
    nobody, nodes, many = len(loads.home) - 1, len(lists.count), len(alike.movable)
    for _ in range(steps):
        for _ in range(tries):
            who = alike.movable[throw(words, many)]
            old = lists.at[who]
            what = throw(words, 16)
            if what < 6:
                what = 0
                new, other, third = throw(words, nodes), nobody, -1
            elif what < 14:
                what = 3
                resource = throw(words, alike.rank.shape[0])
                span = 1 << (2 + throw(words, 8))
                rank = alike.rank[resource, who] + throw(words, 2 * span) - span
                if rank < 0 or rank >= nobody:
                    continue
                other = alike.order[resource, rank]
                new, third = lists.at[other], old
            else:
                what = 6
                new, third = throw(words, nodes), throw(words, nodes)
                if lists.count[new] == 0 or third == new or third == old:
                    continue
                other = lists.members[lists.first[new] + throw(words, lists.count[new])]
            stats[what] += 1
            if new == old:
                continue
            stays = other if third == old else nobody
            fit = True
            for role in range(3):
                if role == 0:
                    node, leaver, comer = new, other, who
                elif role == 1:
                    if third != old:
                        continue
                    node, leaver, comer = old, who, other
                else:
                    if third == old or third < 0:
                        continue
                    node, leaver, comer = third, nobody, other
                if not fits(loads, node, leaver, comer):
                    fit = False
                    break
            if not fit:
                continue
            stats[what + 1] += 1
            bear = (heat * alike.patience[throw(words, 4096)]) >> 10
            extra = fare(journeys, who, old, new)
            if other != nobody:
                extra += fare(journeys, other, new, third)
            for role in range(3):
                if role == 0:
                    node, leaver, comer = new, other, who
                elif role == 1:
                    node, leaver, comer = old, who, stays
                else:
                    if third == old or third < 0:
                        continue
                    node, leaver, comer = third, nobody, other
                extra += dearer(loads, node, leaver, comer)
            if extra > bear:
                continue
            extra += recount(rules, who, old, new)
            if other != nobody:
                extra += recount(rules, other, new, third)
            if extra > bear or not hold(rules, who, old, new) or (other != nobody and not hold(rules, other, new, third)):
                if other != nobody:
                    recount(rules, other, third, new)
                recount(rules, who, new, old)
                continue
            stats[what + 2] += 1
            cost += extra
            if other != nobody:
                go(loads, lists, other, third)
            go(loads, lists, who, new)
        heat = (heat * cooling) >> 16
    return cost


@kernel
def go(loads: Loads, lists: Lists, who: int, node: int) -> None:
    old, nobody = lists.at[who], len(loads.home) - 1
    carry(loads, who, old, -1)
    carry(loads, who, node, 1)
    relist(lists, who, node)
    loads.cost[old] += dearer(loads, old, nobody, nobody)
    loads.cost[node] += dearer(loads, node, nobody, nobody)
