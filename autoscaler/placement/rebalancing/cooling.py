"""How hot each round of the search is, and how dear what is not allowed.

The search begins hot, when much is borne, and ends cold, when nothing is, in as much time as it may take: one long way down finds better
than many short ones. Integers alone, so that each machine reckons the same.
"""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.rebalancing.board import Board

TRIES = 1 << 16
"""Changes that a stream tries in a round."""

WHOLE = 1 << 20
"""All that the search may take."""

FREE, MENDED = WHOLE * 7 // 8, WHOLE * 15 // 16
"""Until so much of it is spent, what is not allowed is borne; from then on it is so dear that it goes, and what is left of it is mended."""

COOLING, SETTLING = 11, 8
"""Halvings of the heat while it is borne, and after."""

HOT, WARM = 2, 6
"""Halvings of the size of a container, which give the heat at the beginning of both."""

TOLL, RISE, FIRMNESS = 96, 7, 5
"""A unit above a limit costs as 96 above comfort in the end, having doubled seven times; in every other stream five times as much."""


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


def weather(climate: Climate, spent: int, *, firm: bool) -> Weather:
    """When so much of `WHOLE` is spent; a `firm` one bears less of what is not allowed."""
    times = FIRMNESS if firm else 1
    if spent < FREE:
        toll = climate.unit * times * halved(TOLL << 8, RISE * (FREE - spent), FREE) >> 8
        return Weather(halved(climate.size >> HOT, COOLING * spent, FREE), np.maximum(1, toll), times * climate.size)
    heat = halved(climate.size >> WARM, SETTLING * (spent - FREE), WHOLE - FREE)
    return Weather(heat, climate.unit * 1000, climate.size << 10)


def halved(number: int, halvings: int, of: int) -> int:
    """The number halved `halvings` / `of` times, straight between whole halvings."""
    whole, rest = divmod(halvings * 256 // of, 256)
    return (number - (number * rest >> 9)) >> whole
