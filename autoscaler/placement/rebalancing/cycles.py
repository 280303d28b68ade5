"""How hot each round of the search is, and how dear what is not allowed.

Each cycle begins hot, when much is borne, and ends cold, when nothing is; then the next begins at the best that was found, twice as long: a
long one finds better, and nobody knows beforehand how many rounds there will be. Integers alone, so that each machine reckons the same.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.rebalancing.arrays import Ints
from autoscaler.placement.rebalancing.board import Board

TRIES = 1 << 16
"""Changes that a stream tries in a round."""

TRIES_EACH = 600
"""Changes of each container that the first cycle tries."""

FEWEST_ROUNDS = 16
COOLING = 9
"""Halvings of the heat while what is not allowed is borne; what follows begins twice as hot as that ends, and bears none of it."""

SETTLING = 6
FIRM, LOOSEST, FIRMEST = 16, 4, 1 << 16
"""How dear what is not allowed is, in 16ths."""


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


def weather(climate: Climate, at: int, length: int, firmness: int) -> Weather:
    """Of the round `at` of a cycle of that length, for a stream of that firmness."""
    main = length * 2 // 3
    if at < main and firmness < FIRMEST:
        heat = halved(climate.size >> 2, COOLING * at, main)
        toll = climate.unit * (3 * firmness * (256 + 256 * 31 * at // main) >> 12)
        return Weather(heat, toll, climate.size * firmness // FIRM)
    if firmness >= FIRMEST:
        heat = halved(climate.size >> 3, (COOLING + SETTLING) * at, length)
    else:
        heat = halved(climate.size >> COOLING - 2, SETTLING * (at - main), length - main)
    return Weather(heat, climate.unit * 1000, climate.size << 10)


def halved(number: int, halvings: int, of: int) -> int:
    """The number halved `halvings` / `of` times, straight between whole halvings."""
    whole, rest = divmod(halvings * 256 // of, 256)
    return (number - (number * rest >> 9)) >> whole
