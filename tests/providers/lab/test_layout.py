import ipaddress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from autoscaler.errors import PolicyError, UsageError
from autoscaler_lab.layout import DEEPEST, SOCKET_PATH_LIMIT, LabSpec
from autoscaler_lab.settings import LabPool


def spec(folder: str = "/lab", prefix: str = "pk", subnet: str = "10.77.0.0/24") -> LabSpec:
    return LabSpec(folder=Path(folder), prefix=prefix, subnet=subnet, id="0123abcd")


def test_the_fourth_engine_has_all_its_names_from_its_number() -> None:
    engine = spec().engine(4)
    assert (engine.name, engine.namespace, engine.link) == ("pk-4", "pk-node4", "pk-v4")
    assert (engine.address, engine.endpoint) == ("10.77.0.14", "unix:///lab/node4/docker.sock")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"folder": "lab"}, "not absolute", id="a relative folder"),
        pytest.param({"folder": "/" + "x" * 90}, "more than 82", id="a folder too long for sockets"),
        pytest.param({"folder": "/" + "ü" * 43}, "more than 82", id="a folder too long in bytes, not letters"),
        pytest.param({"prefix": ""}, "not a prefix", id="no prefix"),
        pytest.param({"prefix": "toolong7"}, "not a prefix", id="a prefix too long for interface names"),
        pytest.param({"prefix": "1a"}, "not a prefix", id="a prefix that begins with a digit"),
        pytest.param({"prefix": "a/b"}, "not a prefix", id="a prefix with a slash"),
        pytest.param({"prefix": "pk\n"}, "not a prefix", id="a prefix with a line end"),
        pytest.param({"subnet": "10.77.0.0/25"}, "too small", id="a subnet too small"),
        pytest.param({"subnet": "10.77.0.1/24"}, "not an IPv4 network", id="an address instead of a network"),
        pytest.param({"subnet": "fd00::/64"}, "not an IPv4 network", id="an IPv6 subnet"),
        pytest.param({"subnet": "--help"}, "not an IPv4 network", id="an option instead of a network"),
    ],
)
def test_what_cannot_be_a_lab_is_refused_with_a_hint(changed: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        spec(**changed)
    assert refused.value.hint


@given(index=integers(1, 99_999))
def test_no_name_is_longer_than_the_kernel_allows(index: int) -> None:
    folder = "/" + "x" * (SOCKET_PATH_LIMIT - DEEPEST - 1)
    engine = spec(folder, prefix="abcdef").engine(index)
    assert len(bytes(engine.socket)) <= 107
    assert len(bytes(engine.alias / engine.socket.name)) <= 107
    assert len(engine.link) <= 15
    assert len(engine.lab.bridge) <= 15


@given(index=integers(1, 99_999), bits=integers(16, 24))
def test_every_address_is_a_host_of_the_subnet_and_not_the_gateway(index: int, bits: int) -> None:
    lab = spec(subnet=f"10.64.0.0/{bits}")
    network = ipaddress.IPv4Network(lab.subnet)
    address = ipaddress.IPv4Address(lab.engine(index).address)
    assert address in network
    assert address not in (network[0], network[-1])
    assert f"{address}/{bits}" != lab.gateway


@given(first=integers(1, 50_000), apart=integers(1, 243))
def test_engines_that_may_run_at_once_have_different_addresses(first: int, apart: int) -> None:
    lab = spec()
    assert lab.engine(first).address != lab.engine(first + apart).address


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param("relative/lab", id="relative"),
        pytest.param("/" + "x" * 100, id="too long"),
        pytest.param("~nobody-of-that-name/lab", id="of a user there is not"),
    ],
)
def test_a_policy_with_an_impossible_folder_is_refused(folder: str) -> None:
    with pytest.raises(PolicyError) as refused:
        LabPool(folder=folder)
    assert refused.value.hint
