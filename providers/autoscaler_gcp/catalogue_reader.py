"""Reads what Compute Engine sells in a region: machine types of each zone, and Cloud Billing's prices. Without the SDK."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from autoscaler.config.secrets import Url
from autoscaler.contracts.catalogue import Found
from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError, SetupError
from autoscaler.model.catalogue import Catalogue
from autoscaler.model.quantities import Duration
from autoscaler_clouds.patience import Patience
from autoscaler_clouds.quoting import UNTOLD, Parts, Told, priced
from autoscaler_clouds.rest import LARGEST, Rest
from autoscaler_gcp.catalogue_answers import Json, Sold, joined, rates, told, type_of
from autoscaler_gcp.pool_settings import COMPUTE, REGION
from autoscaler_gcp.settings import PROJECT
from autoscaler_gcp.sign_in import SignIn
from autoscaler_sources.bounded_http import BoundedHttp, Bounds

BILLING = Url("https://cloudbilling.googleapis.com")
SCOPES = ("https://www.googleapis.com/auth/compute.readonly", "https://www.googleapis.com/auth/cloud-billing.readonly")
TIMEOUT = Duration(30_000)
COMPUTE_ENGINE = "6F81-5844-456A"
"""The service whose prices these are: https://cloud.google.com/billing/docs/how-to/catalog-api"""

PAGE, LONG_PAGE = "500", "5000"


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpCatalogue:
    """A region, as a `project` sees it. `url`: where Compute Engine is reached, `billing_url` Cloud Billing. `timeout`: of one call."""

    project: str
    region: str
    url: Url = COMPUTE
    billing_url: Url = BILLING
    timeout: Duration = TIMEOUT

    def __post_init__(self) -> None:
        if not PROJECT.fullmatch(self.project):
            raise PolicyError(f"{self.project[:40]!r} is no project", hint="write its id, as shop-prod, or its number")
        if not REGION.fullmatch(self.region):
            raise PolicyError(f"{self.region[:40]!r} is no region", hint="write europe-west4")
        if not self.timeout.ms:
            raise PolicyError("a call without time has no answer", hint="write timeout=30s, or leave it out")


class RegionReader:
    """One region."""

    def __init__(self, settings: GcpCatalogue, site: Site) -> None:
        http = BoundedHttp(site.runtime, Bounds(timeout=settings.timeout, largest=LARGEST, proxied=True))
        self._settings = settings
        self._runtime = site.runtime
        self._patience = Patience(site.runtime)
        self._rest = Rest(site.runtime, settings.timeout, SignIn(site, http, SCOPES).headers, http)
        self._compute = f"{settings.url.text.rstrip('/')}/compute/v1/projects/{settings.project}"

    def read(self, tell: Callable[[str], None]) -> Found:
        """Zone by zone."""
        parts, sold = Parts(), joined(self._sold(tell))
        if not sold:
            raise SetupError(f"Compute Engine sells nothing in {self._settings.region}", hint="see whether the project may use the region")
        tell("prices …")
        prices = parts.read(lambda: self._prices(sold), UNTOLD)
        catalogue = Catalogue(
            cloud="gcp",
            region=self._settings.region,
            at=self._runtime.now(),
            source="Compute Engine",
            types=priced((one.type for one in sold), prices),
        )
        return Found(catalogue=catalogue, lacking=tuple(parts.lacking))

    def _sold(self, tell: Callable[[str], None]) -> Iterator[Sold]:
        region = self._patience.ask(lambda: self._rest.get(f"{self._compute}/regions/{self._settings.region}")).body
        zones = [str(one).rpartition("/")[2] for one in cast("list[object]", region.get("zones", []))]
        for zone in sorted(zones):
            tell(f"machine types of {zone} …")
            for one in self._listed(f"{self._compute}/zones/{zone}/machineTypes", "items", {"maxResults": PAGE}):
                if found := type_of(one, zone):
                    yield found

    def _prices(self, sold: list[Sold]) -> Told:
        url = f"{self._settings.billing_url.text.rstrip('/')}/v1/services/{COMPUTE_ENGINE}/skus"
        skus = self._listed(url, "skus", {"pageSize": LONG_PAGE, "currencyCode": "USD"})
        return told(sold, rates(skus, self._settings.region), self._runtime.now())

    def _listed(self, url: str, key: str, params: Mapping[str, str]) -> Iterator[Json]:
        def page(token: str) -> tuple[list[Any], str]:
            body = self._rest.get(url, {**params, **({"pageToken": token} if token else {})}).body
            items = body.get(key, [])
            return items if isinstance(items, list) else [], str(body.get("nextPageToken", ""))

        return self._patience.pages(page)
