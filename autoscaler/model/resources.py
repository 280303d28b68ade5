"""How much of everything: cpu, memory and any named resource, as one vector of integers."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Resources:
    """Cpu in milli-cores, memory in bytes, `others` as sorted (name, amount) pairs without zeros."""

    cpu: int = 0
    memory: int = 0
    others: tuple[tuple[str, int], ...] = ()

    def of(self, name: str) -> int:
        """The amount of one named resource beside cpu and memory; 0 when there is none."""
        for known, amount in self.others:
            if known == name:
                return amount
        return 0

    def __add__(self, more: Self) -> Self:
        return self._combine(more, 1)

    def __sub__(self, less: Self) -> Self:
        return self._combine(less, -1)

    def times(self, count: int) -> Self:
        """`count` of these together."""
        others = tuple((name, amount * count) for name, amount in self.others) if count else ()
        return type(self)(self.cpu * count, self.memory * count, others)

    def fits(self, room: Self) -> bool:
        """Whether `room` holds all of this."""
        return self.cpu <= room.cpu and self.memory <= room.memory and all(amount <= room.of(name) for name, amount in self.others)

    def fits_times(self, room: Self) -> int:
        """How many of these `room` holds; a shape that asks for nothing fits a million times."""
        pairs = [(self.cpu, room.cpu), (self.memory, room.memory)]
        pairs += [(amount, room.of(name)) for name, amount in self.others]
        return max(0, min((has // asks for asks, has in pairs if asks > 0), default=1_000_000))

    def _combine(self, other: Self, sign: int) -> Self:
        names = sorted({name for name, _ in self.others + other.others})
        sums = ((name, self.of(name) + sign * other.of(name)) for name in names)
        others = tuple((name, amount) for name, amount in sums if amount)
        return type(self)(self.cpu + sign * other.cpu, self.memory + sign * other.memory, others)


NOTHING = Resources()
