"""Machine types and prices in Google's answers. Pure; what cannot be understood, or is not surely of a type, is left out.

Google sells cores, memory and cards, each at a price of its family's: https://cloud.google.com/billing/docs/reference/rest/v1/services.skus
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from autoscaler.contracts.catalogue import Saved
from autoscaler.model.catalogue import MachineType, Quotation
from autoscaler.model.quantities import Cpu, Instant, Memory, Money
from autoscaler_clouds.quoting import ARCHITECTURES, Told, dearest

Json = Mapping[str, Any]

BILLING = "Cloud Billing Catalog"
SOLD_ON_DEMAND, SOLD_AS_SPOT = "OnDemand", "Preemptible"
CORE, RAM = "core", "ram"
UNITS = {CORE: "h", RAM: "GiBy.h", "gpu": "h"}
RUNNING = re.compile(r"(?:Spot )?(?:Preemptible )?(?P<what>.+?) running in .+")
PART = re.compile(r"(?P<family>.+?)(?: AMD| Arm)?(?: Predefined)?(?: Instance)? (?P<part>Core|Ram)")
CARD = re.compile(r"(?P<family>nvidia .+) gpu")
CALLED = {"c2": "compute optimized"}
"""Families that their prices call otherwise."""

SHARED = {"e2-micro": 250, "e2-small": 500, "e2-medium": 1000}
"""Thousandths of a core that are paid for: https://cloud.google.com/compute/docs/general-purpose-machines#e2_machine_types"""

FREE = (0, "")
GONE = ("OBSOLETE", "DELETED")


@dataclass(frozen=True, slots=True)
class Sold:
    """A machine type, with what its price depends on. `shared`: its cores are not its own. `more`: disks come with it."""

    type: MachineType
    shared: bool = False
    more: bool = False


def understood(answer: Json, region: str, now: Instant) -> Saved | None:
    """What Compute Engine's list of machine types answers, of one zone. Prices mean nothing without all of a region's types."""
    del now
    if "items" not in answer:
        return None
    zones = ((one, str(one["zone"]).rpartition("/")[2]) for one in answer["items"])
    found = [made for one, zone in zones if zone.rpartition("-")[0] == region and (made := type_of(one, zone))]
    return Saved(types=tuple(one.type for one in joined(found)))


def type_of(found: Json, zone: str) -> Sold | None:
    """What is said of it in one zone; None where nobody gets it any more, and of what is no machine type."""
    try:
        if found.get("deprecated", {}).get("state") in GONE:
            return None
        cards = [(str(one["guestAcceleratorType"]), int(one["guestAcceleratorCount"])) for one in found.get("accelerators", [])]
        made = MachineType(
            name=str(found["name"]),
            cpu=Cpu(int(found["guestCpus"]) * 1000),
            memory=Memory(int(found["memoryMb"]) * 2**20),
            gpus=sum(count for _, count in cards),
            gpu=cards[0][0] if cards else "",
            architecture=ARCHITECTURES.get(str(found.get("architecture", "")).lower(), ""),
            zones=(zone,),
        )
        return Sold(made, shared=bool(found.get("isSharedCpu")), more=bool(found.get("bundledLocalSsds")))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def joined(found: Iterable[Sold]) -> list[Sold]:
    """Each type once, with all its zones."""
    by_name: dict[str, Sold] = {}
    for one in found:
        known = by_name.get(one.type.name, replace(one, type=replace(one.type, zones=())))
        zones = tuple(sorted({*known.type.zones, *one.type.zones}))
        by_name[one.type.name] = replace(known, type=replace(known.type, zones=zones))
    return list(by_name.values())


Rates = Mapping[tuple[str, str, bool], tuple[int, str]]
"""Billionths of a currency per unit, and which, by family, part and whether it is spot."""


def rates(skus: Iterable[Json], region: str) -> Rates:
    """Of a region, for each family the price of a core's hour, of a GiB's and of a card's. The dearest where there are several."""
    found: dict[tuple[str, str, bool], tuple[int, str]] = {}
    for sku in skus:
        try:
            rate = _rate(sku, region)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            continue
        if rate is not None and rate[1][0] > found.get(rate[0], FREE)[0]:
            found[rate[0]] = rate[1]
    return found


def _rate(sku: Json, region: str) -> tuple[tuple[str, str, bool], tuple[int, str]] | None:
    category, running = sku["category"], RUNNING.fullmatch(sku["description"])
    usage = category["usageType"]
    if running is None or category["resourceFamily"] != "Compute" or region not in sku["serviceRegions"]:
        return None
    part = PART.fullmatch(running["what"]) or CARD.fullmatch(running["what"].lower())
    if part is None or usage not in (SOLD_ON_DEMAND, SOLD_AS_SPOT):
        return None
    kind = part.groupdict().get("part", "gpu").lower()
    told = sku["pricingInfo"][-1]["pricingExpression"]
    prices = [one["unitPrice"] for one in told["tieredRates"]]
    nanos = max(int(one.get("units", "0")) * 10**9 + int(one.get("nanos", 0)) for one in prices)
    if told["usageUnit"] != UNITS[kind] or nanos <= 0:
        return None
    return (part["family"].lower(), kind, usage == SOLD_AS_SPOT), (nanos, str(prices[0]["currencyCode"]))


def told(sold: Iterable[Sold], rates: Rates, now: Instant) -> Told:
    """The price of each type whose every part has one."""
    return dearest(
        (one.type.name, Quotation(price=price, at=now, source=BILLING, spot=spot))
        for one in sold
        for spot in (False, True)
        if (price := _price(one, rates, spot=spot))
    )


def _price(one: Sold, rates: Rates, *, spot: bool) -> Money | None:
    kind, family = one.type, one.type.name.partition("-")[0]
    family = CALLED.get(family, family)
    if one.more or (one.shared and kind.name not in SHARED):
        return None
    parts = [
        (rates.get((family, CORE, spot)), Fraction(SHARED.get(kind.name, kind.cpu.milli), 1000)),
        (rates.get((family, RAM, spot)), Fraction(kind.memory.bytes, 2**30)),
        *([(rates.get((kind.gpu.replace("-", " "), "gpu", spot)), Fraction(kind.gpus))] if kind.gpus else []),
    ]
    known = [(rate, count) for rate, count in parts if rate]
    if len(known) < len(parts) or len({currency for (_, currency), _ in known}) > 1:
        return None
    nanos = sum((nano * count for (nano, _), count in known), Fraction(0))
    return Money(-(-nanos.numerator // (nanos.denominator * 1000)), known[0][0][1])
