"""Types, offerings and prices in AWS's answers. Pure; what cannot be understood is left out.

https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from autoscaler.contracts.catalogue import Saved
from autoscaler.model.catalogue import MachineType, Quotation
from autoscaler.model.quantities import Instant
from autoscaler_aws.groups import kind_of
from autoscaler_clouds.quoting import ARCHITECTURES, Told, dearest, money

if TYPE_CHECKING:
    from types_boto3_ec2.type_defs import InstanceTypeInfoTypeDef, InstanceTypeOfferingTypeDef, SpotPriceTypeDef

TYPES, PRODUCTS, HISTORY = "InstanceTypes", "PriceList", "SpotPriceHistory"
PRICE_LIST, SPOT_HISTORY = "AWS Price List", "EC2 spot history"
HOUR = "Hrs"


def understood(answer: Mapping[str, Any], region: str, now: Instant) -> Saved | None:
    """What `aws ec2 describe-instance-types`, `describe-spot-price-history` and `aws pricing get-products` print."""
    del region
    if TYPES in answer:
        return Saved(types=tuple(types_of(answer[TYPES], [])))
    if PRODUCTS in answer:
        return Saved(prices=on_demand(answer[PRODUCTS], now))
    return Saved(prices=spot(answer[HISTORY], now)) if HISTORY in answer else None


def types_of(found: Iterable["InstanceTypeInfoTypeDef"], offered: Iterable["InstanceTypeOfferingTypeDef"]) -> list[MachineType]:
    """The types, each with its zones."""
    zones: dict[str, set[str]] = {}
    for one in offered:
        zones.setdefault(one["InstanceType"], set()).add(one["Location"])
    return [_type(one, tuple(sorted(zones.get(one["InstanceType"], ())))) for one in found]


def _type(found: "InstanceTypeInfoTypeDef", zones: tuple[str, ...]) -> MachineType:
    kind = kind_of(found)
    told = found.get("ProcessorInfo", {}).get("SupportedArchitectures", [])
    known = [ARCHITECTURES[one] for one in told if one in ARCHITECTURES]
    return MachineType(
        name=kind.name,
        cpu=kind.cpu,
        memory=kind.memory,
        gpus=kind.gpus,
        gpu=kind.gpu,
        architecture=known[0] if known else "",
        zones=zones,
    )


def on_demand(products: Iterable[str], now: Instant) -> Told:
    """Of the Price List's products, each a JSON document, those with a price per hour."""
    return dearest((name, one) for product in products for name, one in _prices(product, now))


def _prices(product: str, now: Instant) -> Iterator[tuple[str, Quotation]]:
    try:
        found = json.loads(product)
        name = str(found["product"]["attributes"]["instanceType"])
        rates = [rate for term in found["terms"]["OnDemand"].values() for rate in term["priceDimensions"].values()]
        prices = [(currency, amount) for rate in rates if rate["unit"] == HOUR for currency, amount in rate["pricePerUnit"].items()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
    for currency, amount in prices:
        if price := money(str(amount), currency):
            yield name, Quotation(price=price, at=now, source=PRICE_LIST)


def spot(history: Iterable["SpotPriceTypeDef"], now: Instant) -> Told:
    """The newest of each type and zone."""
    newest: dict[tuple[str, str], Any] = {}
    for one in history:
        key = (one["InstanceType"], one["AvailabilityZone"])
        if key not in newest or one["Timestamp"] > newest[key]["Timestamp"]:
            newest[key] = one
    return dearest(
        (name, Quotation(price=price, at=now, source=SPOT_HISTORY, zone=zone, spot=True))
        for (name, zone), one in newest.items()
        if (price := money(one["SpotPrice"], "USD"))
    )
