"""The question in columns: nodes N with resources R and devices G, classes of replicas K, kinds of nodes that a class may ask for."""

from dataclasses import dataclass

from autoscaler.placement.arrays import Bools, Ints

WHOLE = 1000
"""Milli of one device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """`free[N, R]` in any unit that the classes use too; `devices[N, G]` in milli free of each, 0 where the node has none.

    `kind[N]`: nodes of a kind are alike for every class: the model of the devices, labels, taints.
    """

    free: Ints
    devices: Ints
    kind: Ints

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def have(self) -> list[int]:
        """All that is free of each resource, then of all devices together."""
        return [*self.free.sum(axis=0).tolist(), int(self.devices.sum())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """What one replica asks for: `requests[K, R]`, and `whole[K]` devices for itself or `share[K]` milli of one, not both.

    `allowed[K, kinds]`: which kinds of nodes it accepts.
    """

    requests: Ints
    whole: Ints
    share: Ints
    allowed: Bools

    def __post_init__(self) -> None:
        if ((self.whole > 0) & (self.share > 0)).any() or (self.share >= WHOLE).any():
            raise ValueError("a class asks for whole devices or for less than one")

    def __len__(self) -> int:
        return len(self.whole)

    @property
    def milli(self) -> Ints:
        """Of devices, all together, [K]."""
        return self.whole * WHOLE + self.share


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A node, and which of its devices."""

    node: int
    devices: tuple[int, ...] = ()
