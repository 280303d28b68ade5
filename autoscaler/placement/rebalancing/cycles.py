"""How hot each round of the search is, and how dear what is not allowed.

Each cycle begins hot, when much is borne, and ends cold, when nothing is; then the next begins at the best that was found, twice as long: a
long one finds better, and nobody knows beforehand how many rounds there will be. Integers alone, so that each machine reckons the same.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.rebalancing.board import Board

TRIES = 1 << 16
"""Changes that a stream tries in a round."""

TRIES_EACH = 200
"""Changes of each container that the first cycle tries."""

FEWEST_ROUNDS = 16
FREE = (7, 8)
"""For so much of a cycle what is not allowed is borne; then it is mended, and nothing of it borne any more."""

COOLING, SETTLING = 11, 8
"""Halvings of the heat while it is borne, and after."""

HOT, WARM = 2, 6
"""Halvings of the size of a container, which give the heat at the beginning of both."""

TOLL, RISE, FIRMNESS = 3, 31, 5
"""A unit above a limit costs as three above comfort at first, 32 times that in the end; in every other cycle five times as much."""


class Weather(NamedTuple):
    """Of one round: `heat` in units of cost, `toll[R]` for each unit above a limit, `breach` for each rule broken."""

    heat: int
    toll: Ints
    breach: int


class Climate(NamedTuple):
    """Of a board: what a container's requests cost on average where they are above comfort; what a unit of each resource costs."""

    size: int
    unit: Ints


def climate(board: Board) -> Climate:
    """A resource without weight counts as if a node's whole capacity of it were worth the average of the others'."""
    capacity = np.maximum(1, board.nodes.capacity.sum(axis=0))
    weight = board.costs.load.astype(np.int64)
    worth = max(int(np.max(capacity)), int((weight * capacity).sum()) // max(1, int((weight > 0).sum())))
    unit = np.where(weight > 0, weight, np.maximum(1, worth // capacity))
    return Climate(size=max(1, int((board.containers.requests * unit).sum()) // max(1, len(board.containers.node))), unit=unit)


def first_cycle(board: Board) -> int:
    """Its length, in rounds."""
    return max(FEWEST_ROUNDS, len(board.containers.node) * TRIES_EACH // TRIES)


def freedom(length: int) -> int:
    """The round of a cycle in which what is not allowed is mended."""
    return length * FREE[0] // FREE[1]


def weather(climate: Climate, at: int, length: int, *, firm: bool) -> Weather:
    """Of the round `at` of a cycle of that length; a `firm` one bears less of what is not allowed."""
    free, times = freedom(length), FIRMNESS if firm else 1
    if at < free:
        toll = climate.unit * (times * TOLL * (256 + 256 * RISE * at // free) >> 8)
        return Weather(halved(climate.size >> HOT, COOLING * at, free), toll, times * climate.size)
    heat = halved(climate.size >> WARM, SETTLING * (at - free), length - free)
    return Weather(heat, climate.unit * 1000, climate.size << 10)


def halved(number: int, halvings: int, of: int) -> int:
    """The number halved `halvings` / `of` times, straight between whole halvings."""
    whole, rest = divmod(halvings * 256 // of, 256)
    return (number - (number * rest >> 9)) >> whole
