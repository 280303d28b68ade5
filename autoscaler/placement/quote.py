"""What it takes to house all that was asked for."""

from dataclasses import dataclass

from autoscaler.placement.opening import Wish
from autoscaler.placement.problem import Offer, PoolOptions


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine to buy, and how much of which wishes it is for."""

    pool: PoolOptions
    offer: Offer
    holds: tuple[tuple[Wish, int], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Machines for all that was asked for, and how much less any other machines for the same could cost at most."""

    machines: tuple[Machine, ...]
    saved: int

    @property
    def price(self) -> int:
        """Of all, per hour, in millionths."""
        return sum(one.offer.price for one in self.machines)

    @property
    def count(self) -> int:
        """How many replicas find a place."""
        return sum(count for one in self.machines for _, count in one.holds)
