"""Reads what Azure sells in a region: sizes as a subscription may have them, and the public list of retail prices. Without the SDK."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from autoscaler.config.secrets import Url
from autoscaler.contracts.catalogue import Found
from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError, SetupError
from autoscaler.model.catalogue import Catalogue
from autoscaler.model.quantities import Duration
from autoscaler_azure.catalogue_answers import Json, told, type_of
from autoscaler_azure.settings import MANAGEMENT, SUBSCRIPTION
from autoscaler_azure.sign_in import SignIn
from autoscaler_clouds.patience import Patience
from autoscaler_clouds.quoting import UNTOLD, Parts, Told, priced
from autoscaler_clouds.rest import Rest

PRICES = Url("https://prices.azure.com")
TIMEOUT = Duration(60_000)
"""The list of sizes comes as one page of some megabytes, and takes its time."""

SKUS_VERSION = "2021-07-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureCatalogue:
    """A region, as a `subscription` may use it. `url`: the Resource Manager, `prices_url`: the retail prices. `timeout`: of one call."""

    subscription: str
    region: str
    url: Url = MANAGEMENT
    prices_url: Url = PRICES
    timeout: Duration = TIMEOUT

    def __post_init__(self) -> None:
        if not SUBSCRIPTION.fullmatch(self.subscription):
            raise PolicyError(f"{self.subscription[:40]!r} is no subscription's id", hint="write it as az account show prints it")
        if not (self.region.isalnum() and self.region.islower()):
            raise PolicyError(f"{self.region[:40]!r} is no region", hint="write it as az account list-locations shows its name: westeurope")
        if not self.timeout.ms:
            raise PolicyError("a call without time has no answer", hint="write timeout=60s, or leave it out")


class RegionReader:
    """One region."""

    def __init__(self, settings: AzureCatalogue, site: Site) -> None:
        self._settings = settings
        self._runtime = site.runtime
        self._patience = Patience(site.runtime)
        sign = SignIn(site, f"{settings.url.text.rstrip('/')}/.default")
        self._manager = Rest(site.runtime, settings.timeout, sign.headers)
        self._public = Rest(site.runtime, settings.timeout)

    def read(self, tell: Callable[[str], None]) -> Found:
        """The sizes first: without them nothing else means anything."""
        parts, region = Parts(), self._settings.region
        tell("sizes …")
        types = [found for one in self._sizes() if (found := type_of(one, region))]
        if not types:
            raise SetupError(
                f"Azure sells nothing in {region}", hint="see whether that is its name, and whether the subscription may use it"
            )
        tell(f"{len(types)} sizes; prices …")
        prices = parts.read(self._prices, UNTOLD)
        catalogue = Catalogue(cloud="azure", region=region, at=self._runtime.now(), source="Resource SKUs", types=priced(types, prices))
        return Found(catalogue=catalogue, lacking=tuple(parts.lacking))

    def _sizes(self) -> Iterator[Json]:
        home = self._settings.url.text.rstrip("/")
        path = f"{home}/subscriptions/{self._settings.subscription}/providers/Microsoft.Compute/skus"
        only = {"api-version": SKUS_VERSION, "$filter": f"location eq '{self._settings.region}'"}
        return self._listed(self._manager, path, only, ("value", "nextLink"))

    def _prices(self) -> Told:
        """Of machines alone, and not of what is reserved: a few thousand."""
        url = f"{self._settings.prices_url.text.rstrip('/')}/api/retail/prices"
        ours = f"serviceName eq 'Virtual Machines' and armRegionName eq '{self._settings.region}' and priceType eq 'Consumption'"
        return told(self._listed(self._public, url, {"$filter": ours}, ("Items", "NextPageLink")), self._runtime.now())

    def _listed(self, rest: Rest, url: str, params: Mapping[str, str], keys: tuple[str, str]) -> Iterator[Json]:
        def page(link: str) -> tuple[list[Any], str]:
            body = (rest.get(_home(link, url)) if link else rest.get(url, params)).body
            items, following = body.get(keys[0]), body.get(keys[1])
            return items if isinstance(items, list) else [], following if isinstance(following, str) else ""

        return self._patience.pages(page)


def _home(link: str, url: str) -> str:
    """At our own endpoint: answers name the next page as they like, and who we are goes nowhere else."""
    home = urlsplit(url)
    return urlunsplit(urlsplit(link)._replace(scheme=home.scheme, netloc=home.netloc))
