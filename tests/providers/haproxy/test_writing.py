"""What is said to HAProxy, and what is made of its answers."""

from pathlib import Path

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.errors import (
    AutoscalerError,
    NoCapacityError,
    NotFoundError,
    OutcomeUnknownError,
    ProviderError,
    SetupError,
    UnavailableError,
)
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler_haproxy.runtime_socket import RuntimeSocket
from autoscaler_haproxy.settings import HaproxySettings
from autoscaler_haproxy.traffic_writer import HaproxyWriter
from tests.providers.haproxy.fake_haproxy import FakeHaproxy

ONE, TWO = "10.0.0.1:8001", "10.0.0.2:8002"


@pytest.fixture
def writer(settings: HaproxySettings, site: Site) -> HaproxyWriter:
    return HaproxyWriter(settings, site)


def orders(proxy: FakeHaproxy) -> list[str]:
    return [said.removeprefix("set server web/") for said in proxy.said if said.startswith("set")]


def test_an_empty_slot_gets_its_address_before_it_gets_traffic(proxy: FakeHaproxy, writer: HaproxyWriter, web: WorkloadRef) -> None:
    writer.join(web, (ONE,))
    assert orders(proxy) == ["s1 addr 10.0.0.1 port 8001", "s1 state ready"]


def test_the_slot_that_was_out_of_use_the_longest_comes_first(proxy: FakeHaproxy, writer: HaproxyWriter, web: WorkloadRef) -> None:
    for name, unused in (("s1", 5), ("s2", 60), ("s3", 60)):
        proxy.slot(name).unused = unused
    writer.join(web, (ONE,))
    assert orders(proxy)[0].startswith("s2 ")


def test_coming_back_needs_no_other_slot(proxy: FakeHaproxy, writer: HaproxyWriter, web: WorkloadRef) -> None:
    writer.join(web, (ONE,))
    writer.leave(web, (ONE,))
    proxy.said.clear()
    writer.join(web, (ONE,))
    assert orders(proxy) == ["s1 state ready"]


def test_a_slot_a_crash_left_with_its_address_is_free(proxy: FakeHaproxy, writer: HaproxyWriter, web: WorkloadRef) -> None:
    slot = proxy.slot("s3")
    slot.host, slot.port, slot.unused = "10.0.0.1", 8001, 99
    writer.join(web, (ONE,))
    assert (proxy.slot("s3").admin & 1, orders(proxy)[-1]) == (0, "s3 state ready")


def test_an_address_in_two_slots_leaves_both(proxy: FakeHaproxy, writer: HaproxyWriter, web: WorkloadRef) -> None:
    for name in ("s1", "s2"):
        slot = proxy.slot(name)
        slot.host, slot.port, slot.admin = "10.0.0.1", 8001, 0
    writer.leave(web, (ONE,))
    writer.remove(web, (ONE,))
    assert [proxy.slot(name).admin for name in ("s1", "s2")] == [1, 1]


def test_full_says_what_to_do(proxy: FakeHaproxy, writer: HaproxyWriter, web: WorkloadRef) -> None:
    for slot in proxy.slots:
        slot.admin = 0
    with pytest.raises(NoCapacityError) as caught:
        writer.join(web, (TWO,))
    assert "server-template" in caught.value.hint


@pytest.mark.parametrize(
    ("order", "reply", "error"),
    [
        pytest.param("set server web/s1 addr", "Invalid addr '10.0.0.1' by 'stats socket command'", ProviderError, id="refused"),
        pytest.param("set server web/s1 addr", "", ProviderError, id="no word of what it did"),
        pytest.param("set server web/s1 addr", "Permission denied", SetupError, id="too low a level"),
        pytest.param("set server web/s1 addr", None, OutcomeUnknownError, id="hung up after the order"),
        pytest.param("set server web/s1 state", "Can't do that", ProviderError, id="a state refused"),
        pytest.param("set server web/s1 state", "No such server.", NotFoundError, id="reloaded in between"),
        pytest.param("set server web/s1 state", None, OutcomeUnknownError, id="hung up after the last order"),
        pytest.param("show servers state", None, UnavailableError, id="hung up before any order"),
    ],
)
def test_answers(
    proxy: FakeHaproxy, writer: HaproxyWriter, web: WorkloadRef, order: str, reply: str | None, error: type[AutoscalerError]
) -> None:
    proxy.reply[order] = reply
    with pytest.raises(error) as caught:
        writer.join(web, (ONE,))
    assert type(caught.value) is error


def test_a_socket_that_is_gone_was_told_nothing(proxy: FakeHaproxy, writer: HaproxyWriter, web: WorkloadRef) -> None:
    proxy.stop()
    with pytest.raises(UnavailableError):
        writer.leave(web, (ONE,))


def test_one_that_hangs_is_given_up_in_time(proxy: FakeHaproxy, site: Site) -> None:
    proxy.answer = lambda _: site.runtime.sleep(Duration(600))  # type: ignore[method-assign, assignment]
    door, began = RuntimeSocket(str(proxy.path), site.runtime), site.runtime.monotonic()
    with pytest.raises(UnavailableError):
        door.ask("show info", Duration(100))
    with pytest.raises(OutcomeUnknownError):
        door.tell("set server web/s1 state ready", Duration(100))
    assert site.runtime.monotonic() - began < 500


def test_a_path_that_is_no_socket_is_unavailable(tmp_path: Path, site: Site) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError):
        RuntimeSocket(f"{tmp_path}/file", site.runtime).ask("show info", Duration(100))
