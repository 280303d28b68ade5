"""Devices of a world's machines, as its settings say it, and as its orchestrator knows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from autoscaler.config.markers import AT_MOST_WHOLE, FILLED, Least
from autoscaler.errors import PolicyError
from autoscaler.model.devices import WHOLE, Device, DeviceAsk, Devices
from autoscaler.model.quantities import Share

Name = Annotated[str, FILLED]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """`count` devices alike on one machine; `product` is their model."""

    kind: Name = "gpu"
    product: str = ""
    count: Annotated[int, Least(1)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNeed:
    """So many `whole` devices for each replica alone, or a `share` of one; of one of these `products`, if any is named."""

    kind: Name = "gpu"
    whole: Annotated[int, Least(0)] = 0
    share: Annotated[Share, AT_MOST_WHOLE] = Share(0)
    products: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """PolicyError unless it is one of the two."""
        if (self.whole > 0) == (self.share.milli > 0):
            raise PolicyError(
                f"{self.whole} whole {self.kind} and {self.share} of one", hint="write whole: 1 or share: 30%, one of the two"
            )

    @property
    def ask(self) -> DeviceAsk:
        """As its orchestrator knows it; all of one is a whole one."""
        if self.share.milli >= WHOLE:
            return DeviceAsk(kind=self.kind, whole=1, products=self.products)
        return DeviceAsk(kind=self.kind, whole=self.whole, share=self.share.milli, products=self.products)


def devices_of(specs: Iterable[DeviceSpec]) -> Devices:
    """One by one."""
    return tuple(Device(one.kind, one.product) for one in specs for _ in range(one.count))


def left(devices: Devices, held: Iterable[tuple[DeviceAsk, tuple[int, ...]]]) -> list[int]:
    """Milli of each device that nobody holds; below zero where too much is held."""
    free = [WHOLE] * len(devices)
    for ask, where in held:
        for at in where:
            free[at] -= ask.each
    return free


def take(devices: Devices, free: list[int], ask: DeviceAsk, named: tuple[int, ...] = ()) -> tuple[int, ...] | None:
    """Those that a replica gets, out of what is `free`: these, or with none named whichever it is given. None: too few."""
    where = named or pick(devices, free, ask)
    able = where is not None and len(set(where)) == ask.count and all(_usable(devices, free, ask, at) for at in where)
    if where is None or not able:
        return None
    for at in where:
        free[at] -= ask.each
    return where


def _usable(devices: Devices, free: list[int], ask: DeviceAsk, at: int) -> bool:
    return 0 <= at < len(devices) and ask.accepts(devices[at]) and free[at] >= ask.each


def pick(devices: Devices, free: list[int], ask: DeviceAsk) -> tuple[int, ...] | None:
    """Those that a replica is given: the first that have room. None where there are too few."""
    able = [at for at, one in enumerate(devices) if ask.accepts(one) and free[at] >= ask.each]
    return tuple(able[: ask.count]) if len(able) >= ask.count else None
