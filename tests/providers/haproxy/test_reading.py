"""What is read from HAProxy's own words."""

from dataclasses import replace

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.errors import AutoscalerError, NotFoundError, PolicyError, ProviderError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.traffic import Member, MemberState, RotationState
from autoscaler_haproxy.settings import HaproxySettings
from autoscaler_haproxy.slots import split_address
from autoscaler_haproxy.traffic_reader import HaproxyReader
from tests.providers.haproxy.fake_haproxy import FULL, RISE, FakeHaproxy

SOON = Duration(5000)


@pytest.fixture
def reader(settings: HaproxySettings, site: Site) -> HaproxyReader:
    return HaproxyReader(settings, site)


def only(reader: HaproxyReader, workload: WorkloadRef) -> Member:
    (found,) = reader.observe((workload,), SOON).members
    return found


ADMIN = [
    pytest.param(0, MemberState.READY, id="serves"),
    pytest.param(4, MemberState.READY, id="was disabled in the configuration, and serves"),
    pytest.param(8, MemberState.DRAINING, id="drains"),
    pytest.param(16, MemberState.DRAINING, id="drains with the one it tracks"),
    pytest.param(12, MemberState.DRAINING, id="drains, and was disabled in the configuration"),
]


@pytest.mark.parametrize(("admin", "state"), ADMIN)
def test_states_by_the_bits_of_the_administrator(
    proxy: FakeHaproxy, reader: HaproxyReader, web: WorkloadRef, admin: int, state: MemberState
) -> None:
    proxy.slot("s2").admin = admin
    assert only(reader, web).state is state


@pytest.mark.parametrize("admin", [1, 2, 32, 5, 9])
def test_in_maintenance_nobody_is_a_member(proxy: FakeHaproxy, reader: HaproxyReader, web: WorkloadRef, admin: int) -> None:
    proxy.slot("s1").admin = admin
    assert reader.observe((web,), SOON).members == ()


def test_a_weight_of_zero_gets_nothing_new(proxy: FakeHaproxy, reader: HaproxyReader, web: WorkloadRef) -> None:
    proxy.slot("s1").admin = proxy.slot("s1").weight = 0
    assert only(reader, web).state is MemberState.DRAINING


@pytest.mark.parametrize(
    ("admin", "free"),
    [
        pytest.param(5, 3, id="never used"),
        pytest.param(1, 3, id="set aside by hand"),
        pytest.param(0, 2, id="in use"),
        pytest.param(8, 2, id="draining"),
        pytest.param(33, 2, id="its name does not resolve: not ours"),
        pytest.param(3, 2, id="set aside with the one it tracks: not ours"),
    ],
)
def test_free_slots(proxy: FakeHaproxy, reader: HaproxyReader, web: WorkloadRef, admin: int, free: int) -> None:
    proxy.slot("s1").admin = admin
    assert reader.observe((web,), SOON).free == ((web, free),)


@pytest.mark.parametrize(
    ("health", "check", "up"),
    [
        pytest.param(FULL, "L7OK", True, id="the last check passed"),
        pytest.param(FULL, "* L7OK", True, id="the last check passed, one is under way"),
        pytest.param(FULL, "L4OK", True, id="a mere connection is the check"),
        pytest.param(RISE, "L7OK", False, id="just made ready: the result is that of whoever had the slot before"),
        pytest.param(RISE, "L7TOUT", False, id="the last check failed"),
        pytest.param(0, "L4CON", False, id="taken for dead"),
        pytest.param(FULL, "INI", False, id="not checked yet"),
        pytest.param(FULL, "", False, id="no check result at all"),
    ],
)
def test_up_with_checks(
    proxy: FakeHaproxy,
    reader: HaproxyReader,
    web: WorkloadRef,
    health: int,
    check: str,
    up: bool,  # noqa: FBT001 - a column
) -> None:
    slot = proxy.slot("s1")
    slot.admin, slot.health, slot.check = 0, health, check
    assert only(reader, web).up is up


def test_without_checks_it_is_up(proxy: FakeHaproxy, reader: HaproxyReader, site: Site) -> None:
    proxy.slot("s1", "plain").admin = 0
    assert only(reader, WorkloadRef(site.cluster, "static")).up


def test_waiting_requests_are_sessions_too(proxy: FakeHaproxy, reader: HaproxyReader, web: WorkloadRef) -> None:
    slot = proxy.slot("s1")
    slot.admin, slot.sessions, slot.queued = 8, 2, 3
    assert only(reader, web).sessions == 5


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        pytest.param(0, 0, MemberState.READY, id="both get requests"),
        pytest.param(0, 8, MemberState.READY, id="one is drained"),
        pytest.param(8, 0, MemberState.READY, id="the other is drained"),
        pytest.param(8, 8, MemberState.DRAINING, id="both are drained"),
    ],
)
def test_an_address_in_two_slots_is_one_member(
    proxy: FakeHaproxy, reader: HaproxyReader, web: WorkloadRef, first: int, second: int, state: MemberState
) -> None:
    for name, admin in (("s1", first), ("s2", second)):
        slot = proxy.slot(name)
        slot.host, slot.port, slot.admin, slot.sessions = "10.0.0.1", 80, admin, 3
    found = only(reader, web)
    assert (found.state, found.sessions) == (state, 6)


def test_an_address_with_colons_stands_in_brackets(proxy: FakeHaproxy, reader: HaproxyReader, web: WorkloadRef) -> None:
    slot = proxy.slot("s1")
    slot.admin, slot.host, slot.port = 0, "fd00::1", 80
    assert only(reader, web).address == "[fd00::1]:80"


def test_two_orders_tell_of_all_workloads(proxy: FakeHaproxy, reader: HaproxyReader, web: WorkloadRef, site: Site) -> None:
    found: RotationState = reader.observe((web, WorkloadRef(site.cluster, "static")), SOON)
    assert (len(proxy.said), len(found.free)) == (2, 2)


def test_what_to_write_for_a_backend_that_is_not_there(reader: HaproxyReader, site: Site) -> None:
    with pytest.raises(NotFoundError) as caught:
        reader.observe((WorkloadRef(site.cluster, "team/api"),), SOON)
    assert "shop/team/api" in str(caught.value)
    assert "server-template" in caught.value.hint


@pytest.mark.parametrize(
    ("order", "reply", "error"),
    [
        pytest.param("show servers", "2\n# something", ProviderError, id="another format"),
        pytest.param("show servers", "1\n# be_name srv_name\nweb s1", ProviderError, id="fields are missing"),
        pytest.param("show servers", "Unknown command", ProviderError, id="no HAProxy"),
        pytest.param("show servers", "Permission denied", SetupError, id="too low a level"),
        pytest.param("show stat", "nonsense", ProviderError, id="no statistics"),
        pytest.param("show stat", "# pxname,svname\nweb,s1", ProviderError, id="statistics without sessions"),
        pytest.param("show servers", None, UnavailableError, id="it hangs up"),
    ],
)
def test_what_cannot_be_read_is_an_error(
    proxy: FakeHaproxy, reader: HaproxyReader, web: WorkloadRef, order: str, reply: str | None, error: type[AutoscalerError]
) -> None:
    proxy.reply[order] = reply
    with pytest.raises(error):
        reader.observe((web,), SOON)


def test_a_server_without_statistics_is_no_idle_one(proxy: FakeHaproxy, reader: HaproxyReader, web: WorkloadRef) -> None:
    proxy.slot("s1").admin = 0
    proxy.reply["show stat"] = "# pxname,svname,qcur,scur,status,check_status,check_rise,check_fall,check_health"
    with pytest.raises(UnavailableError, match="came or went"):
        reader.observe((web,), SOON)


def test_a_number_that_is_none_is_an_error(proxy: FakeHaproxy, reader: HaproxyReader, web: WorkloadRef) -> None:
    head = "pxname,svname,qcur,scur,status,check_status,check_rise,check_fall,check_health"
    proxy.reply["show stat"] = f"# {head}\nweb,s1,0,many,UP,L7OK,1,2,2"
    with pytest.raises(ProviderError, match="scur"):
        reader.observe((web,), SOON)


@pytest.mark.parametrize(
    ("address", "host", "port"), [("10.0.0.1:80", "10.0.0.1", 80), ("[fd00::1]:65535", "fd00::1", 65_535), ("fd00::1:80", "fd00::1", 80)]
)
def test_addresses(address: str, host: str, port: int) -> None:
    assert split_address(address) == (host, port)


@pytest.mark.parametrize("address", ["10.0.0.1:99999", "10.0.0.1:0", "10.0.0.1", "host:80", "10.0.0.1:80; shutdown", "", ":80"])
def test_no_addresses(address: str) -> None:
    with pytest.raises(PolicyError):
        split_address(address)


@pytest.mark.parametrize("path", ["", "admin.sock", "/" + "x" * 107])
def test_no_sockets(path: str) -> None:
    with pytest.raises(PolicyError):
        HaproxySettings(socket=path)


def test_the_backend_is_the_last_part_of_the_path_unless_told(settings: HaproxySettings, site: Site) -> None:
    told = replace(settings, backends={"team/api": "api-v2"})
    assert [told.backend_of(WorkloadRef(site.cluster, path)) for path in ("team/api", "team/web")] == ["api-v2", "web"]
