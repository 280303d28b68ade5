"""The public list of retail prices, which asks nobody who he is."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]
PATH = "/api/retail/prices"
LISTED = "RetailPrices.List"
SKIP = "$skip"
WORD = re.compile(r"(\w+) eq '([^']*)'")
PRICES: Mapping[str, float] = {"Standard_D2s_v5": 0.096, "Standard_D4s_v5": 0.192, "Standard_E2s_v5": 0.126}
"""Dollars an hour. Of what has cards there are none: what has no price must be seen as well."""

NAMED = {"priceType": "type"}
"""Fields that the filter calls otherwise."""


def page(filters: str, start: int, size: int, region: str) -> tuple[list[Json], int | None]:
    """The part of the list that is asked for, and where the next one begins."""
    wanted = {NAMED.get(name, name): value for name, value in WORD.findall(filters)}
    found = [one for one in _all(region) if all(str(one.get(name)) == value for name, value in wanted.items())]
    end = start + size
    return found[start:end], end if end < len(found) else None


def _all(region: str) -> Iterator[Json]:
    for size, price in PRICES.items():
        series = size.removeprefix("Standard_").replace("_", " ")
        yield _item(size, region, "Virtual Machines Series", series, price)
        yield _item(size, region, "Virtual Machines Series", f"{series} Spot", round(price / 5, 6))
        yield _item(size, region, "Virtual Machines Series", f"{series} Low Priority", round(price / 5, 6))
        yield _item(size, region, "Virtual Machines Series Windows", series, price * 2)
        yield _item(size, region, "Series Cloud Services", series, price * 3)
        yield {**_item(size, region, "Virtual Machines Series", series, price * 5000), "type": "Reservation", "reservationTerm": "1 Year"}


def _item(size: str, region: str, product: str, sku: str, price: float) -> Json:
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": price,
        "unitPrice": price,
        "armRegionName": region,
        "location": region,
        "effectiveStartDate": "2026-01-01T00:00:00Z",
        "meterName": sku,
        "productName": product,
        "skuName": sku,
        "serviceName": "Virtual Machines",
        "serviceFamily": "Compute",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": size,
    }
