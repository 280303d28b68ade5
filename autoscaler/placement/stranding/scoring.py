"""What each choice costs: compiled where numba is installed, else in plain numpy, with the same answers to the last bit."""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.stranding.columns import Classes
from autoscaler.placement.stranding.mix import Expected

NEVER = 1 << 62
"""The loss where it does not fit."""

LIMIT = 1 << 31
"""As many as one could want."""


class Room(NamedTuple):
    """States of nodes S: `free[S, R]`, `devices[S, G]` most free first, `kind[S]`."""

    free: Ints
    devices: Ints
    kind: Ints


class Need(NamedTuple):
    """One class: `requests[R]`, `allowed[kinds]`."""

    requests: Ints
    allowed: Bools
    whole: int
    share: int

    @classmethod
    def of(cls, classes: Classes, one: int) -> "Need":
        """That one of them."""
        return cls(classes.requests[one], classes.allowed[one], int(classes.whole[one]), int(classes.share[one]))


class Outlook(NamedTuple):
    """What is expected, how often all of it together came, and how far each probability is counted on (`worth.foresight`)."""

    expected: Expected
    total: int
    ahead: Ints

    @classmethod
    def of(cls, expected: Expected, ahead: Ints) -> "Outlook":
        """Of what has been seen."""
        return cls(expected, int(np.sum(expected.weight)), ahead)
