"""Whether so many machines may go at once, by sums of room alone: a guess, to be tried by whoever makes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import OPEN, Resident


@dataclass(slots=True)
class Sums:
    """What is `left` [R] on all machines that take replicas and stay, once everything has moved there."""

    ledger: Ledger
    left: Ints

    @classmethod
    def of(cls, ledger: Ledger) -> Self:
        """While all stay."""
        return cls(ledger, ledger.free_on(ledger.in_states(OPEN)).sum(axis=0))

    def suffice_without(self, key: str, residents: Iterable[Resident]) -> bool:
        """Whether that machine may go as well, and is taken to."""
        left = self.left - self.ledger.free_on(self.ledger.row(key))[0]
        for one in residents:
            left = left - self.ledger.asked(one.workload, one.count)
        if np.minimum.reduce(left) < 0:
            return False
        self.left = left
        return True
