"""Packing where counters, not sizes, say how many machines there must be: what forces them opens them, and all of them share the rest.

A thousand replicas that refuse each other need a thousand machines. Greedy fills large ones first, and has little left for the rest.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from autoscaler.placement.arrays import Floats, Ints
from autoscaler.placement.mixing.answer import Pattern
from autoscaler.placement.mixing.dealing import Dealt, Figures, Hand, deal
from autoscaler.placement.mixing.packing import Packing, packing_of
from autoscaler.placement.mixing.question import UNLIMITED
from autoscaler.placement.mixing.redealing import EMPTY, Table, redeal
from autoscaler.placement.mixing.tables import Tables

FEW = 10
"""Fewer forced machines than this are no reason to do without greedy."""

SWEEPS = 8
"""Times that all machines are dealt anew in one step, a few at a time."""

SPARE = 100
"""Machines beyond those forced that there is space for at first."""


def crowded(tables: Tables, counts: Ints) -> bool:
    """Whether counters ask for more machines than all that is asked for fills, if these were of the largest kind."""
    least = (tables.requests * counts[:, None]).sum(axis=0) / np.maximum(1, tables.capacity.max(axis=0, initial=1))
    return int(_forced(tables, counts).max(initial=0)) > max(FEW, 2 * math.ceil(float(least.max(initial=0))))


def forcing(tables: Tables, counts: Ints) -> bool:
    """Whether counters ask for more machines than one."""
    return int(_forced(tables, counts).max(initial=0)) > 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levelling:
    """What was dealt: classes that force most machines first, then the largest, each replica to where it costs least."""

    tables: Tables
    figures: Figures
    table: Table
    left: Ints

    @classmethod
    def of(cls, tables: Tables, counts: Ints) -> Self:
        """Deal it all."""
        figures, left = _figures(tables, counts), np.zeros_like(counts)
        order = np.argsort(-figures.urgent - figures.takes / 2, kind="stable")
        hand = Hand(order, counts[order], tables.most)
        dealt = _dealt(tables, figures, hand)
        left[order] = dealt.left
        return cls(tables=tables, figures=figures, table=_table(tables, hand, dealt), left=left)

    def step(self) -> Packing:
        """Deal it anew a few times; what lies there now, which is never dearer than before."""
        redeal(self.tables, self.figures, self.table, SWEEPS)
        machines = Counter(_machines(self.table))
        patterns = (Pattern(kind=kind, replicas=held, times=times) for (kind, held), times in machines.items())
        return packing_of(self.tables, patterns, self.left.tolist())


def _dealt(tables: Tables, figures: Figures, hand: Hand) -> Dealt:
    """Onto as many machines as it takes."""
    rows, total = SPARE + int(figures.urgent.max(initial=0)), int(hand.counts.sum())
    dealt = deal(tables, figures, hand, min(rows, total))
    while dealt.left.any() and len(dealt.kinds) == rows < total:
        rows *= 2
        dealt = deal(tables, figures, hand, min(rows, total))
    return dealt


def _table(tables: Tables, hand: Hand, dealt: Dealt) -> Table:
    """As it lies there after dealing."""
    classes = np.repeat(hand.classes, hand.counts - dealt.left)
    bought = np.bincount(tables.pool[dealt.kinds], minlength=len(tables.most))
    return Table(dealt.kinds, classes, dealt.places, tables.most - bought, np.ones(1, np.int64))


def _machines(table: Table) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    """Each with its kind, and what stands on it, by class."""
    width = 1 + int(table.classes.max(initial=0))
    found, counts = np.unique(table.places * width + table.classes, return_counts=True)
    starts = np.searchsorted(found, np.arange(len(table.kinds) + 1) * width).tolist()
    held = list(zip((found % width).tolist(), counts.tolist(), strict=True))
    each = zip(table.kinds.tolist(), starts, starts[1:], strict=False)
    return ((kind, tuple(held[start:end])) for kind, start, end in each if kind != EMPTY)


def _forced(tables: Tables, counts: Ints) -> Ints:
    """How many machines each counter asks for, whatever their size."""
    ends = np.where(tables.adds > 0, tables.limits, 0).max(axis=0, initial=0)
    shown = (tables.adds * counts[:, None]).sum(axis=0)
    return np.where((ends > 0) & (ends < UNLIMITED), -(-shown // np.maximum(1, ends)), 0)


def _figures(tables: Tables, counts: Ints) -> Figures:
    """Resources weigh as much as is asked for of them."""
    largest = np.maximum(1, tables.capacity.max(axis=0, initial=1))
    shares = (tables.requests * counts[:, None]).sum(axis=0) / largest
    weights = shares / max(1e-9, float(shares.sum())) / largest
    urgent = np.where(tables.adds > 0, _forced(tables, counts), 0).max(axis=1, initial=0)
    takes, choosy = tables.requests @ weights, np.any(~tables.allowed, axis=1)
    return Figures(takes, tables.capacity @ weights, urgent, _like(tables, takes), np.asarray(choosy, np.bool_))


def _like(tables: Tables, takes: Floats) -> Ints:
    """The first class that asks for the same and may stand on the same kinds, for each."""
    parts = tables.requests.view(np.uint8), takes[:, None].view(np.uint8), np.packbits(tables.allowed, axis=1)
    known: dict[bytes, int] = {}
    return np.array([known.setdefault(row.tobytes(), number) for number, row in enumerate(np.hstack(parts))], np.int64)
