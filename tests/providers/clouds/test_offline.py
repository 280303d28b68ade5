"""Prices that came with a package: what is understood of them, and what is left out."""

import json

import pytest

from autoscaler.errors import SetupError
from autoscaler.model.catalogue import MachineType
from autoscaler.model.quantities import Cpu, Instant, Memory, Money
from autoscaler_aws.offline import offline as aws
from autoscaler_aws.offline import type_of
from autoscaler_azure.offline import offline as azure
from autoscaler_clouds.offline import Carried, carried, understood

DAY = Instant(1_740_936_978_000)
LISTS = {
    "updated": 1740936978,
    "compute": {"ec2_linux": {"m5.large": {"eu-central-1": 0.1150001, "us-east-1": 0.0, "eu-west-1": "free"}, "odd": 0.3}},
}
M5 = {"name": "m5.large", "ram": 8192, "extra": {"vcpu": "2", "physicalProcessor": "Intel Xeon Platinum 8175"}}


@pytest.fixture
def told() -> Carried:
    return understood(json.dumps(LISTS).encode(), "apache-libcloud 3.9.1")


def test_a_price_is_exact_with_who_told_it_and_when(told: Carried) -> None:
    (found,) = told.quotations("ec2_linux", "m5.large", "eu-central-1")
    assert (found.price, found.at, found.source) == (Money(115_001), DAY, "apache-libcloud 3.9.1")


@pytest.mark.parametrize(
    ("name", "region"),
    [
        pytest.param("m5.large", "us-east-1", id="that is nothing"),
        pytest.param("m5.large", "eu-west-1", id="that is no number"),
        pytest.param("m5.large", "mars-1", id="of no such region"),
        pytest.param("m6.large", "eu-central-1", id="of no such type"),
        pytest.param("odd", "eu-central-1", id="for all regions alike"),
    ],
)
def test_there_is_no_price(told: Carried, name: str, region: str) -> None:
    assert told.quotations("ec2_linux", name, region) == ()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, (2000, 0, "amd64"), id="Intel"),
        pytest.param({"physicalProcessor": "AWS Graviton3 Processor"}, (2000, 0, "arm64"), id="Graviton"),
        pytest.param({"physicalProcessor": "Variable", "gpu": "1"}, (2000, 1, ""), id="a card, and who knows which processor"),
        pytest.param({"vcpu": "NA"}, None, id="nobody knows how large"),
    ],
)
def test_what_a_type_has(told: Carried, changed: dict[str, str], expected: tuple[int, int, str] | None) -> None:
    found = type_of({**M5, "extra": {**M5["extra"], **changed}}, told, "eu-central-1")  # type: ignore[dict-item]
    assert (found and (found.cpu.milli, found.gpus, found.architecture)) == expected


def test_a_type_without_a_price_is_not_sold_there(told: Carried) -> None:
    assert type_of(M5, told, "us-east-1") is None


class TestThePackageItself:
    def test_has_types_of_aws(self) -> None:
        found = aws("eu-central-1", ()).type("m5.large")
        assert found is not None
        assert (found.cpu, found.memory, found.architecture, len(found.quotations)) == (Cpu(2000), Memory(8 * 2**30), "amd64", 1)

    def test_has_prices_of_those_sizes_of_azure_that_are_kept(self) -> None:
        kept = [MachineType(name=name, cpu=Cpu(2000), memory=Memory(8 * 2**30)) for name in ("Standard_D2s_v3", "Standard_X2_v99")]
        found = azure("westeurope", kept)
        assert [one.name for one in found.types] == ["Standard_D2s_v3"]
        assert found.types[0].quotations[0].source.startswith("apache-libcloud ")

    def test_is_named_where_it_is_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("autoscaler_clouds.offline.find_spec", lambda _: None)
        with pytest.raises(SetupError, match="apache-libcloud, whose prices are meant, is not installed") as raised:
            carried()
        assert "poolkeeper[offline]" in raised.value.hint
