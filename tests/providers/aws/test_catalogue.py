"""What EC2 sells in a region, read as AWS tells it: page by page, and no part hinders another."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import recursive, sampled_from, text

from autoscaler.cli.main import main
from autoscaler.config.secrets import Url
from autoscaler.contracts.catalogue import Found
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model import codec
from autoscaler.model.catalogue import Catalogue
from autoscaler.model.quantities import Cpu, Instant, Memory, Money
from autoscaler.service.runtime import SystemRuntime
from autoscaler_aws.catalogue_answers import on_demand, spot
from autoscaler_aws.catalogue_reader import AwsCatalogue, RegionReader
from autoscaler_aws.pool_reader import GroupReader
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.aws.cloud import Aws
from autoscaler_standins.aws.groups import GroupSpec
from autoscaler_standins.faults import Fault, Kind
from tests.providers.aws.pool_stage import GROUP, SITE, SOON, Stage
from tests.providers.granted import Granted
from tests.providers.hurried import Hurried, hurried, unheard
from tests.providers.keeping import Kept

ZONES = ("eu-central-1a", "eu-central-1b")
LARGE = KindSpec(name="m7g.large", cpu=Cpu(2000), memory=Memory(8 * 2**30), price=Money(95_200), spot_price=Money(38_100))
CARDS = KindSpec(name="g5.xlarge", cpu=Cpu(4000), memory=Memory(16 * 2**30), price=Money(1_258_000), gpus=1, gpu="A10G")
UNPRICED = KindSpec(name="x9.large", cpu=Cpu(2000), memory=Memory(8 * 2**30))
MANY = [replace(LARGE, name=f"m7i.{number}xlarge") for number in range(250)]
NOW = Instant(1_795_000_000_000)


@pytest.fixture
def market(keys: pytest.MonkeyPatch) -> Iterator[Granted]:
    """Three types in two zones. The stand-in must make no mistake of its own."""
    cloud = Aws(SystemRuntime(), [GroupSpec(name="g", kinds=(LARGE.name,), zones=ZONES, desired=0)], [LARGE, CARDS, UNPRICED])
    with Granted(cloud, SystemRuntime()) as served:
        yield served
    assert served.mistakes == []


def settings(market: Granted) -> AwsCatalogue:
    return AwsCatalogue(region="eu-central-1", endpoint_url=Url(market.url), pricing_endpoint_url=Url(market.url))


def read(market: Granted, told: list[str] | None = None) -> Found:
    return RegionReader(settings(market), hurried()).read(unheard if told is None else told.append)


def shown(catalogue: Catalogue) -> dict[str, list[tuple[str, bool, int]]]:
    return {one.name: [(each.zone, each.spot, each.price.micro) for each in one.quotations] for one in catalogue.types}


def refuse(operation: str, code: str, times: int = 100, status: int = 400) -> Fault:
    return Fault(operation=operation, kind=Kind.REFUSE, code=code, times=times, status=status)


def test_reads_types_with_zones_and_prices(market: Granted) -> None:
    words: list[str] = []
    found = read(market, words)
    assert found.lacking == ()
    assert shown(found.catalogue) == {
        "g5.xlarge": [("", False, 1_258_000)],
        "m7g.large": [("", False, 95_200), (ZONES[0], True, 38_100), (ZONES[1], True, 39_100)],
        "x9.large": [],
    }
    large, cards = found.catalogue.type("m7g.large"), found.catalogue.type("g5.xlarge")
    assert large is not None
    assert cards is not None
    assert (large.cpu, large.memory, large.architecture, large.zones) == (LARGE.cpu, LARGE.memory, "arm64", ZONES)
    assert (cards.gpus, cards.gpu, cards.architecture) == (1, "A10G", "amd64")
    assert words[0] == "types …"
    assert market.changed() == []


def test_reads_every_page(market: Granted) -> None:
    market.cloud.kinds.update({one.name: one for one in MANY})  # type: ignore[attr-defined]
    found = read(market)
    asked = [one.operation for one in market.calls]
    assert len(found.catalogue.types) == 253
    assert all(len(prices) == 3 for name, prices in shown(found.catalogue).items() if name.startswith("m7i"))
    assert (asked.count("ec2.DescribeInstanceTypes"), asked.count("pricing.GetProducts")) == (3, 3)


def test_what_is_throttled_is_asked_again(market: Granted) -> None:
    market.faults.add([refuse("*", "RequestLimitExceeded", times=3, status=503)])
    site = hurried()
    found = RegionReader(settings(market), site).read(unheard)
    assert found.lacking == ()
    assert isinstance(site.runtime, Hurried)
    assert sum(one.ms >= 500 for one in site.runtime.slept) == 3


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        pytest.param("pricing.GetProducts", {(ZONES[0], True), (ZONES[1], True)}, id="prices on demand"),
        pytest.param("ec2.DescribeSpotPriceHistory", {("", False)}, id="spot prices"),
        pytest.param("ec2.DescribeInstanceTypeOfferings", {("", False), (ZONES[0], True), (ZONES[1], True)}, id="zones"),
    ],
)
def test_a_part_that_is_denied_is_told_and_hinders_no_other(market: Granted, operation: str, left: set[tuple[str, bool]]) -> None:
    market.faults.add([refuse(operation, "AccessDeniedException")])
    found = read(market)
    assert [type(one) for one in found.lacking] == [SetupError]
    assert {(zone, bid) for zone, bid, _ in shown(found.catalogue)["m7g.large"]} == left


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [("UnauthorizedOperation", 403, SetupError), ("RequestLimitExceeded", 503, UnavailableError)],
    ids=["denied", "throttled for ever"],
)
def test_without_types_there_is_no_catalogue(market: Granted, code: str, status: int, error: type[Exception]) -> None:
    market.faults.add([refuse("ec2.DescribeInstanceTypes", code, status=status)])
    with pytest.raises(error):
        read(market)


def test_a_region_that_sells_nothing_is_told(market: Granted) -> None:
    market.cloud.kinds.clear()  # type: ignore[attr-defined]
    with pytest.raises(SetupError, match="sells nothing in eu-central-1"):
        read(market)


def test_the_command_keeps_what_it_read(
    market: Granted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTOSCALER_CATALOGUE", str(tmp_path))
    where = ["--cloud", "aws", "--region", "eu-central-1"]
    reach = [one for name in ("endpoint_url", "pricing_endpoint_url") for one in ("--set", f"{name}={market.url}")]
    assert main(["catalogue", "update", *where, *reach]) == 0
    first = kept(tmp_path)
    assert main(["catalogue", "show", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "catalogue"
    market.faults.add([refuse("pricing.GetProducts", "AccessDeniedException")])
    assert main(["catalogue", "update", *where, *reach]) == 1
    assert "AccessDenied" in capsys.readouterr().err
    assert shown(kept(tmp_path)) == shown(first)
    assert market.changed() == []


def kept(folder: Path) -> Catalogue:
    return codec.loads((folder / "aws.eu-central-1.json").read_bytes(), Catalogue, kind="catalogue")


@pytest.mark.parametrize(
    ("group", "prices"),
    [
        pytest.param(GROUP, {f"m7g.large/{ZONES[0]}": 95_000, f"m7g.large/{ZONES[1]}": 95_000}, id="on demand"),
        pytest.param(
            replace(GROUP, spot=True),
            {f"m7g.large/{ZONES[0]}/spot": 40_000, f"m7g.large/{ZONES[1]}/spot": 41_000},
            id="spot",
        ),
        pytest.param(replace(GROUP, kinds=("m7g.large", "m7g.xlarge"), base=1), {"mixed/spot": 190_000}, id="of both markets"),
    ],
)
def test_a_pool_takes_its_prices_from_what_is_kept(keys: pytest.MonkeyPatch, group: GroupSpec, prices: dict[str, int]) -> None:
    stage = Stage.of(group, types=())
    with stage.served:
        kept = Kept(read(stage.served).catalogue)
        asked = len(stage.served.calls)
        seen = GroupReader(stage.settings, replace(SITE, catalogues=kept)).observe(SOON)
    assert {one.name: one.price.micro for one in seen.offerings} == prices
    assert {one.priced_by for one in seen.offerings} <= {"AWS Price List", "EC2 spot history"}
    assert all(0 < one.priced_at <= seen.read_at for one in seen.offerings)
    assert "ec2.DescribeInstanceTypes" not in [one.operation for one in stage.served.calls[asked:]]


@pytest.mark.parametrize(
    ("pairs", "code", "says"),
    [
        pytest.param(["region"], 64, "says no value", id="no value"),
        pytest.param(["profil=shop"], 5, "did you mean 'profile'?", id="a key that is not known"),
        pytest.param(["pricing_region=moon"], 5, "is no AWS region", id="no region"),
    ],
)
def test_what_is_wrong_in_settings_is_told(pairs: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = [one for pair in pairs for one in ("--set", pair)]
    assert main(["catalogue", "update", "--cloud", "aws", "--region", "eu-central-1", *given]) == code
    assert says in capsys.readouterr().err


def test_a_provider_that_sells_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "update", "--cloud", "haproxy", "--region", "x"]) == 1
    assert "those that do: aws" in capsys.readouterr().err


PARTS = recursive(
    sampled_from([None, 1, "Hrs", "0.1", "m7g.large"]),
    lambda inner: sampled_from(
        ["product", "attributes", "instanceType", "terms", "OnDemand", "priceDimensions", "unit", "pricePerUnit"]
    ).flatmap(lambda key: inner.map(lambda value: {key: value})),
    max_leaves=20,
)


@given(PARTS.map(json.dumps) | text(max_size=30))
def test_no_product_breaks_the_list(product: str) -> None:
    assert on_demand([product], NOW) == {}


def test_of_a_spot_history_the_newest_holds() -> None:
    history = [
        {"InstanceType": "a", "AvailabilityZone": "z", "SpotPrice": price, "Timestamp": at}
        for price, at in [("0.2", 2), ("0.3", 3), ("0.1", 1)]
    ]
    assert [one.price.micro for one in spot(history, NOW)["a"]] == [300_000]  # type: ignore[arg-type]
