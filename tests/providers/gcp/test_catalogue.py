"""What Compute Engine sells in a region: types zone by zone, and a price only where each part of a machine has one."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import dictionaries, lists, none, recursive, sampled_from, text

from autoscaler.cli.main import main
from autoscaler.config.secrets import Url
from autoscaler.contracts.catalogue import Found
from autoscaler.errors import NotFoundError, SetupError, UnavailableError
from autoscaler.model import codec
from autoscaler.model.catalogue import Catalogue
from autoscaler.model.quantities import Instant
from autoscaler.service.runtime import SystemRuntime
from autoscaler_gcp.catalogue_answers import joined, rates, told, type_of, understood
from autoscaler_gcp.catalogue_reader import GcpCatalogue, RegionReader
from autoscaler_gcp.pool_reader import GroupReader
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.gcp.groups import Group
from tests.providers.gcp.pool_stage import SOON, regional, staged, zonal
from tests.providers.granted import Granted
from tests.providers.hurried import hurried, unheard
from tests.providers.keeping import Kept

REGION = "europe-west4"
ZONES = tuple(f"{REGION}-{letter}" for letter in "abc")
NOW = Instant(1_795_000_000_000)


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Iterator[Granted]:
    """The stand-in must make no mistake of its own."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Granted(GoogleCloud(SystemRuntime()), SystemRuntime()) as served:
        yield served
    assert served.mistakes == []


def read(market: Granted, region: str = REGION) -> Found:
    settings = GcpCatalogue(project="shop-prod", region=region, url=Url(market.url), billing_url=Url(market.url))
    return RegionReader(settings, hurried()).read(unheard)


def shown(catalogue: Catalogue) -> dict[str, list[tuple[bool, int]]]:
    return {one.name: [(each.spot, each.price.micro) for each in one.quotations] for one in catalogue.types}


def refuse(operation: str, reason: str, status: int, times: int = 100) -> Fault:
    return Fault(operation=operation, kind=Kind.REFUSE, code=reason, status=status, times=times)


def test_reads_types_with_zones_and_prices(market: Granted) -> None:
    found = read(market)
    assert found.lacking == ()
    prices = shown(found.catalogue)
    assert prices["n2-standard-2"] == [(False, 2 * 34_806 + 8 * 4_664), (True, 32_078)]
    assert prices["g2-standard-4"] == [(False, 4 * 27_527 + 16 * 3_225 + 616_500), (True, 233_463)]
    assert prices["c3-standard-4"] == []
    kind = found.catalogue.type("g2-standard-4")
    assert kind is not None
    assert (kind.gpus, kind.gpu, kind.architecture, kind.zones) == (1, "nvidia-l4", "amd64", ZONES)
    assert market.changed() == []


def test_reads_every_page(market: Granted, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(market).catalogue
    monkeypatch.setattr("autoscaler_gcp.catalogue_reader.PAGE", "2")
    monkeypatch.setattr("autoscaler_gcp.catalogue_reader.LONG_PAGE", "5")
    before = len(market.calls)
    assert shown(read(market).catalogue) == shown(whole)
    asked = [one.operation for one in market.calls[before:]]
    assert asked.count("compute.machineTypes.list") == 3 * 4
    assert asked.count("cloudbilling.services.skus.list") == 10


@pytest.mark.parametrize(("reason", "status"), [("rateLimitExceeded", 403), ("rateLimitExceeded", 429), ("backendError", 503)])
def test_what_is_throttled_is_asked_again(market: Granted, reason: str, status: int) -> None:
    market.faults.add([refuse("*", reason, status, times=3)])
    assert read(market).lacking == ()


def test_without_prices_types_are_told(market: Granted) -> None:
    market.faults.add([refuse("cloudbilling.services.skus.list", "forbidden", 403)])
    found = read(market)
    assert [type(one) for one in found.lacking] == [SetupError]
    assert set(map(tuple, shown(found.catalogue).values())) == {()}


@pytest.mark.parametrize(
    ("reason", "status", "error"),
    [
        pytest.param("forbidden", 403, SetupError, id="denied"),
        pytest.param("notFound", 404, NotFoundError, id="no such region"),
        pytest.param("authError", 401, SetupError, id="unknown"),
        pytest.param("backendError", 500, UnavailableError, id="broken"),
    ],
)
def test_without_types_there_is_no_catalogue(market: Granted, reason: str, status: int, error: type[Exception]) -> None:
    market.faults.add([refuse("compute.regions.get", reason, status)])
    with pytest.raises(error):
        read(market)


def test_the_command_keeps_what_it_read(market: Granted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AUTOSCALER_CATALOGUE", str(tmp_path))
    given = [one for key in ("url", "billing_url") for one in ("--set", f"{key}={market.url}")]
    assert main(["catalogue", "update", "--cloud", "gcp", "--region", REGION, "--set", "project=shop-prod", *given]) == 0
    kept = codec.loads((tmp_path / f"gcp.{REGION}.json").read_bytes(), Catalogue, kind="catalogue")
    assert shown(kept) == shown(read(market).catalogue)


@pytest.mark.parametrize(("group", "zone"), [(zonal, ZONES[0]), (regional, "")], ids=["zonal", "regional"])
def test_a_pool_takes_its_prices_from_what_is_kept(market: Granted, group: Callable[[], Group], zone: str) -> None:
    kept = Kept(read(market).catalogue)
    with staged(group()) as stage:
        (offered,) = GroupReader(stage.settings, replace(stage.site, catalogues=kept)).observe(SOON).offerings
    assert (offered.zone, offered.price.micro, offered.priced_by) == (zone, 4 * 24_000 + 16 * 3_216, "Cloud Billing Catalog")
    assert stage.asked("machineTypes.get") == 0


def sku(what: str, nanos: int, unit: str = "h", usage: str = "OnDemand", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    price = {"currencyCode": "USD", "units": "0", "nanos": nanos}
    return {
        "description": f"{what} running in Netherlands",
        "category": {"resourceFamily": "Compute", "usageType": usage},
        "serviceRegions": [REGION],
        "pricingInfo": [{"pricingExpression": {"usageUnit": unit, "tieredRates": [{"unitPrice": price}]}}],
        **more,
    }


@pytest.mark.parametrize(
    ("what", "family"),
    [
        ("N2D AMD Instance Core", "n2d"),
        ("T2A Arm Instance Core", "t2a"),
        ("N1 Predefined Instance Core", "n1"),
        ("Compute optimized Core", "compute optimized"),
        ("N2 Custom Instance Core", "n2 custom"),
        ("Spot Preemptible N2 Instance Core", "n2"),
    ],
)
def test_a_price_is_of_one_family(what: str, family: str) -> None:
    assert list(rates([sku(what, 5)], REGION)) == [(family, "core", False)]


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param(sku("N2 Instance Core", 5, usage="Commit1Yr"), id="of a commitment"),
        pytest.param(sku("N2 Instance Core", 5, serviceRegions=["us-east1"]), id="of another region"),
        pytest.param(sku("N2 Instance Core", 5, unit="mo"), id="by the month"),
        pytest.param(sku("N2 Instance Core", 0), id="free"),
        pytest.param(sku("N2 Instance Core", 5, category={"resourceFamily": "Network", "usageType": "OnDemand"}), id="of the network"),
        pytest.param(sku("N2 Instance Core", 5, pricingInfo=[]), id="without a price"),
        pytest.param({}, id="nothing"),
    ],
)
def test_what_is_no_price_of_a_machine_is_left_out(listed: dict[str, Any]) -> None:
    assert rates([listed], REGION) == {}


def test_of_what_is_told_twice_the_dearer_holds() -> None:
    assert rates([sku("N2 Instance Core", price) for price in (3, 5, 4)], REGION) == {("n2", "core", False): (5, "USD")}


CORES = [sku("E2 Instance Core", 20_000_000), sku("E2 Instance Ram", 3_000_000, "GiBy.h")]


@pytest.mark.parametrize(
    ("listed", "micro"),
    [
        pytest.param({"name": "e2-standard-2"}, 2 * 20_000 + 8 * 3_000, id="of all its cores"),
        pytest.param({"name": "e2-medium", "isSharedCpu": True}, 20_000 + 8 * 3_000, id="of the part of them that is paid for"),
        pytest.param({"name": "e2-tiny", "isSharedCpu": True}, None, id="a part that nobody told"),
        pytest.param({"name": "e2-lssd", "bundledLocalSsds": {"partitionCount": 1}}, None, id="disks come with it"),
        pytest.param(
            {"name": "e2-cards", "accelerators": [{"guestAcceleratorType": "nvidia-h9", "guestAcceleratorCount": 1}]}, None, id="cards"
        ),
        pytest.param({"name": "x4-large"}, None, id="a family without a price"),
    ],
)
def test_a_machine_costs_all_of_its_parts(listed: dict[str, Any], micro: int | None) -> None:
    found = type_of({"guestCpus": 2, "memoryMb": 8192, **listed}, ZONES[0])
    assert found is not None
    prices = told([found], rates(CORES, REGION), NOW)
    assert [one.price.micro for each in prices.values() for one in each] == ([micro] if micro else [])


def test_an_answer_that_was_saved_tells_types_of_the_region() -> None:
    zones = (f"https://www.googleapis.com/compute/v1/projects/p/zones/{zone}" for zone in (ZONES[0], "europe-west40-a"))
    items = [{"name": f"e2-{place}", "guestCpus": 2, "memoryMb": 8192, "zone": zone} for place, zone in enumerate(zones)]
    saved = understood({"items": items}, REGION, NOW)
    assert saved is not None
    assert [(one.name, one.zones) for one in saved.types] == [("e2-0", ZONES[:1])]
    assert understood({"skus": []}, REGION, NOW) is None


def test_a_type_that_nobody_gets_any_more_is_none() -> None:
    gone = {"name": "n0-old", "guestCpus": 2, "memoryMb": 8192, "deprecated": {"state": "DELETED"}}
    assert type_of(gone, ZONES[0]) is None


def test_a_type_of_several_zones_is_one() -> None:
    listed = {"name": "e2-standard-2", "guestCpus": 2, "memoryMb": 8192}
    found = [one for zone in (ZONES[1], ZONES[0]) if (one := type_of(listed, zone))]
    assert [one.type.zones for one in joined(found)] == [ZONES[:2]]


PARTS = recursive(
    none() | text(max_size=3) | sampled_from(["Compute", "OnDemand", "N2 Instance Core running in X", REGION]),
    lambda inner: (
        lists(inner, max_size=2)
        | dictionaries(sampled_from(["description", "category", "pricingInfo", "serviceRegions", "usageType", "name", "guestCpus"]), inner)
    ),
    max_leaves=8,
)


@given(dictionaries(sampled_from(["description", "category", "pricingInfo", "serviceRegions", "name", "guestCpus", "memoryMb"]), PARTS))
def test_no_answer_breaks_the_reading(found: dict[str, Any]) -> None:
    assert rates([found], REGION) == {}
    assert type_of(found, ZONES[0]) is None
