"""The answer: which machines, what stands on them, what they cost, and what no set of machines could cost less than."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """`times` machines of `kind`, each with the same `replicas`: (class, how many), by class."""

    kind: int
    replicas: tuple[tuple[int, int], ...]
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Machines that house all but what is `left`, replicas of each class.

    `price` in millionths per hour; `bound`: no machines that may be bought house the same for less. `rounds` of search were done, by
    `solver`: what of the optional extra took part.
    """

    patterns: tuple[Pattern, ...]
    left: tuple[int, ...]
    price: int
    bound: int
    rounds: int
    solver: str

    @property
    def machines(self) -> int:
        """How many are bought."""
        return sum(one.times for one in self.patterns)
