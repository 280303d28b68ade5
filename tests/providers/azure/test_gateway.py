"""What befalls an application gateway's backend pools at Azure, and what becomes of it."""

from collections.abc import Iterator, Mapping
from copy import deepcopy

import pytest

from autoscaler.config.secrets import Url
from autoscaler.errors import AutoscalerError, NotFoundError, OutcomeUnknownError, PolicyError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.traffic import MemberState
from autoscaler_azure.traffic_settings import GatewayTraffic
from autoscaler_standins.azure.gateways import Sending
from autoscaler_standins.faults import Fault, Kind
from tests.providers.azure.gateway_stage import GET, HEALTH, PUT, GatewayStage, fronted
from tests.providers.azure.standin import GROUP, SUBSCRIPTION
from tests.providers.azure.traffic_stage import API, NOBODY, ONE, THREE, TWO, WEB

pytestmark = pytest.mark.usefixtures("no_proxy")
REPORT = "NetworkOperationResults.Get"


@pytest.fixture
def stage() -> Iterator[GatewayStage]:
    with fronted() as found:
        yield found


def put_by_others(stage: GatewayStage, **address: str) -> None:
    """Somebody puts one into the pool."""
    properties = deepcopy(stage.gateway.properties)
    properties["backendAddressPools"][0]["properties"]["backendAddresses"].append(address)
    stage.gateway.put(properties)


class TestWhoJoins:
    def test_counts_once_the_change_holds_and_its_probe_is_well(self, stage: GatewayStage) -> None:
        stage.writer.join(WEB, (ONE,))
        assert stage.up() == {ONE: False}
        stage.settle()
        assert stage.up() == {ONE: True}

    def test_and_whose_probe_fails_or_whose_machine_stopped_does_not_count(self, stage: GatewayStage) -> None:
        stage.writer.join(WEB, (ONE, TWO, THREE))
        stage.settle()
        stage.gateway.sick.add("10.0.0.1")
        machine = stage.gateway.machines.at("10.0.0.2")
        assert machine is not None
        stage.gateway.machines.terminate(machine)
        assert stage.up() == {ONE: False, TWO: False, THREE: True}

    def test_leaves_all_else_of_the_gateway_as_it_is_in_one_call(self, stage: GatewayStage) -> None:
        before = deepcopy(stage.gateway.properties)
        stage.writer.join(WEB, tuple(f"10.0.{number // 200}.{number % 200 + 1}:8080" for number in range(250)))
        assert stage.served.changed() == [PUT]
        assert len(stage.gateway.hosts("web")) == 250
        after = {name: value for name, value in stage.gateway.properties.items() if name != "backendAddressPools"}
        assert after == {name: value for name, value in before.items() if name != "backendAddressPools"}

    def test_twice_is_put_once(self, stage: GatewayStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.writer.join(WEB, (ONE,))
        assert stage.served.changed() == [PUT]

    def test_while_another_change_is_under_way_loses_nothing_of_it(self, stage: GatewayStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.writer.join(WEB, (TWO,))
        stage.settle()
        assert stage.up() == {ONE: True, TWO: True}

    def test_at_another_port_than_the_settings_send_to_is_told(self, stage: GatewayStage) -> None:
        with pytest.raises(PolicyError, match=r"10\.0\.0\.1:9090: the HTTP settings of backend pool web send to port 8080"):
            stage.writer.join(WEB, ("10.0.0.1:9090",))
        assert stage.served.changed() == []


class TestWhoLeaves:
    @pytest.mark.parametrize("method", ["leave", "remove"])
    def test_is_shown_no_more_and_has_the_time_of_the_change_and_of_its_draining(self, stage: GatewayStage, method: str) -> None:
        stage.writer.join(WEB, (ONE, TWO))
        stage.settle()
        getattr(stage.writer, method)(WEB, (ONE,))
        found = stage.look()
        assert [(one.address, one.state) for one in found.members] == [(TWO, MemberState.READY)]
        assert not found.shows_draining
        assert found.drain(WEB) == Duration(150_000)
        assert "10.0.0.1" in stage.gateway.sent_to("web")

    def test_is_over_with_all_it_had_when_that_time_is(self, stage: GatewayStage) -> None:
        stage.writer.join(WEB, (ONE, TWO))
        stage.settle()
        stage.writer.leave(WEB, (ONE,))
        stage.runtime.advance(Duration(90_000))
        assert (stage.gateway.sent_to("web"), stage.gateway.finishing("web")) == ({"10.0.0.2"}, {"10.0.0.1"})
        stage.runtime.advance(Duration(60_000))
        assert stage.gateway.finishing("web") == set()

    def test_has_the_longest_time_of_all_settings_that_send_to_it(self) -> None:
        with fronted({"web": {"short": Sending(drain=5), "long": Sending(drain=60)}}, change=Duration(0)) as stage:
            assert stage.look().drain(WEB) == Duration(60_000)

    def test_twice_is_put_once(self, stage: GatewayStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.writer.leave(WEB, (ONE,))
        stage.writer.leave(WEB, (ONE,))
        assert stage.served.changed() == [PUT, PUT]

    def test_by_another_port_is_somebody_else(self, stage: GatewayStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.writer.remove(WEB, ("10.0.0.1:9090",))
        assert list(stage.up()) == [ONE]


class TestWhatIsSeen:
    def test_takes_a_call_for_all_and_one_report_and_changes_nothing(self) -> None:
        with fronted({"web": {"http": Sending()}, "api": {"grpc": Sending(port=9000)}}) as stage:
            stage.writer.join(WEB, (ONE,))
            stage.writer.join(API, ("10.0.0.2:9000",))
            stage.settle()
            stage.served.reset()
            found = [(one.workload, one.address, one.up) for one in stage.look(WEB, API).members]
            assert found == [(WEB, ONE, True), (API, "10.0.0.2:9000", True)]
            assert stage.asked() == [GET, HEALTH, *[REPORT] * 3]
            assert stage.served.changed() == []

    def test_asks_nothing_more_of_pools_without_anybody(self, stage: GatewayStage) -> None:
        assert stage.look().members == ()
        assert stage.asked() == [GET]

    def test_is_up_where_all_settings_find_it_well(self) -> None:
        with fronted({"web": {"http": Sending(), "https": Sending()}}) as stage:
            stage.writer.join(WEB, (ONE, TWO))
            stage.settle()
            stage.gateway.sick.add("https/10.0.0.2")
            assert stage.up() == {ONE: True, TWO: False}

    def test_waits_over_several_looks_for_a_report_that_takes_long(self, stage: GatewayStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.settle()
        stage.gateway.reports = Duration(25_000)
        for _ in range(2):
            with pytest.raises(UnavailableError):
                stage.look()
        assert stage.up() == {ONE: True}
        assert stage.asked().count(HEALTH) == 1

    def test_asks_for_another_where_the_gateway_changed_meanwhile(self, stage: GatewayStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.settle()
        stage.gateway.reports = Duration(25_000)
        with pytest.raises(UnavailableError):
            stage.look()
        put_by_others(stage, ipAddress="10.0.0.2")
        stage.runtime.advance(Duration(30_000))
        with pytest.raises(UnavailableError):
            stage.look()
        assert stage.asked().count(HEALTH) == 2

    def test_asks_for_another_where_azure_does_not_know_the_first_any_more(self, stage: GatewayStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.settle()
        stage.gateway.asked.clear()
        stage.refuse("OperationNotFound", 404, on=REPORT)
        with pytest.raises(NotFoundError):
            stage.look()
        assert stage.up() == {ONE: True}

    @pytest.mark.parametrize(
        ("how", "says"),
        [
            pytest.param({}, "has no rule that sends to it over HTTP", id="by no rule"),
            pytest.param({"http": Sending(port=80), "https": Sending(port=443)}, "is sent to at ports 80, 443", id="to several ports"),
            pytest.param({"http": Sending(drain=0)}, "the HTTP settings http of backend pool web do not drain", id="without draining"),
        ],
    )
    def test_must_be_sent_to_at_one_port_and_drain(self, how: Mapping[str, Sending], says: str) -> None:
        with fronted({"web": how}) as stage, pytest.raises(SetupError, match=says):
            stage.look()

    def test_is_of_pools_that_paths_lead_to_as_well(self, stage: GatewayStage) -> None:
        rules = stage.gateway.properties.pop("requestRoutingRules")
        to, how = (rules[0]["properties"][one] for one in ("backendAddressPool", "backendHttpSettings"))
        paths = [{"name": "api", "properties": {"paths": ["/api/*"], "backendAddressPool": to, "backendHttpSettings": how}}]
        stage.gateway.properties["urlPathMaps"] = [{"name": "shop", "properties": {"pathRules": paths}}]
        stage.gateway.before = stage.gateway.properties
        stage.writer.join(WEB, (ONE,))
        assert list(stage.up()) == [ONE]

    def test_is_not_there_for_a_workload_without_a_pool(self, stage: GatewayStage) -> None:
        with pytest.raises(NotFoundError, match="no backend pool nobody for shop/nobody") as raised:
            stage.look(NOBODY)
        assert "pools: {nobody: NAME}" in raised.value.hint

    def test_is_not_there_without_the_gateway(self) -> None:
        with fronted(gateway="other") as stage, pytest.raises(NotFoundError, match="applicationGateways/other") as raised:
            stage.look()
        assert "az network application-gateway list" in raised.value.hint

    def test_is_not_ours_where_names_stand_in_it(self, stage: GatewayStage) -> None:
        put_by_others(stage, fqdn="shop.example")
        with pytest.raises(SetupError, match="holds names"):
            stage.look()


class TestAChange:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            pytest.param(
                Fault(operation=PUT, kind=Kind.REFUSE, code="RetryableError", status=429), UnavailableError, id="busy or throttled"
            ),
            pytest.param(Fault(operation=PUT, kind=Kind.REFUSE, code="AuthorizationFailed", status=403), SetupError, id="denied"),
            pytest.param(
                Fault(operation=PUT, kind=Kind.REFUSE, code="InternalServerError", status=500), OutcomeUnknownError, id="nobody knows"
            ),
            pytest.param(Fault(operation=PUT, kind=Kind.CUT), OutcomeUnknownError, id="done, and the reply lost"),
        ],
    )
    @pytest.mark.parametrize("method", ["join", "leave", "remove"])
    def test_that_fails_says_whether_it_may_have_been_done(
        self, stage: GatewayStage, method: str, fault: Fault, error: type[AutoscalerError]
    ) -> None:
        stage.writer.join(WEB, (TWO,))
        stage.served.faults.add([fault])
        with pytest.raises(AutoscalerError) as raised:
            getattr(stage.writer, method)(WEB, (ONE, TWO))
        assert type(raised.value) is error

    def test_of_a_gateway_that_changed_since_it_was_read_is_not_done_and_tried_again(self, stage: GatewayStage) -> None:
        stage.writer.join(WEB, (ONE,))
        put_by_others(stage, ipAddress="10.0.0.3")
        stage.served.faults.add([Fault(operation=GET, kind=Kind.STALE)])
        with pytest.raises(UnavailableError, match="PreconditionFailed") as raised:
            stage.writer.join(WEB, (TWO,))
        assert "somebody changes the application gateway" in raised.value.hint
        stage.writer.join(WEB, (TWO,))
        assert stage.gateway.hosts("web") == ["10.0.0.1", "10.0.0.3", "10.0.0.2"]

    def test_of_a_gateway_that_was_stopped_would_start_it_and_is_not_made(self, stage: GatewayStage) -> None:
        stage.gateway.stopped = True
        with pytest.raises(SetupError, match="application gateway edge is stopped"):
            stage.writer.join(WEB, (ONE,))
        assert stage.served.changed() == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param({"gateway": "an edge"}, "'an edge' is no application gateway", id="no gateway's name"),
        pytest.param({"pools": {"web": "a pool"}}, "'a pool', of web, is no backend pool", id="no pool's name"),
        pytest.param({"url": Url("http://management.example")}, "https alone", id="unencrypted"),
    ],
)
def test_settings_that_are_wrong_are_told(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        GatewayTraffic(**{"subscription": SUBSCRIPTION, "resource_group": GROUP, "gateway": "edge", **settings})  # type: ignore[arg-type]
