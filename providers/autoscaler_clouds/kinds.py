"""Kinds of machines, as a policy file lists them, or a cloud does; and what a pool offers of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from autoscaler.config.markers import FILLED, POSITIVE, Least
from autoscaler.model.constraints import Taint
from autoscaler.model.devices import Device
from autoscaler.model.pools import Offering
from autoscaler.model.quantities import Cpu, Instant, Memory, Money
from autoscaler.model.refs import OfferingName
from autoscaler.model.resources import Resources

Labels = tuple[tuple[str, str], ...]
UNKNOWN_PRICE = Money(0)
NEVER = Instant(0)
MIXED = "mixed"
GPU = "nvidia.com/gpu"
TYPE_LABEL, ZONE_LABEL = "node.kubernetes.io/instance-type", "topology.kubernetes.io/zone"
"""https://kubernetes.io/docs/reference/labels-annotations-taints/ - nodes of other orchestrators get them from the boot script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSpec:
    """One kind of machine: all it has, and what an hour of it costs, on demand and spot; no price means it is not known."""

    name: Annotated[str, FILLED]
    cpu: Annotated[Cpu, POSITIVE]
    memory: Annotated[Memory, POSITIVE]
    price: Money = UNKNOWN_PRICE
    spot_price: Money = UNKNOWN_PRICE
    gpus: Annotated[int, Least(0)] = 0
    gpu: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """What a node keeps for itself, out of what the machine has."""

    cpu: Cpu = Cpu(0)
    memory: Memory = Memory(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where, and by which market, a pool may have a kind of machine."""

    zone: str = ""
    spot: bool = False

    def name(self, kind: str) -> OfferingName:
        """`m7g.large/eu-central-1a`, `m7g.large/eu-central-1a/spot`."""
        return OfferingName("/".join(part for part in (kind, self.zone, "spot" if self.spot else "") if part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Furnishing:
    """What all nodes of a pool have in common beside their kind: their own reserve, labels and taints."""

    reserve: Reserve = Reserve()
    labels: Labels = ()
    taints: tuple[Taint, ...] = ()


def offering(kind: KindSpec, place: Place, nodes: Furnishing, sold_out_until: Instant = NEVER) -> Offering:
    """One kind of machine in one place. Never less than nothing is left of what the node keeps for itself."""
    where = {ZONE_LABEL: place.zone} if place.zone else {}
    labels = {TYPE_LABEL: kind.name, **where, **dict(nodes.labels)}
    return Offering(
        name=place.name(kind.name),
        capacity=Resources(
            max(0, kind.cpu.milli - nodes.reserve.cpu.milli),
            max(0, kind.memory.bytes - nodes.reserve.memory.bytes),
        ),
        price=kind.spot_price if place.spot else kind.price,
        zone=place.zone,
        spot=place.spot,
        labels=tuple(sorted(labels.items())),
        sold_out_until=sold_out_until,
        taints=nodes.taints,
        devices=(Device(GPU, kind.gpu),) * kind.gpus,
    )


def called(kinds: Sequence[str]) -> str:
    """What a pool's machines are called, which may be any of these: which of several comes is not ours to choose."""
    return kinds[0] if len(kinds) == 1 else MIXED


def least_of(kinds: Iterable[KindSpec], name: str) -> KindSpec:
    """What is sure of a machine that may be any of these: the least of each, at the price of the dearest, as far as prices are known."""
    found = list(kinds)
    return KindSpec(
        name=name,
        cpu=min(one.cpu for one in found),
        memory=min(one.memory for one in found),
        price=_dearest([one.price for one in found]),
        spot_price=_dearest([one.spot_price for one in found]),
        gpus=min(one.gpus for one in found),
        gpu=found[0].gpu if len({one.gpu for one in found}) == 1 else "",
    )


def _dearest(prices: list[Money]) -> Money:
    known = [price for price in prices if price.micro]
    return max(known, key=lambda price: price.micro) if len(known) == len(prices) else UNKNOWN_PRICE
