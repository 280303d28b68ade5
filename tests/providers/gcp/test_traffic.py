"""What befalls network endpoint groups at Google, and what becomes of it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.config.secrets import Url
from autoscaler.errors import (
    AutoscalerError,
    NoCapacityError,
    NotFoundError,
    OutcomeUnknownError,
    PolicyError,
    SetupError,
    UnavailableError,
)
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.traffic import MemberState
from autoscaler_gcp.traffic_settings import GcpTraffic
from autoscaler_standins.faults import Fault, Kind
from tests.providers.gcp.pool_stage import PROJECT, REGION, ZONES
from tests.providers.gcp.traffic_stage import METHODS, ONE, SHOP, SOON, THREE, TWO, WEB, TrafficStage, groups, staged

PAGE = Path(__file__).parents[3] / "docs" / "providers" / "gcp.md"
ATTACH, DETACH, LIST = "attachNetworkEndpoints", "detachNetworkEndpoints", "listNetworkEndpoints"


@pytest.fixture
def stage() -> Iterator[TrafficStage]:
    with staged() as found:
        yield found


class TestWhoJoins:
    def test_counts_once_its_checks_have_passed(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        first = stage.member(ONE)
        assert first is not None
        assert (first.state, first.up) == (MemberState.READY, False)
        stage.pass_(10)
        assert [one.up for one in stage.look().members] == [True]

    def test_comes_to_the_group_of_its_machines_zone(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE, TWO, THREE))
        assert [[*stage.cloud.endpoints.all[zone, "web"].endpoints] for zone in ZONES] == [
            [("10.0.0.1", 8080)],
            [("10.0.0.2", 8080)],
            [("10.0.0.3", 8080)],
        ]

    def test_and_whose_checks_fail_or_whose_machine_stopped_does_not_count(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE, TWO, THREE))
        stage.settle()
        stage.cloud.endpoints.all[ZONES[0], "web"].sick.add(("10.0.0.1", 8080))
        machine = stage.cloud.machines.at("10.0.0.2")
        assert machine is not None
        stage.cloud.machines.terminate(machine)
        assert [one.up for one in stage.look().members] == [False, False, True]

    def test_does_not_count_in_a_group_that_no_service_checks(self) -> None:
        with staged(*groups(service="")) as stage:
            stage.writer.join(WEB, (ONE,))
            stage.settle()
            assert [one.up for one in stage.look().members] == [False]

    def test_twice_is_attached_once(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.writer.join(WEB, (ONE,))
        assert stage.asked().count(ATTACH) == 1

    def test_takes_a_call_for_each_five_hundred(self, stage: TrafficStage) -> None:
        many = tuple(f"10.0.0.1:{30_000 + number}" for number in range(1200))
        stage.writer.join(WEB, many)
        stage.writer.leave(WEB, many)
        assert Counter(one.removeprefix("compute.") for one in stage.served.changed()) == {
            f"networkEndpointGroups.{ATTACH}": 3,
            f"networkEndpointGroups.{DETACH}": 3,
        }

    def test_at_an_address_that_no_machine_has_keeps_no_other_out(self, stage: TrafficStage) -> None:
        with pytest.raises(NotFoundError, match=r"one of these: 10\.9\.9\.9:80") as raised:
            stage.writer.join(WEB, (ONE, "10.9.9.9:80"))
        assert "zones" in raised.value.hint
        assert [one.address for one in stage.look().members] == [ONE]

    def test_beyond_what_a_group_may_have_finds_no_place(self) -> None:
        with staged(*groups(most=1)) as stage:
            stage.writer.join(WEB, (ONE,))
            with pytest.raises(NoCapacityError, match="LIMIT_EXCEEDED"):
                stage.writer.join(WEB, ("10.0.0.1:8081",))

    def test_by_the_name_of_a_host_is_told_what_is_wanted(self, stage: TrafficStage) -> None:
        with pytest.raises(PolicyError, match="'node-1:80' is no address"):
            stage.writer.join(WEB, ("node-1:80",))


class TestWhoLeaves:
    def test_is_seen_draining_where_google_lists_it(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.settle()
        stage.writer.leave(WEB, (ONE,))
        found = stage.member(ONE)
        assert found is not None
        assert (found.state, found.sessions, found.up) == (MemberState.DRAINING, None, False)
        stage.pass_(300)
        assert stage.member(ONE) is None

    def test_twice_is_detached_once(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.writer.leave(WEB, (ONE,))
        stage.writer.leave(WEB, (ONE,))
        assert stage.asked().count(DETACH) == 1

    def test_may_drain_unseen(self, stage: TrafficStage) -> None:
        assert stage.look().shows_draining is False

    @pytest.mark.parametrize("region", [pytest.param("", id="a global service"), pytest.param(REGION, id="a service of a region")])
    def test_is_given_as_long_as_the_backend_service_says_and_a_minute(self, region: str) -> None:
        with staged(*groups(draining=Duration(120_000), region=region)) as stage:
            stage.writer.join(WEB, (ONE,))
            assert stage.look().drain(WEB) == Duration(180_000)

    def test_last_of_all_is_given_as_long_as_the_others_were(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.look()
        stage.writer.leave(WEB, (ONE,))
        stage.settle()
        found = stage.look()
        assert (found.members, found.drain(WEB)) == ((), Duration(360_000))


class TestWhatIsSeen:
    def test_takes_a_call_for_each_group_and_page(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, tuple(f"10.0.0.1:{30_000 + number}" for number in range(1000)))
        stage.look()
        stage.served.reset()
        assert len(stage.look().members) == 1000
        assert stage.asked() == [LIST] * 4  # three zones, and a second page of the first
        assert stage.served.changed() == []

    def test_takes_one_more_for_the_time_out_now_and_then(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.served.reset()
        stage.look()
        stage.pass_(250)
        stage.look()
        stage.pass_(60)
        stage.look()
        assert stage.asked().count("compute.backendServices.get") == 2

    def test_is_of_the_group_that_the_settings_name(self) -> None:
        with staged(*groups(name="shop-web"), groups={"web": "shop-web"}) as stage:
            stage.writer.join(WEB, (ONE,))
            assert [(one.workload, one.address) for one in stage.look().members] == [(WEB, ONE)]

    def test_names_the_zone_that_has_no_group(self) -> None:
        with (
            staged(*groups()[:2]) as stage,
            pytest.raises(NotFoundError, match=f"no network endpoint group web in {ZONES[2]} for shop/web"),
        ):
            stage.look()

    def test_is_none_of_a_workload_that_no_group_can_be_called_as(self, stage: TrafficStage) -> None:
        with pytest.raises(NotFoundError, match=r"'My_Web', as shop/My_Web") as raised:
            stage.reader.observe((WorkloadRef(SHOP, "My_Web"),), SOON)
        assert "groups: {My_Web: NAME}" in raised.value.hint

    def test_is_told_as_a_whole_or_not_at_all(self, stage: TrafficStage) -> None:
        stage.refuse("rateLimitExceeded", 403, on=LIST)
        with pytest.raises(UnavailableError):
            stage.look()


def test_the_page_names_each_call_and_no_other() -> None:
    text = PAGE.read_text().partition("## Traffic")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| `(\w+\.\w+)` \| `compute\.", text, flags=re.MULTILINE)
    asked = set[str]()
    for region in ("", REGION):
        with staged(*groups(region=region)) as stage:
            stage.writer.join(WEB, (ONE,))
            stage.look()
            stage.writer.leave(WEB, (ONE,))
            asked |= {one.operation.removeprefix("compute.") for one in stage.served.calls}
    assert asked == set(rows)


@pytest.mark.parametrize("verb", [ATTACH, DETACH])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="rateLimitExceeded", status=403), UnavailableError, id="throttled"),
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="resourceNotReady", status=400), UnavailableError, id="busy with another"),
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="forbidden", status=403), SetupError, id="denied: somebody grants it"),
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="notFound", status=404), NotFoundError, id="the group is gone"),
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="backendError", status=503), OutcomeUnknownError, id="nobody knows"),
        pytest.param(Fault(operation="", kind=Kind.CUT), OutcomeUnknownError, id="done, and the reply lost"),
    ],
)
def test_a_change_that_fails_says_whether_it_may_have_been_done(
    stage: TrafficStage, verb: str, fault: Fault, error: type[AutoscalerError]
) -> None:
    stage.writer.join(WEB, (TWO,))
    stage.served.faults.add([replace(fault, operation=METHODS + verb)])
    change = stage.writer.join if verb == ATTACH else stage.writer.leave
    with pytest.raises(AutoscalerError) as raised:
        change(WEB, (ONE, TWO))
    assert type(raised.value) is error
    assert raised.value.__cause__ is not None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param({"project": "x"}, "'x' is no project", id="no project"),
        pytest.param({"zones": ()}, "no zone is named", id="no zone"),
        pytest.param({"zones": (REGION,)}, f"'{REGION}' is no zone", id="a region for a zone"),
        pytest.param({"groups": {"web": "Shop Web"}}, "'Shop Web', of web, is no network endpoint group", id="no name of a group"),
        pytest.param({"url": Url("ftp://compute")}, "http", id="an address that is none"),
        pytest.param({"timeout": Duration(0)}, "without time", id="no time"),
    ],
)
def test_settings_that_are_wrong_are_told(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        GcpTraffic(**{"project": PROJECT, "zones": ZONES, **settings})  # type: ignore[arg-type]
