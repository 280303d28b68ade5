"""Replicas of a cluster to better places: what `autoscaler rebalance` asks where we choose the place of each.

Rules that are broken first, then the search, again and again from where it led, until it leads nowhere else: so that who asks again, of
the outcome, is told nothing.
"""

from collections import defaultdict
from dataclasses import dataclass

from autoscaler.model.reasons import Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import COMPILED
from autoscaler.placement.problem import Problem
from autoscaler.placement.rebalancing.asking import Forbidden, Question, Standing, question_of, standing_of
from autoscaler.placement.rebalancing.cooling import TRIES
from autoscaler.placement.rebalancing.costing import cost
from autoscaler.placement.rebalancing.limiting import limited
from autoscaler.placement.rebalancing.ordering import Order, Ordered, between, in_order
from autoscaler.placement.rebalancing.repairing import repairs
from autoscaler.placement.rebalancing.searching import of_rounds, rebalance

SEARCHES = 8
"""From where one led the next one starts; so many are made at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """`rounds` of a search, in each of which every container is tried `tries` times on average, all of them at least `least` times."""

    rounds: int
    tries: int
    least: int


EFFORT = Effort(rounds=64, tries=64, least=1024) if COMPILED else Effort(rounds=12, tries=8, least=96)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """`moves` in an order in which they can be made; `dropped`: what the search wanted and some rule did not, each with why.

    `rounds` of search done, by `compiled` kernels or plainly. `mending`: workloads that move because their rules are broken.
    """

    moves: tuple[Ordered, ...] = ()
    dropped: tuple[tuple[Ordered, Reason], ...] = ()
    mending: frozenset[WorkloadRef] = frozenset()
    rounds: int = 0
    compiled: bool = COMPILED


def spread(problem: Problem, movable: frozenset[WorkloadRef], most: int, effort: Effort = EFFORT) -> Spread:
    """At most `most` moves of `movable` workloads; a move that the search cannot judge is checked by placement's rules, and dropped."""
    start = standing_of(problem)
    if not any(ref in movable for ref, _ in start):
        return Spread()
    mended = in_order(problem, start, repairs(problem, start, movable, most))
    at, rounds, forbidden = mended.applied(start), 0, Forbidden()
    dropped = list[tuple[Ordered, Reason]]()
    for _ in range(SEARCHES):
        left = most - len(between(start, at))
        if left <= 0:
            break
        found, done = _searched(problem, question_of(problem, at, movable, forbidden), at, left, effort)
        rounds += done
        dropped += found.dropped
        forbidden |= {(one.workload, one.target) for one, _ in found.dropped}
        at = found.applied(at)
        if not found.moves and not found.dropped:
            break
    order = in_order(problem, start, between(start, at)[:most])
    return Spread(
        moves=order.moves,
        dropped=_once((*order.dropped, *dropped)),
        mending=frozenset(one.workload for one in mended.moves),
        rounds=rounds,
    )


def _searched(problem: Problem, question: Question, at: Standing, most: int, effort: Effort) -> tuple[Order, int]:
    """What one search leads to, as far as it can be done and pays."""
    board = question.board
    tries = max(effort.least, min(TRIES, effort.tries * len(question.who)))
    found = rebalance(board, spent=of_rounds(effort.rounds), tries=tries)
    order = in_order(problem, at, between(at, question.standing(limited(board, found.node, most))))
    worth = not order.dropped or cost(board, _nodes(question, order.applied(at))).total < cost(board, board.containers.node).total
    return (order if worth else Order(moves=(), dropped=order.dropped)), found.rounds


def _nodes(question: Question, standing: Standing) -> Ints:
    """Where each container stands then: as few of a workload elsewhere as can be."""
    node, rows = question.board.containers.node.copy(), {key: row for row, key in enumerate(question.keys)}
    there = defaultdict[tuple[WorkloadRef, int], list[int]](list)
    for place, one in enumerate(zip(question.who, node.tolist(), strict=True)):
        there[one].append(place)
    for move in between(question.standing(node), standing):
        node[there[move.workload, rows[move.source]].pop()] = rows[move.target]
    return node


def _once(dropped: tuple[tuple[Ordered, Reason], ...]) -> tuple[tuple[Ordered, Reason], ...]:
    """One of each workload."""
    return tuple({one.workload: (one, why) for one, why in reversed(dropped)}.values())
