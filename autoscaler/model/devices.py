"""Devices of a machine, as GPUs are: whole ones for one replica alone, or one that several share, in thousandths."""

from dataclasses import dataclass

WHOLE = 1000
"""Milli-shares of one device."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device of WHOLE milli-shares. `kind`: as its orchestrator names it (`nvidia.com/gpu`); `product`: its model, where known.

    A machine's devices are numbered from 0, by their place among all it has.
    """

    kind: str
    product: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAsk:
    """What one replica asks for: `whole` devices that nobody else may use, or else a `share` of one, in milli; of that `kind`.

    `products`: models it accepts; any where none is named, and a device of an unknown model only then.
    """

    kind: str
    whole: int = 0
    share: int = 0
    products: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many devices it stands on."""
        return max(1, self.whole)

    @property
    def each(self) -> int:
        """Milli of each of them: never nothing, and no more than there is of one."""
        return WHOLE if self.whole > 0 else min(max(1, self.share), WHOLE)

    @property
    def milli(self) -> int:
        """Of all it asks for together."""
        return self.count * self.each

    def accepts(self, device: Device) -> bool:
        """Whether it may be given any of that device."""
        return device.kind == self.kind and (not self.products or device.product in self.products)


Devices = tuple[Device, ...]
"""Of one machine, in the order of their numbers."""
