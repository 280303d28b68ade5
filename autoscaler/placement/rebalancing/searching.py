"""The search: streams that anneal side by side, round by round, and begin each cycle at the best that any of them found.

How many streams there are is part of the input, not how many threads: so the result is the same on any number of them.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import COMPILED
from autoscaler.placement.rebalancing.annealing import PATIENCE, Books, anneal
from autoscaler.placement.rebalancing.board import Board, Rebalanced
from autoscaler.placement.rebalancing.checking import sound
from autoscaler.placement.rebalancing.costing import cost
from autoscaler.placement.rebalancing.cycles import TRIES, Weather, climate, first_cycle, freedom, weather
from autoscaler.placement.rebalancing.dice import dice
from autoscaler.placement.rebalancing.journeys import journeys
from autoscaler.placement.rebalancing.lists import lists
from autoscaler.placement.rebalancing.loads import loads, price
from autoscaler.placement.rebalancing.mending import mended
from autoscaler.placement.rebalancing.proposing import draw
from autoscaler.placement.rebalancing.rules import rules

Call: TypeAlias = Callable[[], None]
Runner: TypeAlias = Callable[[Iterable[Call]], None]


def one_by_one(calls: Iterable[Call]) -> None:
    """The streams' calls one after the other; a caller with threads may run them at once, and returns when all are done."""
    for call in calls:
        call()


def rebalance(
    board: Board,
    *,
    keep_going: Callable[[int], bool],
    seed: int = 1,
    streams: int = 2,
    tries: int = TRIES,
    run: Runner = one_by_one,
) -> Rebalanced:
    """A better assignment, or the board's own where none was found.

    `keep_going` is asked before each round, with the number of rounds done. In a round each stream tries `tries` changes.
    """
    search = _Search(board, seed, streams, tries)
    rounds = 0
    while search.worth_it and keep_going(rounds):
        search.round(run)
        rounds += 1
    return Rebalanced(node=search.best, cost=search.cost, rounds=rounds, compiled=COMPILED)


class _Search:
    """The best found so far, and the streams' books."""

    def __init__(self, board: Board, seed: int, streams: int, tries: int) -> None:
        self.board, self.tries = board, tries
        self.best, self.cost = board.containers.node.astype(np.int64), cost(board, board.containers.node)
        self.worth_it = len(board.nodes.zone) > 1 and not bool(board.containers.pinned.all())
        self.climate = climate(board)
        self.length, self.at, self.cycles = first_cycle(board), 0, 0
        self.journeys, self.draw = journeys(board), draw(board)
        self.books = [self._opened(self.best, dice(seed, stream)) for stream in range(streams if self.worth_it else 0)]

    def round(self, run: Runner) -> None:
        """One round of each stream, and what follows from it."""
        now = [weather(self.climate, self.at, self.length, firm=(stream + self.cycles) % 2 == 0) for stream in range(len(self.books))]
        run([partial(_anneal, books, each, self.tries) for books, each in zip(self.books, now, strict=True)])
        self.at += 1
        if self.at == freedom(self.length):
            self.books = [self._opened(mended(self.board, books.lists.at), books.words) for books in self.books]
        for books in self.books:
            self._compare(books)
        if self.at == self.length:
            self.length, self.at, self.cycles = 2 * self.length, 0, self.cycles + 1
            self.books = [self._opened(self.best, books.words) for books in self.books]

    def _opened(self, node: Ints, words: Ints) -> Books:
        """Books of an assignment."""
        return Books(
            loads=loads(self.board, node),
            journeys=self.journeys,
            lists=lists(node, len(self.board.nodes.zone)),
            rules=rules(self.board, node),
            draw=self.draw,
            words=words,
        )

    def _compare(self, books: Books) -> None:
        """Keep what is better and allowed; its cost is reckoned anew."""
        if books.loads.cost.sum() >= self.cost.total or (books.loads.held > books.loads.limit).any():
            return
        found = cost(self.board, books.lists.at)
        if found.total < self.cost.total and sound(self.board, books.lists.at):
            self.best, self.cost = books.lists.at.copy(), found


def _anneal(books: Books, weather: Weather, tries: int) -> None:
    books.loads.toll[:] = weather.toll
    books.rules.toll[0] = weather.breach
    price(books.loads)
    anneal(*books, PATIENCE, weather.heat, tries)
