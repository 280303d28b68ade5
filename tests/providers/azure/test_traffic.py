"""What befalls a load balancer's backend pools at Azure, and what becomes of it."""

from collections.abc import Iterator

import pytest

from autoscaler.config.secrets import Url
from autoscaler.errors import AutoscalerError, NotFoundError, OutcomeUnknownError, PolicyError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.traffic import MemberState
from autoscaler_azure.traffic_settings import AzureTraffic
from autoscaler_standins.azure.balancers import BackendPool
from autoscaler_standins.faults import Fault, Kind
from tests.providers.azure.standin import GROUP, SUBSCRIPTION
from tests.providers.azure.traffic_stage import (
    API,
    GET,
    HEALTH,
    NETWORK,
    NOBODY,
    ONE,
    PUT,
    THREE,
    TWO,
    WEB,
    TrafficStage,
    pool,
    staged,
)

pytestmark = pytest.mark.usefixtures("no_proxy")
REPORT = "NetworkOperationResults.Get"


@pytest.fixture
def stage() -> Iterator[TrafficStage]:
    with staged() as found:
        yield found


def put_by_others(stage: TrafficStage, host: str, **properties: object) -> None:
    """Somebody puts an address into the pool."""
    there = [one.shown for one in stage.pool.addresses.values()]
    network = {"virtualNetwork": {"id": NETWORK}}
    new = {"name": f"theirs-{host}", "properties": {"ipAddress": host, **network, **properties}}
    stage.balancer.put(stage.pool, {"properties": {"loadBalancerBackendAddresses": [*there, new]}})


class TestWhoJoins:
    def test_counts_once_its_probe_is_well(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        first = stage.member(ONE)
        assert first is not None
        assert (first.state, first.up) == (MemberState.READY, False)
        stage.settle()
        assert [one.up for one in stage.look().members] == [True]

    def test_and_whose_probe_fails_or_whose_machine_stopped_does_not_count(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE, TWO, THREE))
        stage.settle()
        stage.pool.sick.add("10.0.0.1")
        machine = stage.balancer.machines.at("10.0.0.2")
        assert machine is not None
        stage.balancer.machines.terminate(machine)
        assert [one.up for one in stage.look().members] == [False, False, True]

    def test_takes_one_call_to_change_however_many(self, stage: TrafficStage) -> None:
        many = tuple(f"10.0.{number // 200}.{number % 200 + 1}:8080" for number in range(250))
        stage.writer.join(WEB, many)
        assert stage.served.changed() == [PUT]
        assert len(stage.look().members) == 250

    def test_twice_is_put_once(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.writer.join(WEB, (ONE,))
        assert stage.served.changed() == [PUT]

    def test_leaves_what_others_put_there_as_it_is(self, stage: TrafficStage) -> None:
        put_by_others(stage, "10.0.0.2", adminState="Up")
        stage.writer.join(WEB, (ONE,))
        assert stage.pool.addresses["10.0.0.2"].shown["properties"]["adminState"] == "Up"
        assert stage.pool.addresses["10.0.0.2"].shown["name"] == "theirs-10.0.0.2"

    def test_at_another_port_than_the_rules_send_to_is_told(self, stage: TrafficStage) -> None:
        with pytest.raises(PolicyError, match=r"10\.0\.0\.1:9090: the rules of backend pool web send to port 8080"):
            stage.writer.join(WEB, ("10.0.0.1:9090",))
        assert stage.served.changed() == []

    def test_by_the_name_of_a_host_is_told_what_is_wanted(self, stage: TrafficStage) -> None:
        with pytest.raises(PolicyError, match="'node-1:80' is no address"):
            stage.writer.join(WEB, ("node-1:80",))


class TestWhoLeaves:
    def test_is_set_down_gets_nothing_new_and_stays_until_removed(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE, TWO))
        stage.settle()
        stage.writer.leave(WEB, (ONE,))
        assert stage.balancer.sent_to(stage.pool) == {"10.0.0.2"}
        for _ in range(2):
            found = stage.member(ONE)
            assert found is not None
            assert (found.state, found.sessions, found.up) == (MemberState.DRAINING, None, False)
            stage.settle()
        stage.writer.remove(WEB, (ONE,))
        assert [one.address for one in stage.look().members] == [TWO]

    def test_has_no_end_that_azure_would_tell_so_the_policys_counts(self, stage: TrafficStage) -> None:
        assert stage.look().drain(WEB) is None

    def test_twice_is_set_down_once(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.writer.leave(WEB, (ONE,))
        stage.writer.leave(WEB, (ONE,))
        assert stage.served.changed() == [PUT, PUT]

    def test_by_another_port_is_somebody_else(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.writer.remove(WEB, ("10.0.0.1:9090",))
        assert [one.address for one in stage.look().members] == [ONE]


class TestWhatIsSeen:
    @pytest.mark.parametrize(
        ("reports", "calls"),
        [
            pytest.param(Duration(0), [GET, HEALTH], id="a report that comes at once"),
            pytest.param(Duration(400), [GET, HEALTH, REPORT, REPORT], id="one that is waited for"),
        ],
    )
    def test_takes_a_call_for_all_and_a_report_for_each_rule(self, stage: TrafficStage, reports: Duration, calls: list[str]) -> None:
        stage.writer.join(WEB, tuple(f"10.0.{number // 200}.{number % 200 + 1}:8080" for number in range(1000)))
        stage.balancer.reports = reports
        stage.served.reset()
        assert len(stage.look().members) == 1000
        assert stage.asked() == calls
        assert stage.served.changed() == []

    def test_asks_nothing_more_of_a_pool_without_anybody(self, stage: TrafficStage) -> None:
        assert stage.look().members == ()
        assert stage.asked() == [GET]

    def test_is_up_where_all_rules_find_it_well(self) -> None:
        with staged(pool(http=8080, https=8080)) as stage:
            stage.writer.join(WEB, (ONE,))
            stage.settle()
            stage.served.reset()
            assert [one.up for one in stage.look().members] == [True]
            assert stage.asked().count(HEALTH) == 2

    def test_is_of_the_pool_that_the_settings_name(self) -> None:
        with staged(pool("shop-web"), pool("api"), pools={"web": "Shop-Web"}) as stage:
            stage.writer.join(WEB, (ONE,))
            stage.writer.join(API, (TWO,))
            assert [(one.workload, one.address) for one in stage.look(WEB, API).members] == [(WEB, ONE), (API, TWO)]

    def test_is_late_where_its_report_does_not_come(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.balancer.reports = Duration(60_000)
        with pytest.raises(UnavailableError):
            stage.look()

    @pytest.mark.parametrize(
        ("rules", "says"),
        [
            pytest.param({}, "has no rule that sends to it", id="by no rule"),
            pytest.param({"http": 80, "https": 443}, "is sent to at ports 80, 443", id="to several ports"),
        ],
    )
    def test_needs_one_port(self, rules: dict[str, int], says: str) -> None:
        with staged(BackendPool(name="web", rules=rules)) as stage, pytest.raises(SetupError, match=says):
            stage.look()

    def test_is_not_there_for_a_workload_without_a_pool(self, stage: TrafficStage) -> None:
        with pytest.raises(NotFoundError, match="no backend pool nobody for shop/nobody") as raised:
            stage.look(NOBODY)
        assert "pools: {nobody: NAME}" in raised.value.hint

    def test_is_not_there_without_the_load_balancer(self) -> None:
        with staged(load_balancer="other") as stage, pytest.raises(NotFoundError, match="loadBalancers/other") as raised:
            stage.look()
        assert "az network lb list" in raised.value.hint

    def test_is_not_ours_where_machines_stand_in_it_by_their_interfaces(self, stage: TrafficStage) -> None:
        put_by_others(stage, "10.0.0.2", networkInterfaceIPConfiguration={"id": "/a/nic"})
        with pytest.raises(SetupError, match="holds network interfaces"):
            stage.look()


class TestAChange:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            pytest.param(Fault(operation=PUT, kind=Kind.REFUSE, code="TooManyRequests", status=429), UnavailableError, id="throttled"),
            pytest.param(Fault(operation=PUT, kind=Kind.REFUSE, code="AuthorizationFailed", status=403), SetupError, id="denied"),
            pytest.param(
                Fault(operation=PUT, kind=Kind.REFUSE, code="ServiceUnavailable", status=503), OutcomeUnknownError, id="nobody knows"
            ),
            pytest.param(Fault(operation=PUT, kind=Kind.CUT), OutcomeUnknownError, id="done, and the reply lost"),
        ],
    )
    @pytest.mark.parametrize("method", ["join", "leave", "remove"])
    def test_that_fails_says_whether_it_may_have_been_done(
        self, stage: TrafficStage, method: str, fault: Fault, error: type[AutoscalerError]
    ) -> None:
        stage.writer.join(WEB, (TWO,))
        stage.served.faults.add([fault])
        with pytest.raises(AutoscalerError) as raised:
            getattr(stage.writer, method)(WEB, (ONE, TWO))
        assert type(raised.value) is error
        assert raised.value.__cause__ is not None

    def test_of_a_pool_that_changed_since_it_was_read_is_not_done_and_tried_again(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        put_by_others(stage, "10.0.0.3")
        stage.served.faults.add([Fault(operation=GET, kind=Kind.STALE)])
        with pytest.raises(UnavailableError, match="PreconditionFailed"):
            stage.writer.join(WEB, (TWO,))
        stage.writer.join(WEB, (TWO,))
        assert sorted(one.address for one in stage.look().members) == [ONE, TWO, THREE]

    def test_while_another_is_under_way_is_tried_again(self, stage: TrafficStage) -> None:
        stage.balancer.busy = True
        with pytest.raises(UnavailableError, match="AnotherOperationInProgress") as raised:
            stage.writer.join(WEB, (ONE,))
        assert "one change at a time" in raised.value.hint

    def test_of_an_address_outside_any_network_is_told_by_azure(self, stage: TrafficStage) -> None:
        stage.served.faults.add([Fault(operation=PUT, kind=Kind.REFUSE, code="InvalidRequestFormat", status=400)])
        with pytest.raises(SetupError, match="InvalidRequestFormat") as raised:
            stage.writer.join(WEB, (ONE,))
        assert raised.value.hint == "see the load balancer's settings at Azure"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param({"load_balancer": "an edge"}, "'an edge' is no load balancer", id="no load balancer's name"),
        pytest.param({"network": "shop"}, "'shop' is no virtual network's id", id="a network by its name"),
        pytest.param({"pools": {"web": "a pool"}}, "'a pool', of web, is no backend pool", id="no pool's name"),
        pytest.param({"subscription": "prod"}, "no subscription's id", id="a subscription by its name"),
        pytest.param({"url": Url("http://management.example")}, "https alone", id="unencrypted"),
    ],
)
def test_settings_that_are_wrong_are_told(settings: dict[str, object], says: str) -> None:
    whole = {"subscription": SUBSCRIPTION, "resource_group": GROUP, "load_balancer": "edge", "network": NETWORK}
    with pytest.raises(PolicyError, match=says):
        AzureTraffic(**{**whole, **settings})  # type: ignore[arg-type]
