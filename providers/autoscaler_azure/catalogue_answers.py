"""Sizes and prices in Azure's answers. Pure; what cannot be understood is left out.

https://learn.microsoft.com/rest/api/compute/resource-skus/list, https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from autoscaler.contracts.catalogue import Saved
from autoscaler.model.catalogue import MachineType, Quotation
from autoscaler.model.quantities import Cpu, Instant, Memory
from autoscaler_clouds.quoting import ARCHITECTURES, Told, dearest, money

Json = Mapping[str, Any]

RETAIL = "Azure Retail Prices"
HOUR = "1 Hour"
SPOT, LOW = " Spot", " Low Priority"
NOT_OURS = ("Windows", "Cloud Services", "CloudServices", "Dedicated Host")
"""Machines with a licence, and what is no machine of a scale set, under the same size's name."""

GIB = Decimal(2**30)
BROKEN = (KeyError, TypeError, ValueError, AttributeError, InvalidOperation, OverflowError)


def understood(answer: Json, region: str, now: Instant) -> Saved | None:
    """What the Resource Manager's list of SKUs answers, and the list of retail prices."""
    if "Items" in answer:
        here = (one for one in answer["Items"] if one["armRegionName"] == region)
        return Saved(prices=told(here, now))
    if "value" not in answer:
        return None
    return Saved(types=tuple(found for one in answer["value"] if (found := type_of(one, region))))


def type_of(found: Json, region: str) -> MachineType | None:
    """A size of machines that this subscription may have there; None for what is none."""
    try:
        if found["resourceType"] != "virtualMachines" or _restricted(found, "Location"):
            return None
        has = {one["name"]: str(one["value"]) for one in found["capabilities"]}
        return MachineType(
            name=str(found["name"]),
            cpu=Cpu(int(has.get("vCPUsAvailable", has["vCPUs"])) * 1000),
            memory=Memory(int(Decimal(has["MemoryGB"]) * GIB)),
            gpus=int(has.get("GPUs", "0")),
            architecture=ARCHITECTURES.get(has.get("CpuArchitectureType", "").lower(), ""),
            zones=_zones(found, region),
        )
    except BROKEN:
        return None


def _zones(found: Json, region: str) -> tuple[str, ...]:
    """As orchestrators write them: `westeurope-1`."""
    told = {str(zone) for place in found.get("locationInfo", []) for zone in place.get("zones", [])}
    barred = {str(zone) for one in _restricted(found, "Zone") for zone in one["restrictionInfo"].get("zones", [])}
    return tuple(f"{region}-{zone}" for zone in sorted(told - barred))


def _restricted(found: Json, kind: str) -> list[Json]:
    return [one for one in found.get("restrictions", []) if one["type"] == kind]


def told(items: Iterable[Json], now: Instant) -> Told:
    """Prices by the hour of machines with Linux, on demand and spot."""
    return dearest(found for one in items if (found := _price(one, now)))


def _price(item: Json, now: Instant) -> tuple[str, Quotation] | None:
    try:
        product, sku, name = str(item["productName"]), str(item["skuName"]), str(item["armSkuName"])
        ours = item["unitOfMeasure"] == HOUR and item["type"] == "Consumption" and name
        price = money(str(item["retailPrice"]), str(item["currencyCode"]))
    except BROKEN:
        return None
    if not ours or price is None or sku.endswith(LOW) or any(words in product for words in NOT_OURS):
        return None
    return name, Quotation(price=price, at=now, source=RETAIL, spot=sku.endswith(SPOT))
