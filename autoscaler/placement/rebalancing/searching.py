"""The search: streams that anneal side by side, round by round; the best that any of them found is what counts.

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
from autoscaler.placement.rebalancing.cooling import MENDED, TRIES, WHOLE, Weather, climate, weather
from autoscaler.placement.rebalancing.costing import cost
from autoscaler.placement.rebalancing.dice import dice
from autoscaler.placement.rebalancing.journeys import journeys
from autoscaler.placement.rebalancing.lists import lists
from autoscaler.placement.rebalancing.loads import loads, price
from autoscaler.placement.rebalancing.mending import mended
from autoscaler.placement.rebalancing.proposing import draw
from autoscaler.placement.rebalancing.reaching import reach
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
    spent: Callable[[int], int],
    seed: int = 1,
    streams: int = 2,
    tries: int = TRIES,
    run: Runner = one_by_one,
) -> Rebalanced:
    """A better assignment, or the board's own where none was found.

    `spent` is asked before each round, with the number of rounds done, how much of `WHOLE` is spent, of rounds or of time: the search cools
    as it says, and ends when all is. In a round each stream tries `tries` changes.
    """
    search = _Search(board, seed, streams, tries)
    rounds = 0
    while search.worth_it and (now := spent(rounds)) < WHOLE:
        search.round(now, run)
        rounds += 1
    search.mend()
    return Rebalanced(node=search.best, cost=search.cost, rounds=rounds, compiled=COMPILED)


def of_rounds(count: int) -> Callable[[int], int]:
    """What is spent when so many rounds are all that may be done."""
    return lambda done: done * WHOLE // max(1, count) if done < count else WHOLE


class _Search:
    """The best found so far, and the streams' books."""

    def __init__(self, board: Board, seed: int, streams: int, tries: int) -> None:
        self.board, self.tries, self.mended = board, tries, False
        self.best, self.cost = board.containers.node.astype(np.int64), cost(board, board.containers.node)
        self.climate = climate(board)
        self.journeys, self.reach = journeys(board), reach(board)
        self.draw = draw(board, self.reach)
        self.worth_it = len(self.draw.movable) > 0
        self.books = [self._opened(self.best, dice(seed, stream)) for stream in range(streams if self.worth_it else 0)]

    def round(self, spent: int, run: Runner) -> None:
        """One round of each stream."""
        if spent >= MENDED:
            self.mend()
        now = [weather(self.climate, spent, firm=stream % 2 == 0) for stream in range(len(self.books))]
        run([partial(_anneal, books, each, self.tries) for books, each in zip(self.books, now, strict=True)])
        for books in self.books:
            self._compare(books)

    def mend(self) -> None:
        """Once, before all is spent: what is not allowed is taken back, and all streams go on from the best."""
        if not self.mended:
            self.mended = True
            for books in self.books:
                self._compare(self._opened(mended(self.board, books.lists.at), books.words))
            self.books = [self._opened(self.best, books.words) for books in self.books]

    def _opened(self, node: Ints, words: Ints) -> Books:
        """Books of an assignment."""
        return Books(
            loads=loads(self.board, node),
            journeys=self.journeys,
            lists=lists(node, len(self.board.nodes.zone)),
            rules=rules(self.board, node),
            draw=self.draw,
            reach=self.reach,
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
