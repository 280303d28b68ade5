"""What befalls target groups at AWS, and what becomes of it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

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
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.model.traffic import MemberState
from autoscaler_aws.traffic_reader import TargetGroupReader
from autoscaler_aws.traffic_settings import AwsTraffic
from autoscaler_standins.aws.balancing import TargetGroupSpec
from autoscaler_standins.faults import Fault, Kind
from tests.providers.aws.traffic_stage import API, BY_ADDRESS, BY_INSTANCE, NOBODY, ONE, SITE, SOON, THREE, TWO, WEB, TrafficStage

pytestmark = pytest.mark.usefixtures("keys")
REGISTER, DEREGISTER = "elbv2.RegisterTargets", "elbv2.DeregisterTargets"
NETWORK = replace(BY_ADDRESS, protocol="TCP", slow=Duration(180_000))
Staged = Callable[..., TrafficStage]


@pytest.fixture
def staged() -> Iterator[Staged]:
    """Makes stages that listen."""
    made: list[TrafficStage] = []

    def make(*groups: TargetGroupSpec, **settings: object) -> TrafficStage:
        made.append(TrafficStage.of(*(groups or (BY_ADDRESS,)), **settings))  # type: ignore[arg-type]
        made[-1].served.__enter__()
        return made[-1]

    yield make
    for one in made:
        one.served.__exit__()
        assert one.served.mistakes == []


@pytest.fixture(params=[pytest.param(BY_ADDRESS, id="addresses"), pytest.param(BY_INSTANCE, id="instances")])
def stage(staged: Staged, request: pytest.FixtureRequest) -> TrafficStage:
    """A group of either type."""
    return staged(request.param)


class TestWhoJoins:
    def test_counts_once_its_checks_have_passed(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        first = stage.member(ONE)
        assert first is not None
        assert (first.state, first.up) == (MemberState.READY, False)
        stage.pass_(10)
        assert [one.up for one in stage.look().members] == [True]

    def test_and_whose_checks_fail_does_not_count(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE, TWO))
        group = stage.aws.balancing.groups["web"]
        group.sick.add(next(iter(group.targets)))
        stage.settle()
        assert [one.up for one in stage.look().members] == [False, True]

    def test_does_not_count_where_its_machine_has_stopped(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE, TWO))
        stage.settle()
        stage.aws.machines.terminate(stage.aws.machines.all["i-00000000000000001"])
        assert sorted(one.up for one in stage.look().members) == [False, True]

    def test_takes_a_call_for_each_hundred(self, staged: Staged) -> None:
        stage = staged(BY_ADDRESS)
        many = tuple(f"10.1.{number // 200}.{number % 200 + 1}:80" for number in range(250))
        stage.writer.join(WEB, many)
        stage.writer.leave(WEB, many)
        assert Counter(stage.served.changed()) == {REGISTER: 3, DEREGISTER: 3}
        assert {one.state for one in stage.look().members} == {MemberState.DRAINING}

    def test_that_elb_refuses_keeps_no_other_out(self, staged: Staged) -> None:
        stage = staged(BY_ADDRESS)
        with pytest.raises(SetupError, match=r"InvalidTarget.*192\.0\.2\.1"):
            stage.writer.join(WEB, (ONE, "192.0.2.1:80", TWO))
        assert [one.address for one in stage.look().members] == [ONE, TWO]

    def test_at_an_address_that_no_instance_has_keeps_no_other_out(self, staged: Staged) -> None:
        stage = staged(BY_INSTANCE)
        with pytest.raises(NotFoundError, match=r"no instance in vpc-1 has the address 10\.9\.9\.9") as raised:
            stage.writer.join(WEB, (ONE, "10.9.9.9:80"))
        assert "target group of type ip" in raised.value.hint
        assert [one.address for one in stage.look().members] == [ONE]

    def test_may_answer_at_several_ports_of_one_machine(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE, "10.0.0.1:8081"))
        stage.writer.leave(WEB, (ONE,))
        assert {one.address: one.state for one in stage.look().members} == {ONE: MemberState.DRAINING, "10.0.0.1:8081": MemberState.READY}

    def test_beyond_the_accounts_quota_finds_no_place(self, staged: Staged) -> None:
        stage = staged(replace(BY_ADDRESS, most=2))
        stage.writer.join(WEB, (ONE, TWO))
        with pytest.raises(NoCapacityError) as raised:
            stage.writer.join(WEB, (THREE,))
        assert "quota" in raised.value.hint

    def test_by_the_name_of_a_host_is_told_what_is_wanted(self, staged: Staged) -> None:
        with pytest.raises(PolicyError, match="'node-1:80' is no address"):
            staged().writer.join(WEB, ("node-1:80",))


class TestWhoLeaves:
    def test_drains_for_the_groups_delay_and_is_gone_then(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.settle()
        stage.writer.leave(WEB, (ONE,))
        for _ in range(2):
            found = stage.member(ONE)
            assert found is not None
            assert (found.state, found.sessions) == (MemberState.DRAINING, None)
            stage.pass_(149)
        stage.pass_(2)
        assert stage.member(ONE) is None

    def test_twice_is_deregistered_once_and_its_delay_does_not_begin_again(self, stage: TrafficStage) -> None:
        stage.writer.join(WEB, (ONE,))
        stage.writer.leave(WEB, (ONE,))
        stage.pass_(200)
        stage.writer.leave(WEB, (ONE,))
        assert stage.served.changed() == [REGISTER, DEREGISTER]
        stage.pass_(100)
        assert stage.member(ONE) is None

    @pytest.mark.parametrize(
        ("group", "longest"),
        [
            pytest.param(BY_ADDRESS, 315_000, id="the delay of an application balancer, and what ELB takes to show it"),
            pytest.param(replace(BY_ADDRESS, delay=Duration(30_000)), 45_000, id="a delay that was set"),
            pytest.param(NETWORK, 615_000, id="minutes more of a network balancer"),
        ],
    )
    def test_is_given_as_long_as_its_group_says(self, staged: Staged, group: TargetGroupSpec, longest: int) -> None:
        assert staged(group).look().drain(WEB) == Duration(longest)

    def test_is_not_gone_while_a_network_balancer_still_sends_it_new_connections(self, staged: Staged) -> None:
        stage = staged(replace(NETWORK, delay=Duration(0)))
        place = ("10.0.0.1", 8080)
        stage.writer.join(WEB, (ONE,))
        stage.settle()
        stage.writer.leave(WEB, (ONE,))
        seen = []
        for _ in range(5):
            seen.append((stage.aws.balancing.gets_new("web", place), stage.member(ONE) is not None))
            stage.pass_(45)
        assert seen == [(True, True)] * 4 + [(False, False)]

    def test_with_its_instance_gone_is_known_by_that_and_goes(self, staged: Staged) -> None:
        stage = staged(BY_INSTANCE)
        stage.writer.join(WEB, (ONE, TWO))
        stage.aws.machines.terminate(stage.aws.machines.all["i-00000000000000001"])
        stage.settle()
        assert [one.address for one in stage.look().members] == ["i-00000000000000001:8080", TWO]
        stage.writer.remove(WEB, ("i-00000000000000001:8080",))
        stage.settle()
        assert [one.address for one in stage.look().members] == [TWO]


class TestWhatIsSeen:
    def test_takes_one_call_a_tick_for_each_group_whatever_its_size(self, staged: Staged) -> None:
        stage = staged(BY_ADDRESS, replace(BY_ADDRESS, name="api"))
        stage.writer.join(WEB, tuple(f"10.1.{number // 200}.{number % 200 + 1}:80" for number in range(1000)))
        stage.look(WEB, API)
        stage.served.reset()
        assert len(stage.look(WEB, API).members) == 1000
        assert [one.operation for one in stage.served.calls] == ["elbv2.DescribeTargetHealth"] * 2

    def test_takes_one_more_for_each_two_hundred_instances(self, staged: Staged) -> None:
        stage = staged(BY_INSTANCE, machines=300)
        stage.writer.join(WEB, tuple(f"10.0.{number // 256}.{number % 256}:80" for number in range(1, 301)))
        stage.look()
        stage.served.reset()
        assert len({one.address for one in stage.look().members}) == 300
        assert Counter(one.operation for one in stage.served.calls) == {"elbv2.DescribeTargetHealth": 1, "ec2.DescribeInstances": 2}

    def test_is_read_and_nothing_else(self, stage: TrafficStage) -> None:
        stage.look()
        assert stage.served.calls
        assert stage.served.changed() == []

    def test_is_of_the_group_that_the_settings_name(self, staged: Staged) -> None:
        stage = staged(replace(BY_ADDRESS, name="shop-web"), target_groups={"web": "shop-web"})
        stage.writer.join(WEB, (ONE,))
        assert [(one.workload, one.address) for one in stage.look().members] == [(WEB, ONE)]

    def test_may_be_of_a_group_by_its_arn(self, staged: Staged) -> None:
        stage = staged(replace(BY_ADDRESS, name="shop-web"))
        stage.writer.join(WorkloadRef(SITE.cluster, "shop-web"), (ONE,))
        by_arn = replace(stage.settings, target_groups={"web": stage.aws.balancing.arn("shop-web")})
        assert len(TargetGroupReader(by_arn, SITE).observe((WEB,), SOON).members) == 1

    @pytest.mark.parametrize(
        ("health", "up"),
        [
            pytest.param({"State": "unavailable", "Reason": "Target.HealthCheckDisabled"}, True, id="without checks it is up, as anywhere"),
            pytest.param({"State": "unavailable", "Reason": "Elb.InternalError"}, False, id="an error within ELB is no passed check"),
            pytest.param({"State": "unused", "Reason": "Target.NotInUse"}, False, id="in a zone that no balancer serves"),
            pytest.param({"State": "unhealthy.draining"}, False, id="ill, and let finish, and still registered"),
        ],
    )
    def test_is_up_only_where_it_gets_requests(
        self, staged: Staged, monkeypatch: pytest.MonkeyPatch, health: dict[str, str], *, up: bool
    ) -> None:
        stage = staged()
        stage.writer.join(WEB, (ONE,))
        monkeypatch.setattr(type(stage.aws.balancing), "_health", lambda *_: health)
        assert [(one.state, one.up) for one in stage.look().members] == [(MemberState.READY, up)]

    def test_is_not_there_for_a_workload_without_a_group(self, stage: TrafficStage) -> None:
        with pytest.raises(NotFoundError, match="no target group nobody for shop/nobody") as raised:
            stage.look(WEB, NOBODY)
        assert "target_groups: {nobody: NAME}" in raised.value.hint

    def test_is_found_again_when_the_group_was_made_anew(self, staged: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
        stage = staged()
        stage.look()
        monkeypatch.setattr(type(stage.aws.balancing), "arn", lambda _, name: f"arn:aws:elasticloadbalancing:eu:0:targetgroup/{name}/ff")
        with pytest.raises(NotFoundError):
            stage.look()
        assert stage.look().members == ()

    def test_is_none_of_a_workload_that_no_group_can_be_called_as(self, staged: Staged) -> None:
        with pytest.raises(NotFoundError, match=r"'my_web', as shop/my_web"):
            staged().look(WorkloadRef(ClusterName("shop"), "my_web"))

    def test_is_told_as_a_whole_or_not_at_all(self, staged: Staged) -> None:
        stage = staged(BY_ADDRESS, replace(BY_ADDRESS, name="api"))
        stage.refuse("Throttling", operation="elbv2.DescribeTargetHealth")
        with pytest.raises(UnavailableError):
            stage.look(WEB, API)

    def test_of_functions_is_for_somebody_to_mend(self, staged: Staged) -> None:
        with pytest.raises(SetupError, match="type lambda"):
            staged(replace(BY_ADDRESS, kind="lambda")).look()


@pytest.mark.parametrize("operation", [REGISTER, DEREGISTER])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="Throttling"), UnavailableError, id="throttled: nothing was done"),
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="AccessDenied", status=403), SetupError, id="denied: somebody grants it"),
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="TargetGroupNotFound"), NotFoundError, id="the group is gone"),
        pytest.param(Fault(operation="", kind=Kind.REFUSE, code="InternalFailure", status=500), OutcomeUnknownError, id="nobody knows"),
        pytest.param(Fault(operation="", kind=Kind.CUT), OutcomeUnknownError, id="done, and the reply lost"),
    ],
)
def test_a_change_that_fails_says_whether_it_may_have_been_done(
    staged: Staged, operation: str, fault: Fault, error: type[AutoscalerError]
) -> None:
    stage = staged()
    stage.writer.join(WEB, (TWO,))
    stage.served.faults.add([replace(fault, operation=operation)])
    change = stage.writer.join if operation == REGISTER else stage.writer.leave
    with pytest.raises(AutoscalerError) as raised:
        change(WEB, (ONE, TWO))
    assert type(raised.value) is error
    assert raised.value.__cause__ is not None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param({"target_groups": {"web": "shop web"}}, "'shop web', of web, is no target group", id="a name with a space"),
        pytest.param({"target_groups": {"web": "x" * 33}}, "is no target group", id="a name that is too long"),
        pytest.param({"target_groups": {"web": "arn:aws:iam::123456789012:role/x"}}, "is no target group", id="something else's ARN"),
        pytest.param({"ec2_endpoint_url": Url("ftp://ec2")}, "http", id="an address that is none"),
    ],
)
def test_settings_that_are_wrong_are_told(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        AwsTraffic(region="eu-central-1", **settings)  # type: ignore[arg-type]
