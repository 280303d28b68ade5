"""What a cloud sells in one region: types of machines, where each is offered, and what an hour of it costs, with who told it and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autoscaler.model.quantities import Cpu, Duration, Instant, Memory, Money, since

OLD = Duration(30 * 86_400_000)
"""From then on a price is told to be old: vendors change theirs a few times a year, and spot prices daily."""


def is_old(told_at: Instant, now: Instant) -> bool:
    """Whether what was told then may be otherwise by now."""
    return since(told_at, now) > OLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """An hour's price, as `source` told it at `at`. `zone`: empty where it is the same in all of the region."""

    price: Money
    at: Instant
    source: str
    zone: str = ""
    spot: bool = False

    def old(self, now: Instant) -> bool:
        """Whether it may be another by now."""
        return is_old(self.at, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineType:
    """All that one kind of machine has. `architecture`: as orchestrators call it (`amd64`, `arm64`). `zones`: where it is offered."""

    name: str
    cpu: Cpu
    memory: Memory
    gpus: int = 0
    gpu: str = ""
    architecture: str = ""
    zones: tuple[str, ...] = ()
    quotations: tuple[Quotation, ...] = ()

    def quotation(self, zones: Iterable[str], *, spot: bool) -> Quotation | None:
        """What it costs in whichever of `zones` it comes: the dearest. None where it is not known for one; of no zone: the region's own."""
        told = {one.zone: one for one in self.quotations if one.spot == spot}
        found = [told.get(zone, told.get("")) for zone in zones] or [told.get("")]
        known = [one for one in found if one is not None]
        comparable = len(known) == len(found) and len({one.price.currency for one in known}) == 1
        return max(known, key=lambda one: one.price.micro) if comparable else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One region of one cloud, as `source` told its types at `at`. `types`: each name once, in their order."""

    cloud: str
    region: str
    at: Instant
    source: str
    types: tuple[MachineType, ...] = ()

    def type(self, name: str) -> MachineType | None:
        """The type of that name."""
        return next((one for one in self.types if one.name == name), None)


def joined(old: Catalogue | None, new: Catalogue) -> Catalogue:
    """All that either has; where both speak of the same, the new one holds."""
    known = {one.name: one for one in old.types} if old else {}
    return _with(new, {**known, **{one.name: _renewed(known.get(one.name), one) for one in new.types}}.values())


def renewed(old: Catalogue | None, new: Catalogue) -> Catalogue:
    """The new one, with the old prices of what it has and knows no price of."""
    known = {one.name: one for one in old.types} if old else {}
    return _with(new, (_renewed(known.get(one.name), one) for one in new.types))


def quoted(catalogue: Catalogue, prices: Mapping[str, Sequence[Quotation]]) -> Catalogue:
    """With these prices, by type, in the place of those for the same zone and market; of types that it does not have none are taken."""
    told = (replace(one, quotations=tuple(prices.get(one.name, ()))) for one in catalogue.types)
    return _with(catalogue, (_renewed(one, new) for one, new in zip(catalogue.types, told, strict=True)))


def _with(catalogue: Catalogue, types: Iterable[MachineType]) -> Catalogue:
    return replace(catalogue, types=tuple(sorted(types, key=lambda one: one.name)))


def _renewed(old: MachineType | None, new: MachineType) -> MachineType:
    if old is None:
        return new
    told = {(one.spot, one.zone): one for one in (*old.quotations, *new.quotations)}
    return replace(
        new,
        architecture=new.architecture or old.architecture,
        zones=new.zones or old.zones,
        quotations=tuple(told[key] for key in sorted(told)),
    )
