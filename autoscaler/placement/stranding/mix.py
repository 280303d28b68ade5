"""What is expected to come: what has come so far."""

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.stranding.columns import Classes, Nodes
from autoscaler.placement.stranding.scoring import Expected, frequent
from autoscaler.placement.stranding.worth import worth

ONE = 100
"""What one replica counts for: what is only guessed may count for less."""

PRIOR = 8
"""Replicas that the guess from the nodes counts for."""


class Mix:
    """Counts arrivals of each class."""

    __slots__ = ("_all", "_counts", "_known", "_worth")

    def __init__(self, classes: Classes, nodes: Nodes) -> None:
        self._known = len(classes)
        self._all = _joined(classes, slices(nodes, classes.allowed.shape[1]))
        self._worth = worth(self._all.requests, self._all.milli, nodes.have)
        self._counts = np.zeros(len(self._all), np.int64)
        self._counts[self._known :] = guessed(len(self._all) - self._known)

    @property
    def worth(self) -> Ints:
        """Of one replica of each class, [K]."""
        return self._worth[: self._known]

    def see(self, one: int) -> None:
        """One more has come."""
        self._counts[one] += ONE

    def expected(self) -> Expected:
        """The most frequent; any device will do, for the kind of a node tells its model."""
        top, of = frequent(self._counts), self._all
        any_ = np.ones((len(top), 1), np.bool_)
        return Expected(of.requests[top], of.allowed[top], of.whole[top], of.share[top], any_, self._worth[top], self._counts[top])


def guessed(count: int) -> int:
    """What each of so many guessed classes counts for: all together as much as PRIOR arrivals."""
    return ONE * PRIOR // max(1, count)


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
