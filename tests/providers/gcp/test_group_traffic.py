"""What befalls instance groups behind backend services at Google, and what becomes of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.config.secrets import Url
from autoscaler.errors import AutoscalerError, ConflictError, NotFoundError, OutcomeUnknownError, PolicyError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.traffic import MemberState
from autoscaler_gcp.instance_group_settings import GcpGroupTraffic
from autoscaler_gcp.instance_groups import hosts_of
from autoscaler_standins.faults import Fault, Kind
from tests.providers.gcp.group_traffic_stage import GroupStage, groups, staged
from tests.providers.gcp.pool_stage import PROJECT, REGION, ZONES
from tests.providers.gcp.traffic_stage import ONE, SHOP, SOON, THREE, TWO, WEB

PAGE = Path(__file__).parents[3] / "docs" / "providers" / "gcp.md"
ADD, REMOVE = "addInstances", "removeInstances"


@pytest.fixture
def stage() -> Iterator[GroupStage]:
    with staged() as found:
        yield found


def inside(stage: GroupStage) -> dict[str, list[str]]:
    """Private addresses of who is in, by zone."""
    machines = stage.cloud.machines.all
    return {zone: [machines[name].address for name in one.members] for (zone, _), one in stage.cloud.instance_groups.all.items()}


class TestJoining:
    def test_goes_to_the_group_of_the_machine_s_zone(self, stage: GroupStage) -> None:
        stage.writer.join(WEB, (ONE, TWO, THREE))
        assert sorted(host for found in inside(stage).values() for host in found) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
        assert [len(found) for found in inside(stage).values()] == [1, 1, 1]

    def test_adds_nobody_who_is_in(self, stage: GroupStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.served.reset()
        stage.writer.join(WEB, (ONE, TWO))
        assert stage.asked().count(ADD) == 1
        stage.writer.join(WEB, (ONE, TWO))
        assert stage.asked().count(ADD) == 1

    def test_of_a_machine_that_nobody_has_is_not_found_once_the_others_are_in(self, stage: GroupStage) -> None:
        with pytest.raises(NotFoundError, match=r"at port 8080: 192\.0\.2\.9:8080"):
            stage.writer.join(WEB, ("192.0.2.9:8080", ONE))
        assert [one.address for one in stage.look().members] == [ONE]

    def test_at_another_port_than_the_service_sends_to_is_not_found(self, stage: GroupStage) -> None:
        with pytest.raises(NotFoundError, match=r"at port 8080: 10\.0\.0\.1:9090"):
            stage.writer.join(WEB, ("10.0.0.1:9090",))
        assert stage.look().members == ()

    def test_takes_back_who_left(self, stage: GroupStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.writer.leave(WEB, (ONE,))
        stage.writer.join(WEB, (ONE,))
        assert [(one.address, one.state) for one in stage.look().members] == [(ONE, MemberState.READY)]

    def test_of_machines_in_two_networks_is_by_the_first_of_their_addresses(self) -> None:
        assert hosts_of({"10.0.0.1": "a", "172.16.0.1": "a", "10.0.0.2": "b"}) == {"a": "10.0.0.1", "b": "10.0.0.2"}

    def test_waits_for_no_longer_than_it_has(self, stage: GroupStage) -> None:
        stage.cloud.operations.lasts = Duration(3_600_000)
        stage.writer.join(WEB, (ONE,))
        assert [one.address for one in stage.look().members] == [ONE]

    def test_what_befalls_the_question_how_it_goes_does_not_undo_it(self, stage: GroupStage) -> None:
        stage.served.faults.add([Fault(operation="compute.zoneOperations.get", kind=Kind.REFUSE, code="backendError", status=503)])
        stage.writer.join(WEB, (ONE,))
        assert [one.address for one in stage.look().members] == [ONE]


class TestARotation:
    def test_has_who_every_check_finds_well(self, stage: GroupStage) -> None:
        stage.writer.join(WEB, (ONE, TWO))
        assert [one.up for one in stage.look().members] == [False, False]
        stage.pass_(10)
        machine = stage.cloud.machines.at("10.0.0.2")
        assert machine is not None
        stage.cloud.instance_groups.all[machine.zone, f"web-{machine.zone[-1]}"].sick.add(machine.id)
        assert {one.address: one.up for one in stage.look().members} == {ONE: True, TWO: False}

    def test_tells_how_long_who_leaves_drains(self) -> None:
        with staged(*groups(draining=Duration(40_000))) as stage:
            assert stage.look().drains == ((WEB, Duration(100_000)),)
            assert stage.look().shows_draining is False

    def test_asks_for_machines_only_while_one_of_them_was_not_checked(self, stage: GroupStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.settle()
        stage.look()
        stage.served.reset()
        stage.look()
        assert sorted(stage.asked()) == sorted(["listInstances", "compute.backendServices.getHealth"] * 3)

    def test_asks_for_what_is_behind_a_service_every_five_minutes(self, stage: GroupStage) -> None:
        stage.look()
        stage.pass_(250)
        stage.look()
        stage.pass_(60)
        stage.look()
        assert stage.asked().count("compute.backendServices.get") == 2

    def test_loses_who_is_gone(self, stage: GroupStage) -> None:
        stage.writer.join(WEB, (ONE, TWO))
        machine = stage.cloud.machines.at("10.0.0.1")
        assert machine is not None
        stage.cloud.machines.terminate(machine)
        stage.settle()
        assert [one.address for one in stage.look().members] == [TWO]

    def test_shows_a_machine_that_stops_by_its_name_until_it_is_taken_out(self, stage: GroupStage) -> None:
        stage.writer.join(WEB, (ONE,))
        machine = stage.cloud.machines.at("10.0.0.1")
        assert machine is not None
        stage.cloud.machines.terminate(machine)
        (found,) = stage.look().members
        assert found.address == f"{machine.id}:8080"
        stage.writer.remove(WEB, (found.address,))
        assert stage.look().members == ()

    def test_is_of_the_service_that_the_settings_name(self) -> None:
        with staged(*groups(service="shop-web"), services={"web": "shop-web"}) as stage:
            stage.writer.join(WEB, (ONE,))
            assert [(one.workload, one.address) for one in stage.look().members] == [(WEB, ONE)]

    def test_has_the_port_that_the_settings_name_where_the_service_names_none(self) -> None:
        with staged(*groups(sends_to="", ports={}), ports={"web": 53}) as stage:
            stage.writer.join(WEB, ("10.0.0.1:53",))
            assert [one.address for one in stage.look().members] == ["10.0.0.1:53"]


@pytest.mark.parametrize(
    ("made", "error", "says"),
    [
        pytest.param({"service": "other"}, NotFoundError, "there is no backend service web for shop/web", id="no service of that name"),
        pytest.param({"sends_to": ""}, SetupError, "names no port", id="a service that names no port"),
        pytest.param({"ports": {"grpc": 1}}, SetupError, "web-a has 0 ports called http", id="a group without that port"),
    ],
)
def test_what_is_not_set_up_is_told(made: dict[str, object], error: type[AutoscalerError], says: str) -> None:
    with staged(*groups(**made)) as stage, pytest.raises(error, match=says):
        stage.look()


def test_a_group_over_a_region_is_managed_and_no_rotation() -> None:
    with staged(replace(groups()[0], zone=REGION)) as stage, pytest.raises(SetupError, match="managed") as raised:
        stage.look()
    assert "unmanaged" in raised.value.hint


def test_a_managed_group_of_a_zone_takes_nobody_in_or_out() -> None:
    with staged(*groups(managed=True)) as stage, pytest.raises(SetupError, match="Operation not supported"):
        stage.writer.join(WEB, (ONE,))


def test_a_workload_that_no_service_can_be_called_as_is_not_found(stage: GroupStage) -> None:
    with pytest.raises(NotFoundError, match=r"'My_Web', as shop/My_Web") as raised:
        stage.reader.observe((WorkloadRef(SHOP, "My_Web"),), SOON)
    assert "services: {My_Web: NAME}" in raised.value.hint


@pytest.mark.parametrize("verb", [ADD, REMOVE])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="rateLimitExceeded", status=403), UnavailableError, id="throttled"),
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="forbidden", status=403), SetupError, id="denied: somebody grants it"),
        pytest.param(
            Fault(operation="", kind=Kind.REFUSE, code="memberAlreadyExists", status=400), ConflictError, id="somebody was there first"
        ),
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="memberNotFound", status=400), ConflictError, id="already out"),
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="backendError", status=503), OutcomeUnknownError, id="nobody knows"),
        pytest.param(Fault(operation="", kind=Kind.CUT), OutcomeUnknownError, id="done, and the reply lost"),
    ],
)
def test_a_change_that_fails_says_whether_it_may_have_been_done(
    stage: GroupStage, verb: str, fault: Fault, error: type[AutoscalerError]
) -> None:
    stage.writer.join(WEB, (TWO,))
    stage.served.faults.add([replace(fault, operation=stage.methods + verb)])
    change = stage.writer.join if verb == ADD else stage.writer.leave
    with pytest.raises(AutoscalerError) as raised:
        change(WEB, (ONE, TWO))
    assert type(raised.value) is error


def test_the_page_names_each_call_and_no_other() -> None:
    text = PAGE.read_text().partition("### Instance groups")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+\.\w+)` \| `compute\.", text, flags=re.MULTILINE)
    asked = set[str]()
    for region in ("", REGION):
        with staged(*groups(region=region), region=region) as stage:
            stage.writer.join(WEB, (ONE,))
            stage.look()
            stage.writer.leave(WEB, (ONE,))
            asked |= {one.operation.removeprefix("compute.") for one in stage.served.calls}
    assert asked == set(rows)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param({"project": "x"}, "'x' is no project", id="no project"),
        pytest.param({"region": ZONES[0]}, "is no region", id="a zone for a region"),
        pytest.param({"services": {"web": "Shop Web"}}, "'Shop Web', of web, is no backend service", id="no name of a service"),
        pytest.param({"ports": {"web": 70_000}}, "70000, of web, is no port", id="no port"),
        pytest.param({"url": Url("ftp://compute")}, "http", id="an address that is none"),
        pytest.param({"timeout": Duration(0)}, "without time", id="no time"),
    ],
)
def test_settings_that_are_wrong_are_told(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        GcpGroupTraffic(**{"project": PROJECT, **settings})  # type: ignore[arg-type]
