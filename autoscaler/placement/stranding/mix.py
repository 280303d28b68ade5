"""What is expected to come: what has come so far."""

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.stranding.columns import Classes, Nodes
from autoscaler.placement.stranding.scoring import Expected, frequent
from autoscaler.placement.stranding.worth import worth

PRIOR = 8
"""Arrivals that the guess from the nodes counts for."""


class Mix:
    """Counts arrivals of each class. With `half_life`, an arrival counts for half after as many more, in steps."""

    __slots__ = ("_all", "_counts", "_half_life", "_known", "_seen", "_slices", "_worth")

    def __init__(self, classes: Classes, nodes: Nodes, *, half_life: int | None = None) -> None:
        self._known = len(classes)
        self._all = _joined(classes, slices(nodes, classes.allowed.shape[1]))
        self._slices = len(self._all) - self._known
        self._worth = worth(self._all.requests, self._all.milli, nodes.have)
        self._counts = np.zeros(len(self._all), np.int64)
        # In hundredths, so that halving keeps what is rare; the guess from the nodes counts for PRIOR arrivals in all.
        self._counts[self._known :] = 100 * PRIOR // max(1, self._slices)
        self._half_life = half_life
        self._seen = 0

    @property
    def worth(self) -> Ints:
        """Of one replica of each class, [K]."""
        return self._worth[: self._known]

    def see(self, one: int) -> None:
        """One more has come."""
        self._counts[one] += 100
        self._seen += 1
        if self._half_life and self._seen % self._half_life == 0:
            self._counts //= 2

    def expected(self) -> Expected:
        """The most frequent; any device will do, for the kind of a node tells its model."""
        top, of = frequent(self._counts), self._all
        any_ = np.ones((len(top), 1), np.bool_)
        return Expected(of.requests[top], of.allowed[top], of.whole[top], of.share[top], any_, self._worth[top], self._counts[top])


def slices(nodes: Nodes, kinds: int) -> Classes:
    """The guess before anything is seen: what would use up nodes of a kind evenly, one device at a time or an eighth of one."""
    count = (nodes.devices > 0).sum(axis=1)
    group = 2 * nodes.kind + (count > 0)
    present = np.unique(group)
    inside = group == present[:, None]
    parts = np.where(present % 2, inside @ count, 8 * inside.sum(axis=1))
    requests = (inside.astype(np.int64) @ nodes.free) // parts[:, None]
    allowed = present[:, None] // 2 == np.arange(kinds)
    return Classes(requests=requests, whole=present % 2, share=np.zeros_like(present), allowed=allowed)


def _joined(one: Classes, other: Classes) -> Classes:
    return Classes(
        requests=np.concatenate([one.requests, other.requests]),
        whole=np.concatenate([one.whole, other.whole]),
        share=np.concatenate([one.share, other.share]),
        allowed=np.concatenate([one.allowed, other.allowed]),
    )
