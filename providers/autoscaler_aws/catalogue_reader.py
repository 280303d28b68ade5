"""Reads what EC2 sells in a region: types, offerings per zone, the Price List and the spot history."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from autoscaler.config.secrets import Url
from autoscaler.contracts.catalogue import Found
from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError, SetupError
from autoscaler.model.catalogue import Catalogue
from autoscaler.model.quantities import Duration
from autoscaler_aws.calls import read
from autoscaler_aws.catalogue_answers import on_demand, spot, types_of
from autoscaler_aws.clients import Clients
from autoscaler_aws.settings import REGION, AwsSettings
from autoscaler_clouds.patience import Patience
from autoscaler_clouds.quoting import UNTOLD, Parts, Told, priced

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import InstanceTypeInfoTypeDef, InstanceTypeOfferingTypeDef, SpotPriceTypeDef
    from types_boto3_pricing import PricingClient
    from types_boto3_pricing.type_defs import FilterTypeDef

TIMEOUT = Duration(30_000)
PAGE, LONG_PAGE = 100, 1000
PLAIN = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
    "marketoption": "OnDemand",
}
"""Of all that is listed for a type, the one price that a machine of ours has: no licence, no host of its own, no reservation."""

SYSTEM = "Linux/UNIX"
CALLS = frozenset({"ec2.DescribeInstanceTypeOfferings", "ec2.DescribeSpotPriceHistory", "pricing.GetProducts"})
"""What is asked for catalogues alone: no pool needs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsCatalogue(AwsSettings):
    """A region. `endpoint_url` is that of EC2. The Price List is asked in `pricing_region`, for few regions have its API."""

    timeout: Duration = TIMEOUT
    pricing_region: str = "us-east-1"
    pricing_endpoint_url: Url | None = None

    def __post_init__(self) -> None:
        # Not super(): dataclasses with slots are made anew, and the class that super() remembers is not this one.
        AwsSettings.__post_init__(self)
        if not REGION.fullmatch(self.pricing_region):
            raise PolicyError(f"{self.pricing_region[:40]!r} is no AWS region", hint="write us-east-1, eu-central-1 or ap-south-1")


class RegionReader:
    """One region, with one client for each of the two services."""

    def __init__(self, settings: AwsCatalogue, site: Site) -> None:
        self._settings = settings
        self._runtime = site.runtime
        self._patience = Patience(site.runtime)
        self._ec2: Clients[EC2Client] = Clients(
            settings, site.runtime, lambda session, config, url: session.client("ec2", config=config, endpoint_url=url)
        )
        self._pricing: Clients[PricingClient] = Clients(
            replace(settings, region=settings.pricing_region, endpoint_url=settings.pricing_endpoint_url),
            site.runtime,
            lambda session, config, url: session.client("pricing", config=config, endpoint_url=url),
        )

    def read(self, tell: Callable[[str], None]) -> Found:
        """The types first: without them nothing else means anything."""
        parts, ec2 = Parts(), self._ec2.within(self._settings.timeout)
        nowhere: list[InstanceTypeOfferingTypeDef] = []
        tell("types …")
        found = list(self._patience.pages(lambda token: self._types(ec2, token)))
        if not found:
            raise SetupError(f"EC2 sells nothing in {self._settings.region}", hint="see whether the region is switched on for the account")
        tell(f"{len(found)} types; where they are offered …")
        offered = parts.read(lambda: list(self._patience.pages(lambda token: self._offerings(ec2, token))), nowhere)
        tell("prices on demand …")
        listed = parts.read(self._on_demand, UNTOLD)
        tell("prices of spot …")
        bid = parts.read(lambda: self._spot(ec2), UNTOLD)
        catalogue = Catalogue(
            cloud="aws",
            region=self._settings.region,
            at=self._runtime.now(),
            source="EC2",
            types=priced(types_of(found, offered), listed, bid),
        )
        return Found(catalogue=catalogue, lacking=tuple(parts.lacking))

    def _types(self, ec2: "EC2Client", token: str) -> "tuple[list[InstanceTypeInfoTypeDef], str]":
        found = read(lambda: ec2.describe_instance_types(MaxResults=PAGE, **_next(token)))
        return found["InstanceTypes"], found.get("NextToken", "")

    def _offerings(self, ec2: "EC2Client", token: str) -> "tuple[list[InstanceTypeOfferingTypeDef], str]":
        found = read(lambda: ec2.describe_instance_type_offerings(LocationType="availability-zone", MaxResults=LONG_PAGE, **_next(token)))
        return found["InstanceTypeOfferings"], found.get("NextToken", "")

    def _on_demand(self) -> Told:
        pricing = self._pricing.within(self._settings.timeout)
        return on_demand(self._patience.pages(lambda token: self._products(pricing, token)), self._runtime.now())

    def _products(self, pricing: "PricingClient", token: str) -> tuple[list[str], str]:
        wanted = {**PLAIN, "regionCode": self._settings.region}
        filters: list[FilterTypeDef] = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()]
        found = read(lambda: pricing.get_products(ServiceCode="AmazonEC2", Filters=filters, MaxResults=PAGE, **_next(token)))
        return found["PriceList"], found.get("NextToken", "")

    def _spot(self, ec2: "EC2Client") -> Told:
        """Those that hold now: AWS answers with the newest before `StartTime` as well."""
        now = self._runtime.now()
        return spot(self._patience.pages(lambda token: self._history(ec2, datetime.fromtimestamp(now / 1000, UTC), token)), now)

    def _history(self, ec2: "EC2Client", now: datetime, token: str) -> "tuple[list[SpotPriceTypeDef], str]":
        found = read(
            lambda: ec2.describe_spot_price_history(ProductDescriptions=[SYSTEM], StartTime=now, MaxResults=LONG_PAGE, **_next(token))
        )
        return found["SpotPriceHistory"], found.get("NextToken", "")


def _next(token: str) -> dict[str, Any]:
    return {"NextToken": token} if token else {}
