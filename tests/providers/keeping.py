"""A catalogue that is kept, without a disk."""

from dataclasses import dataclass

from autoscaler.model.catalogue import Catalogue, MachineType, Quotation
from autoscaler.model.quantities import Cpu, Instant, Memory, Money

TOLD_AT = Instant(1_790_000_000_000)


@dataclass(frozen=True, slots=True)
class Kept:
    """One region of one cloud, and no other."""

    catalogue: Catalogue

    def of(self, cloud: str, region: str) -> Catalogue | None:
        """Only that one."""
        return self.catalogue if (cloud, region) == (self.catalogue.cloud, self.catalogue.region) else None


def kept(cloud: str, region: str, *types: MachineType) -> Kept:
    """That is sold there."""
    return Kept(Catalogue(cloud=cloud, region=region, at=TOLD_AT, source="list", types=types))


def sold(name: str, micro: int = 0, bid: int = 0, *, cores: int = 2, gib: int = 8, gpu: str = "") -> MachineType:
    """So many millionths of a dollar on demand, and as spot; none where nobody told."""
    told = [(micro, False, "price list"), (bid, True, "spot list")]
    return MachineType(
        name=name,
        cpu=Cpu(cores * 1000),
        memory=Memory(gib * 2**30),
        gpus=1 if gpu else 0,
        gpu=gpu,
        quotations=tuple(Quotation(price=Money(price), at=TOLD_AT, source=by, spot=spot) for price, spot, by in told if price),
    )
