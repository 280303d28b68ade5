"""What an account may buy in a region: types, where each is offered, the Price List, and what spot costs now."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autoscaler.model.quantities import Money
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.aws.groups import moment
from autoscaler_standins.aws.protocol import Params, Refusal, page
from autoscaler_standins.clock import Clock

MIB = 2**20
ARM = re.compile(r"[a-z]+[0-9]+g[a-z]*\..*")
"""AWS's own way of naming: a g behind the generation is Graviton."""
TYPES_PAGE, LONG_PAGE, PRODUCTS_PAGE = 100, 1000, 100
DEARER = {"Linux": 1, "Windows": 2}
ABOVE = 1000
"""Millionths that spot costs more in each further zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """All types are offered in all `zones`."""

    clock: Clock
    region: str
    zones: tuple[str, ...]
    kinds: Mapping[str, KindSpec]

    def types(self, params: Params) -> Params:
        """DescribeInstanceTypes."""
        wanted = {name for one in params.get("Filters", []) if one["Name"] == "instance-type" for name in one["Values"]}
        names = params.get("InstanceTypes") or sorted(wanted & set(self.kinds) if wanted else self.kinds)
        unknown = [name for name in names if name not in self.kinds]
        if unknown:
            raise Refusal("InvalidInstanceType", f"The following supplied instance types do not exist: {unknown}")
        here, more = page(names, params, TYPES_PAGE)
        return {"InstanceTypes": [_type(self.kinds[name]) for name in here], **more}

    def offerings(self, params: Params) -> Params:
        """DescribeInstanceTypeOfferings; unless said otherwise, those of the region as a whole."""
        zonal = params.get("LocationType", "region") == "availability-zone"
        places = self.zones if zonal else (self.region,)
        kind = "availability-zone" if zonal else "region"
        found = [{"InstanceType": name, "LocationType": kind, "Location": place} for name in sorted(self.kinds) for place in places]
        here, more = page(found, params, LONG_PAGE)
        return {"InstanceTypeOfferings": here, **more}

    def spot(self, params: Params) -> Params:
        """DescribeSpotPriceHistory: each price is as old as the hour."""
        told = params.get("ProductDescriptions", ["Linux/UNIX"])
        at = moment(self.clock.now())
        found = [
            {
                "InstanceType": kind.name,
                "AvailabilityZone": zone,
                "ProductDescription": one,
                "SpotPrice": _written(Money(kind.spot_price.micro + place * ABOVE)),
                "Timestamp": at,
            }
            for kind in self.kinds.values()
            if kind.spot_price.micro
            for place, zone in enumerate(self.zones)
            for one in told
        ]
        here, more = page(found, params, LONG_PAGE)
        return {"SpotPriceHistory": here, **more}

    def products(self, params: Params) -> Params:
        """GetProducts."""
        if params["ServiceCode"] != "AmazonEC2":
            raise Refusal("InvalidParameterException", "Invalid Service Code")
        wanted = {one["Field"]: one["Value"] for one in params.get("Filters", []) if one["Type"] == "TERM_MATCH"}
        found = [json.dumps(one) for one in self._listed() if _meets(one["product"]["attributes"], wanted)]
        here, more = page(found, params, PRODUCTS_PAGE)
        return {"FormatVersion": "aws_v1", "PriceList": here, **more}

    def _listed(self) -> Iterator[Params]:
        for kind in self.kinds.values():
            if kind.price.micro:
                yield from (self._product(kind, system) for system in DEARER)

    def _product(self, kind: KindSpec, system: str) -> Params:
        attributes = {
            "instanceType": kind.name,
            "regionCode": self.region,
            "operatingSystem": system,
            "tenancy": "Shared",
            "preInstalledSw": "NA",
            "capacitystatus": "Used",
            "marketoption": "OnDemand",
            "vcpu": str(kind.cpu.milli // 1000),
        }
        sku = f"{kind.name}.{system}".upper()
        rate = {"unit": "Hrs", "pricePerUnit": {"USD": _written(Money(kind.price.micro * DEARER[system]))}, "appliesTo": []}
        term = {"offerTermCode": "JRTCKXETXF", "sku": sku, "priceDimensions": {f"{sku}.JRTCKXETXF.6YS6EN2CT7": rate}, "termAttributes": {}}
        product = {"productFamily": "Compute Instance", "sku": sku, "attributes": attributes}
        return {"product": product, "serviceCode": "AmazonEC2", "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": term}}, "version": "1"}


def _type(kind: KindSpec) -> Params:
    gpus = {"GpuInfo": {"Gpus": [{"Name": kind.gpu, "Manufacturer": "NVIDIA", "Count": kind.gpus}]}} if kind.gpus else {}
    cpus, memory = kind.cpu.milli // 1000, kind.memory.bytes // MIB
    processor = {"SupportedArchitectures": ["arm64" if ARM.fullmatch(kind.name) else "x86_64"]}
    shown = {"InstanceType": kind.name, "VCpuInfo": {"DefaultVCpus": cpus}, "MemoryInfo": {"SizeInMiB": memory}}
    return {**shown, "ProcessorInfo": processor, **gpus}


def _written(price: Money) -> str:
    """As AWS writes prices: ten places, no currency."""
    return f"{price.micro / 1_000_000:.10f}"


def _meets(attributes: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(attributes.get(name) == value for name, value in wanted.items())


def sold_in(zones: Iterable[Iterable[str]], region: str) -> tuple[str, ...]:
    """All zones that any group is in; one at least."""
    return tuple(sorted({zone for each in zones for zone in each})) or (f"{region}a",)
