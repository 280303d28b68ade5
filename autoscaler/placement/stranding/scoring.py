"""What each choice costs: compiled where numba is installed, else in plain numpy, with the same answers to the last bit."""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Bools, Ints

NEVER = 1 << 62
"""The loss where it does not fit."""

UNKNOWN = -1
"""The worth of a state that nobody has asked for."""

LIMIT = 1 << 31
"""As many as one could want."""


class Room(NamedTuple):
    """Nodes, or states of them, S: `free[S, R]`, `devices[S, G]` milli free of each, `model[S, G]` which it is of, `kind[S]`.

    Nodes of a kind are alike for whoever may stand there at all. Where there is no device, there are 0 milli of whatever model.
    """

    free: Ints
    devices: Ints
    model: Ints
    kind: Ints

    def longer(self, count: int) -> "Room":
        """A copy with so many rows more, with nothing in them, of the first kind."""
        wide = ((0, count), (0, 0))
        return Room(np.pad(self.free, wide), np.pad(self.devices, wide), np.pad(self.model, wide), np.pad(self.kind, (0, count)))


class Need(NamedTuple):
    """One class: `requests[R]`, `allowed[kinds]`, and `accepts[models]` of whose devices it wants so many `whole`, or a `share` of one."""

    requests: Ints
    allowed: Bools
    whole: int
    share: int
    accepts: Bools


class Expected(NamedTuple):
    """The frequent classes M, each as in `Need`, with their `worth[M]` and how often they came, `weight[M]`."""

    requests: Ints
    allowed: Bools
    whole: Ints
    share: Ints
    accepts: Bools
    worth: Ints
    weight: Ints


class Outlook(NamedTuple):
    """What is expected, how often all of it together came, and how far each probability is counted on (`worth.foresight`)."""

    expected: Expected
    total: int
    ahead: Ints

    @classmethod
    def of(cls, expected: Expected, ahead: Ints) -> "Outlook":
        """Of what has been seen."""
        return cls(expected, max(1, int(np.sum(expected.weight))), ahead)


MOST = 64
"""Classes looked at; the rest is rare."""


def frequent(counts: Ints) -> Ints:
    """The most frequent of them, ties by index, in their order."""
    order = np.argsort(-counts, kind="stable")[:MOST]
    found: Ints = np.sort(order[counts[order] > 0])
    return found
