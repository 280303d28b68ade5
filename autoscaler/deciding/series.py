"""Counts of the past as rows of numbers, one per GRID: what replays reckon with."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from autoscaler.deciding.anticipate import EVERY, GRID
from autoscaler.model.history import Recommendation
from autoscaler.model.quantities import Duration, Instant

Counts = NDArray[np.int64]
"""One count per GRID, oldest first; several of them in rows."""

Kind = TypeVar("Kind", np.int64, np.float64)

ANEW = EVERY.ms // GRID
"""GRIDs after which what rests on a longer past is reckoned anew: as often as lessons are learned."""


def series(recommendations: tuple[Recommendation, ...], over: Duration, now: Instant) -> tuple[Counts, Counts]:
    """What was recommended and how many were ready, at every GRID since the first of them or since `over`, up to now."""
    told = [one for one in recommendations if one.at <= now]
    if not told:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first = max(told[0].at, now - over.ms)
    instants = now - GRID * np.arange((now - first) // GRID, -1, -1)
    places = np.maximum(0, np.searchsorted(np.array([one.at for one in told]), instants, side="right") - 1)
    return np.array([one.count for one in told])[places], np.array([one.ready for one in told])[places]


def highest(counts: NDArray[Kind], span: int) -> NDArray[Kind]:
    """At each place of a row the highest of it and the `span` before: of twice as many each time, so in few passes.

    Where one of them is not a number, neither is the highest.
    """
    highest, seen = counts, 1
    while seen <= span:
        step = min(seen, span + 1 - seen)
        highest, before = highest.copy(), highest
        np.maximum(before[..., step:], before[..., :-step], out=highest[..., step:])
        seen += step
    return highest


def lowest(counts: Counts, span: int) -> Counts:
    """At each place the lowest of it and the `span` before."""
    return -highest(-counts, span)
