"""What Azure sells in a region: sizes a subscription may have, and the retail price of a machine with Linux."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import dictionaries, integers, lists, none, recursive, sampled_from, text

from autoscaler.cli.main import main
from autoscaler.config.secrets import Url
from autoscaler.contracts.catalogue import Found
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model import codec
from autoscaler.model.catalogue import Catalogue
from autoscaler.model.quantities import Cpu, Instant, Memory
from autoscaler_azure.catalogue_answers import told, type_of, understood
from autoscaler_azure.catalogue_reader import AzureCatalogue, RegionReader
from autoscaler_azure.pool_reader import ScaleSetReader
from autoscaler_standins.faults import Fault, Kind
from tests.providers.azure.standin import SOON, SUBSCRIPTION, Azure, listening, model, settings_of, site_of
from tests.providers.hurried import hurried, unheard
from tests.providers.keeping import Kept

WEST = "westeurope"
ZONES = tuple(f"{WEST}-{zone}" for zone in "123")
NOW = Instant(1_795_000_000_000)
PRICED = {"Standard_D2s_v5": 96_000, "Standard_D4s_v5": 192_000, "Standard_E2s_v5": 126_000}
EXPECTED = {name: [(False, price), (True, price // 5)] for name, price in PRICED.items()} | {"Standard_NC4as_T4_v3": []}


@pytest.fixture(autouse=True)
def direct(no_proxy: None) -> None:
    """The loopback is behind no proxy."""


def read(azure: Azure) -> Found:
    url = Url(azure.standin.url)
    return RegionReader(AzureCatalogue(subscription=SUBSCRIPTION, region=WEST, url=url, prices_url=url), hurried()).read(unheard)


def shown(catalogue: Catalogue) -> dict[str, list[tuple[bool, int]]]:
    return {one.name: [(each.spot, each.price.micro) for each in one.quotations] for one in catalogue.types}


def refuse(operation: str, code: str, status: int, times: int = 100) -> Fault:
    return Fault(operation=operation, kind=Kind.REFUSE, code=code, status=status, times=times)


def test_reads_sizes_with_zones_and_prices() -> None:
    with listening(model()) as azure:
        found = read(azure)
    assert found.lacking == ()
    assert shown(found.catalogue) == EXPECTED
    kind = found.catalogue.type("Standard_NC4as_T4_v3")
    assert kind is not None
    assert (kind.cpu, kind.memory, kind.gpus, kind.architecture, kind.zones) == (Cpu(4000), Memory(28 * 2**30), 1, "amd64", ZONES)
    assert (azure.standin.changed(), azure.standin.mistakes) == ([], [])


def test_reads_every_page() -> None:
    with listening(model()) as azure:
        azure.cloud.page = 2
        assert shown(read(azure).catalogue) == EXPECTED
    asked = [one.operation for one in azure.standin.calls]
    assert (asked.count("ResourceSkus.List"), asked.count("RetailPrices.List")) == (2, 8)


def test_what_is_throttled_is_asked_again() -> None:
    with listening(model()) as azure:
        azure.befall(refuse("*", "TooManyRequests", 429, times=3))
        assert read(azure).lacking == ()


def test_without_prices_sizes_are_told() -> None:
    with listening(model()) as azure:
        azure.befall(refuse("RetailPrices.List", "Bad", 400))
        found = read(azure)
    assert [type(one) for one in found.lacking] == [SetupError]
    assert shown(found.catalogue) == {name: [] for name in EXPECTED}


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        pytest.param("AuthorizationFailed", 403, SetupError, id="denied"),
        pytest.param("InternalServerError", 500, UnavailableError, id="broken"),
    ],
)
def test_without_sizes_there_is_no_catalogue(code: str, status: int, error: type[Exception]) -> None:
    with listening(model()) as azure:
        azure.befall(refuse("ResourceSkus.List", code, status))
        with pytest.raises(error):
            read(azure)


def test_the_command_keeps_what_it_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AUTOSCALER_CATALOGUE", str(tmp_path))
    with listening(model()) as azure:
        pairs = {"subscription": SUBSCRIPTION, "url": azure.standin.url, "prices_url": azure.standin.url}
        given = [one for key, value in pairs.items() for one in ("--set", f"{key}={value}")]
        assert main(["catalogue", "update", "--cloud", "azure", "--region", WEST, *given]) == 0
    kept = codec.loads((tmp_path / f"azure.{WEST}.json").read_bytes(), Catalogue, kind="catalogue")
    assert shown(kept) == EXPECTED


def test_a_pool_takes_its_prices_from_what_is_kept() -> None:
    with listening(model()) as azure:
        kept = Kept(read(azure).catalogue)
        settings = replace(settings_of(azure), types=())
        (offered,) = ScaleSetReader(settings, replace(site_of(azure), catalogues=kept)).observe(SOON).offerings
    assert (offered.price.micro, offered.priced_by) == (96_000, "Azure Retail Prices")
    assert [one.operation for one in azure.standin.calls].count("ResourceSkus.List") == 1


def size(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    has = {"vCPUs": "8", "MemoryGB": "3.5"}
    found: dict[str, Any] = {
        "resourceType": "virtualMachines",
        "name": "Standard_X",
        "capabilities": [{"name": name, "value": value} for name, value in has.items()],
        "locationInfo": [{"location": WEST, "zones": ["1", "2"]}],
    }
    return {**found, **more}


def test_a_size_is_told_as_the_subscription_may_have_it() -> None:
    barred = [{"type": "Zone", "restrictionInfo": {"zones": ["2"]}}]
    few = [{"name": "vCPUs", "value": "8"}, {"name": "vCPUsAvailable", "value": "2"}, {"name": "MemoryGB", "value": "3.5"}]
    found = type_of(size(restrictions=barred, capabilities=few), WEST)
    assert found is not None
    assert (found.cpu, found.memory, found.zones) == (Cpu(2000), Memory(7 * 2**29), (f"{WEST}-1",))


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param(size(resourceType="disks"), id="a disk"),
        pytest.param(size(restrictions=[{"type": "Location", "restrictionInfo": {}}]), id="what the subscription may not have"),
        pytest.param(size(capabilities=[]), id="of no known size"),
        pytest.param({}, id="nothing"),
    ],
)
def test_what_is_no_size_of_ours_is_none(listed: dict[str, Any]) -> None:
    assert type_of(listed, WEST) is None


def test_answers_that_were_saved_tell_sizes_and_prices_of_the_region() -> None:
    sizes, prices = understood({"value": [size()]}, WEST, NOW), understood({"Items": [item(), item(armRegionName="other")]}, WEST, NOW)
    assert sizes is not None
    assert prices is not None
    assert ([one.name for one in sizes.types], [len(one) for one in prices.prices.values()]) == (["Standard_X"], [1])
    assert understood({"error": {}}, WEST, NOW) is None


def item(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    found = {
        "productName": "Virtual Machines X Series",
        "skuName": "X",
        "armSkuName": "Standard_X",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "retailPrice": 0.5,
        "currencyCode": "USD",
        "armRegionName": WEST,
    }
    return {**found, **more}


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        pytest.param(item(), [(False, 500_000)], id="on demand"),
        pytest.param(item(skuName="X Spot"), [(True, 500_000)], id="spot"),
        pytest.param(item(retailPrice=1e-05), [(False, 10)], id="a price with an exponent"),
        pytest.param(item(skuName="X Low Priority"), [], id="of batch pools"),
        pytest.param(item(productName="Virtual Machines X Series Windows"), [], id="with a licence"),
        pytest.param(item(productName="X Series Cloud Services"), [], id="of cloud services"),
        pytest.param(item(type="Reservation"), [], id="reserved"),
        pytest.param(item(unitOfMeasure="1/Month"), [], id="by the month"),
        pytest.param(item(armSkuName=""), [], id="of no size"),
        pytest.param(item(retailPrice=0), [], id="free"),
        pytest.param({}, [], id="nothing"),
    ],
)
def test_which_prices_are_of_our_machines(listed: dict[str, Any], expected: list[tuple[bool, int]]) -> None:
    assert [(one.spot, one.price.micro) for each in told([listed], NOW).values() for one in each] == expected


PARTS = recursive(
    none() | text(max_size=3) | integers(),
    lambda inner: lists(inner, max_size=2) | dictionaries(sampled_from(["name", "value", "zones", "type", "restrictionInfo"]), inner),
    max_leaves=6,
)


@given(dictionaries(sampled_from(["capabilities", "restrictions", "locationInfo", "retailPrice", "name", "currencyCode"]), PARTS))
def test_no_answer_breaks_the_reading(found: dict[str, Any]) -> None:
    type_of({**size(), **found}, WEST)
    told([{**item(), **found}], NOW)
