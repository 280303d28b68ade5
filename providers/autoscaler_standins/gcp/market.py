"""What a project may buy in a region: machine types of its zones, and the prices of cores, memory and cards."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.gcp.kinds import KINDS
from autoscaler_standins.gcp.views import Views

Json = dict[str, Any]
SERVICE = "6F81-5844-456A"
LETTERS = "abc"
HOUR, GIB_HOUR = "h", "GiBy.h"
RATES: Mapping[str, tuple[int, str]] = {
    "E2 Instance Core": (24_000_000, HOUR),
    "E2 Instance Ram": (3_216_000, GIB_HOUR),
    "N2 Instance Core": (34_806_000, HOUR),
    "N2 Instance Ram": (4_664_000, GIB_HOUR),
    "N2 Custom Instance Core": (36_546_000, HOUR),
    "G2 Instance Core": (27_527_000, HOUR),
    "G2 Instance Ram": (3_225_000, GIB_HOUR),
    "Nvidia L4 GPU": (616_500_000, HOUR),
}
"""Billionths of a dollar: https://cloud.google.com/compute/all-pricing. Of C3 there are none: what has no price must be seen as well."""

OTHER = "us-central1"


@dataclass(frozen=True, slots=True)
class Market:
    """Every region has three zones, every zone every type. `kinds`: what is sold. `quotas`: use and limit of each."""

    views: Views
    kinds: Mapping[str, KindSpec] = field(default_factory=lambda: dict(KINDS))
    quotas: dict[str, tuple[int, int]] = field(default_factory=lambda: {"CPUS": (24, 5000), "NVIDIA_L4_GPUS": (0, 0)})

    def region(self, name: str) -> Json:
        """A Region."""
        here = f"{self.views.base}/regions/{name}"
        quotas = [{"metric": metric, "usage": used, "limit": limit} for metric, (used, limit) in self.quotas.items()]
        zones = [f"{self.views.base}/zones/{name}-{letter}" for letter in LETTERS]
        return {"kind": "compute#region", "name": name, "status": "UP", "zones": zones, "selfLink": here, "quotas": quotas}

    def types(self, zone: str) -> list[Json]:
        """MachineTypes."""
        return [self.views.kind(kind, zone) for kind in self.kinds.values()]

    def skus(self, region: str) -> list[Json]:
        """Skus, those of another region and those of commitments among them."""
        return [*self._skus(region, 1), *self._skus(OTHER, 2)]

    def _skus(self, region: str, factor: int) -> Iterator[Json]:
        for place, (what, (nanos, unit)) in enumerate(RATES.items()):
            listed, spot = nanos * factor, nanos * factor * 3 // 10
            yield _sku(f"{what} running in {region}", region, "OnDemand", (listed, unit), f"{region}-{place}")
            yield _sku(f"Spot Preemptible {what} running in {region}", region, "Preemptible", (spot, unit), f"{region}-s{place}")
            yield _sku(f"Commitment v1: {what} in {region} for 1 Year", region, "Commit1Yr", (listed // 2, unit), f"{region}-c{place}")


def _sku(description: str, region: str, usage: str, rate: tuple[int, str], name: str) -> Json:
    nanos, unit = rate
    price = {"currencyCode": "USD", "units": str(nanos // 10**9), "nanos": nanos % 10**9}
    told = {"usageUnit": unit, "tieredRates": [{"startUsageAmount": 0, "unitPrice": price}]}
    return {
        "name": f"services/{SERVICE}/skus/{name}",
        "skuId": name,
        "description": description,
        "category": {"serviceDisplayName": "Compute Engine", "resourceFamily": "Compute", "resourceGroup": "CPU", "usageType": usage},
        "serviceRegions": [region],
        "pricingInfo": [{"summary": "", "pricingExpression": told}],
        "serviceProviderName": "Google",
    }
