"""What befalls a pool at AWS, and what becomes of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from autoscaler.config.secrets import Url
from autoscaler.errors import (
    AutoscalerError,
    ConflictError,
    NoCapacityError,
    OutcomeUnknownError,
    PolicyError,
    SetupError,
    UnavailableError,
)
from autoscaler.model.nodes import InstanceState
from autoscaler.model.quantities import Cpu, Duration, Memory, Money
from autoscaler.model.refs import OfferingName, Token
from autoscaler_aws.groups import warms
from autoscaler_aws.pool_writer import GroupWriter
from autoscaler_aws.settings import AwsPool, NodeName
from autoscaler_clouds.kinds import Reserve
from autoscaler_standins.aws.groups import GroupSpec
from autoscaler_standins.faults import Fault, Kind
from tests.providers.aws.fleet_stage import CloudTime
from tests.providers.aws.pool_stage import GROUP, SITE, ZONES, Stage

pytestmark = pytest.mark.usefixtures("keys")
LAUNCH = "autoscaling.LaunchInstances"
TOKEN = Token("a")
MIXED = replace(GROUP, kinds=("m7g.large", "m7g.xlarge"), base=1)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A group of one type in two zones, with two machines."""
    found = Stage.of(GROUP)
    with found.served:
        yield found
    assert found.served.mistakes == []


@pytest.fixture
def staged() -> Iterator[Callable[..., Stage]]:
    """Makes stages of other groups."""
    made: list[Stage] = []

    def make(group: GroupSpec = GROUP, **settings: object) -> Stage:
        made.append(Stage.of(group, **settings))
        made[-1].served.__enter__()
        return made[-1]

    yield make
    for one in made:
        one.served.__exit__()
        assert one.served.mistakes == []


class TestALaunch:
    def test_whose_reply_is_lost_has_an_unknown_outcome_and_is_found_by_reading(self, stage: Stage) -> None:
        stage.served.faults.add([Fault(operation=LAUNCH, kind=Kind.CUT)])
        with pytest.raises(OutcomeUnknownError):
            stage.writer.grow(seen=2, wanted=3, token=TOKEN, offering=OfferingName("m7g.large/eu-central-1a"))
        assert stage.look().wanted == 3

    def test_that_is_repeated_with_its_token_after_a_lost_reply_launches_nothing_more(self, stage: Stage) -> None:
        stage.served.faults.add([Fault(operation=LAUNCH, kind=Kind.CUT)])
        with pytest.raises(OutcomeUnknownError):
            stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        # As a client would that read the group before the launch, and asks after it.
        stage.served.faults.add([Fault(operation="autoscaling.DescribeAutoScalingGroups", kind=Kind.STALE)])
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        assert (stage.look().wanted, stage.counted()) == (3, 3)

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            pytest.param(Fault(operation=LAUNCH, kind=Kind.REFUSE, code="Throttling"), UnavailableError, id="throttled: nothing was done"),
            pytest.param(
                Fault(operation=LAUNCH, kind=Kind.REFUSE, code="InternalFailure", status=500),
                OutcomeUnknownError,
                id="an error within AWS: nobody knows",
            ),
            pytest.param(
                Fault(operation=LAUNCH, kind=Kind.REFUSE, code="IdempotentCallInProgress"), OutcomeUnknownError, id="still under way"
            ),
            pytest.param(
                Fault(operation=LAUNCH, kind=Kind.REFUSE, code="AccessDenied", status=403), SetupError, id="denied: somebody grants it"
            ),
        ],
    )
    def test_that_fails_says_whether_anything_may_have_been_done(self, stage: Stage, fault: Fault, error: type[AutoscalerError]) -> None:
        stage.served.faults.add([fault])
        with pytest.raises(AutoscalerError) as raised:
            stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        assert type(raised.value) is error
        assert raised.value.__cause__ is not None
        assert stage.counted() == 2

    def test_that_is_had_in_part_is_no_capacity_and_what_came_is_counted(self, stage: Stage) -> None:
        stage.aws.machines.stock["m7g.large", ZONES[0]] = 1
        with pytest.raises(NoCapacityError, match=r"1 of 3 launched: InsufficientInstanceCapacity for m7g.large in eu-central-1a"):
            stage.writer.grow(seen=2, wanted=5, token=TOKEN, offering=OfferingName("m7g.large/eu-central-1a"))
        assert (stage.look().wanted, stage.counted()) == (3, 3)

    def test_beyond_the_accounts_quota_says_so(self, stage: Stage) -> None:
        stage.aws.machines.quota = 2
        with pytest.raises(NoCapacityError, match="VcpuLimitExceeded") as raised:
            stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        assert raised.value.hint == "raise the account's quota"

    def test_beyond_the_groups_own_maximum_is_for_somebody_to_mend(self, staged: Callable[..., Stage]) -> None:
        stage = staged(replace(GROUP, most=3))
        with pytest.raises(SetupError, match="may have 3 instances, not 4"):
            stage.writer.grow(seen=2, wanted=4, token=TOKEN)

    def test_of_hundreds_takes_a_call_for_each_hundred_and_zone(self, stage: Stage) -> None:
        stage.writer.grow(seen=2, wanted=252, token=TOKEN)
        assert stage.served.changed() == [LAUNCH] * 4
        assert stage.aws.machines.by_zone(GROUP.name) == {ZONES[0]: 126, ZONES[1]: 126}

    def test_after_somebody_else_changed_the_count_is_a_conflict(self, stage: Stage) -> None:
        stage.aws.groups[GROUP.name].set_desired(5)
        with pytest.raises(ConflictError):
            stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        assert stage.counted() == 5

    def test_of_both_markets_raises_the_absolute_count(self, staged: Callable[..., Stage]) -> None:
        stage = staged(MIXED)
        stage.writer.grow(seen=2, wanted=4, token=TOKEN)
        assert (stage.served.changed(), stage.look().wanted) == (["autoscaling.SetDesiredCapacity"], 4)


class TestWhatIsSeen:
    def test_is_read_and_nothing_else(self, stage: Stage) -> None:
        stage.look()
        assert stage.served.calls
        assert stage.served.changed() == []

    def test_takes_three_calls_for_a_thousand_instances(self, staged: Callable[..., Stage]) -> None:
        stage = staged(replace(GROUP, desired=1000))
        stage.look()  # the first one learns what the launch template is
        stage.served.reset()
        assert len(stage.there()) == 1000
        assert sorted(one.operation for one in stage.served.calls) == [
            "autoscaling.DescribeAutoScalingGroups",
            "autoscaling.DescribeScalingActivities",
            "ec2.DescribeInstances",
        ]

    def test_goes_over_pages(self, staged: Callable[..., Stage]) -> None:
        stage = staged(replace(GROUP, desired=1500, most=2000))
        assert len({one.node_name for one in stage.there()}) == 1500

    def test_counts_once_what_is_not_listed_yet(self, stage: Stage) -> None:
        stage.aws.machines.unlisted = Duration(60_000)
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        assert (stage.look().wanted, len(stage.there())) == (3, 2)
        stage.aws.clock.skip(Duration(60_000))
        assert (stage.look().wanted, len(stage.there())) == (3, 3)

    def test_tells_launches_that_failed_until_one_does_not(self, stage: Stage) -> None:
        stage.aws.machines.failing = 2
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        failed = []
        for _ in range(3):
            stage.aws.clock.skip(stage.aws.machines.boot)
            failed.append(stage.look().failed_launches)
        assert failed == [1, 2, 0]

    def test_does_not_take_a_lack_of_capacity_for_a_failure(self, staged: Callable[..., Stage]) -> None:
        stage = staged(MIXED)
        stage.sell_out()
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        assert stage.look().failed_launches == 0

    def test_is_sold_out_where_the_groups_own_launches_found_no_capacity(self, staged: Callable[..., Stage]) -> None:
        stage = staged(MIXED)
        stage.sell_out()
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        (only,) = stage.look().offerings
        assert only.sold_out_until > stage.aws.clock.now() - Duration(300_000).ms

    @pytest.mark.parametrize(
        ("named", "name"),
        [
            pytest.param(NodeName.DNS, "ip-10-0-0-1.eu-central-1.compute.internal", id="by its private DNS name"),
            pytest.param(NodeName.HOST, "ip-10-0-0-1", id="by the first part of it"),
            pytest.param(NodeName.ID, "i-00000000000000001", id="by its id"),
        ],
    )
    def test_calls_a_machine_as_its_orchestrator_does(self, staged: Callable[..., Stage], named: NodeName, name: str) -> None:
        assert staged(node_name=named).there()[0].node_name == name

    def test_is_going_once_it_is_asked_to(self, stage: Stage) -> None:
        first, second = stage.there()
        stage.writer.release(frozenset({first.ref}), token=TOKEN)
        assert {one.ref: one.state for one in stage.there()} == {first.ref: InstanceState.STOPPING, second.ref: InstanceState.RUNNING}


class TestWhatIsOffered:
    def test_is_each_zone_at_the_listed_price(self, stage: Stage) -> None:
        assert [(one.name, one.zone, one.price) for one in stage.look().offerings] == [
            ("m7g.large/eu-central-1a", ZONES[0], Money(95_000)),
            ("m7g.large/eu-central-1b", ZONES[1], Money(95_000)),
        ]

    def test_is_asked_of_ec2_where_it_is_not_listed_and_has_no_price(self, staged: Callable[..., Stage]) -> None:
        one = staged(types=()).look().offerings[0]
        assert (one.capacity.cpu, one.capacity.memory, one.price) == (2000, 8 * 2**30, Money(0))

    def test_is_what_is_sure_of_whatever_a_mixed_group_launches(self, staged: Callable[..., Stage]) -> None:
        one = staged(replace(GROUP, kinds=("m7g.xlarge", "m7g.large"))).look().offerings[0]
        assert (one.name, one.capacity.cpu, one.price) == ("mixed/eu-central-1a", 2000, Money(0))  # xlarge has no price

    def test_leaves_out_what_the_node_keeps(self, staged: Callable[..., Stage]) -> None:
        one = staged(reserve=Reserve(cpu=Cpu(500), memory=Memory(2**30))).look().offerings[0]
        assert (one.capacity.cpu, one.capacity.memory) == (1500, 7 * 2**30)

    def test_is_spot_where_the_launch_template_asks_for_it(self, staged: Callable[..., Stage]) -> None:
        one = staged(replace(GROUP, spot=True)).look().offerings[0]
        assert (one.name, one.spot, one.price) == ("m7g.large/eu-central-1a/spot", True, Money(40_000))

    def test_of_a_type_that_nobody_knows_is_told(self, staged: Callable[..., Stage]) -> None:
        with pytest.raises(SetupError, match=r"EC2 knows no instance type m9z\.large"):
            staged(replace(GROUP, kinds=("m9z.large",))).look()


WARM = replace(GROUP, standby=2)


class TestAWarmPool:
    def test_is_told_by_its_machines_that_can_be_started_and_counts_nowhere(self, staged: Callable[..., Stage]) -> None:
        state = staged(WARM).look()
        assert ([one.standby for one in state.offerings], state.wanted, len(state.instances)) == ([2], 2, 2)

    def test_takes_one_more_call_for_each_fifty_machines(self, staged: Callable[..., Stage]) -> None:
        stage = staged(replace(GROUP, standby=120))
        stage.look()
        stage.served.reset()
        assert stage.look().offerings[0].standby == 120
        assert [one.operation for one in stage.served.calls].count("autoscaling.DescribeWarmPool") == 3

    def test_is_started_before_anything_is_launched(self, staged: Callable[..., Stage]) -> None:
        stage = staged(WARM)
        there = set(stage.aws.machines.all)
        for _ in range(2):
            stage.writer.grow(seen=2, wanted=4, token=TOKEN, offering=stage.look().offerings[0].name)
        assert (stage.served.changed(), stage.look().wanted) == (["autoscaling.SetDesiredCapacity"], 4)
        assert {one.ref.id for one in stage.there()} == there

    def test_is_no_reason_not_to_say_what_cannot_be_had_beside_it(self, staged: Callable[..., Stage]) -> None:
        stage = staged(WARM)
        stage.look()
        stage.sell_out()
        with pytest.raises(NoCapacityError, match="0 of 1 launched"):
            stage.writer.grow(seen=2, wanted=5, token=TOKEN)
        assert stage.look().wanted == 4

    def test_that_has_too_few_is_started_and_the_rest_is_launched(self, staged: Callable[..., Stage]) -> None:
        stage = staged(WARM)
        for _ in range(2):
            stage.writer.grow(seen=2, wanted=5, token=TOKEN)
        assert stage.served.changed() == ["autoscaling.SetDesiredCapacity", LAUNCH]
        stage.settle()
        assert (stage.look().wanted, stage.look().offerings[0].standby) == (5, 2)

    def test_in_several_zones_leaves_the_zone_to_the_group(self, staged: Callable[..., Stage]) -> None:
        assert [one.name for one in staged(WARM).look().offerings] == ["m7g.large"]
        assert [one.name for one in staged(replace(WARM, zones=ZONES[:1])).look().offerings] == ["m7g.large/eu-central-1a"]

    def test_keeps_what_it_has_when_machines_are_given_back(self, staged: Callable[..., Stage]) -> None:
        stage = staged(WARM)
        first, second = stage.there()
        stage.writer.release(frozenset({first.ref}), token=TOKEN)
        stage.settle()
        state = stage.look()
        assert ([one.ref for one in state.instances], state.offerings[0].standby) == ([second.ref], 2)

    def test_that_is_being_deleted_is_none(self) -> None:
        group: Any = {"WarmPoolConfiguration": {"Status": "PendingDelete"}}
        other: Any = {"WarmPoolConfiguration": {}}
        assert (warms(group), warms(other)) == (False, True)


class TestWhatIsGivenBack:
    def test_goes_although_it_is_protected_from_the_groups_own_choice(self, stage: Stage) -> None:
        assert all(one.protected for one in stage.aws.machines.all.values())
        stage.writer.release(frozenset({stage.there()[0].ref}), token=TOKEN)
        assert stage.counted() == 1

    def test_does_not_go_below_the_groups_own_minimum(self, staged: Callable[..., Stage]) -> None:
        stage = staged(replace(GROUP, least=2))
        with pytest.raises(SetupError, match="min size"):
            stage.writer.release(frozenset({stage.there()[0].ref}), token=TOKEN)
        assert stage.counted() == 2

    def test_is_not_replaced_when_the_reply_is_lost_and_it_is_asked_again(self, stage: Stage) -> None:
        gone = frozenset({stage.there()[0].ref})
        stage.served.faults.add([Fault(operation="autoscaling.TerminateInstanceInAutoScalingGroup", kind=Kind.CUT)])
        with pytest.raises(OutcomeUnknownError):
            stage.writer.release(gone, token=TOKEN)
        stage.writer.release(gone, token=TOKEN)
        stage.settle()
        assert (stage.look().wanted, stage.counted()) == (1, 1)


class TestAHookOfTermination:
    """`drain` holds who goes for five minutes; a machine takes two seconds to wait in it."""

    @pytest.fixture
    def make(self, staged: Callable[..., Stage]) -> Callable[..., tuple[Stage, GroupWriter]]:
        def make(*names: str) -> tuple[Stage, GroupWriter]:
            stage = staged(complete_hooks=names)
            hooks = stage.aws.groups[GROUP.name].hooks
            hooks.holds, hooks.enters = {"drain": Duration(300_000), "save": Duration(300_000)}, Duration(2000)
            return stage, GroupWriter(stage.settings, replace(SITE, runtime=CloudTime(stage.aws.clock)))

        return make

    def test_is_left_to_those_who_made_it(self, make: Callable[..., tuple[Stage, GroupWriter]]) -> None:
        stage, writer = make()
        first, _ = stage.there()
        writer.release(frozenset({first.ref}), token=TOKEN)
        stage.aws.clock.skip(Duration(60_000))
        state = stage.look()
        assert (state.wanted, {one.ref: one.state for one in state.instances}[first.ref]) == (1, InstanceState.STOPPING)
        assert len(stage.aws.machines.of(GROUP.name)) == 2

    def test_is_completed_where_that_is_ours_to_do(self, make: Callable[..., tuple[Stage, GroupWriter]]) -> None:
        stage, writer = make("drain", "save")
        writer.release(frozenset({stage.there()[0].ref}), token=TOKEN)
        stage.aws.clock.skip(Duration(60_000))
        assert len(stage.there()) == 1

    def test_holds_on_where_one_is_ours_and_another_is_not(self, make: Callable[..., tuple[Stage, GroupWriter]]) -> None:
        stage, writer = make("drain")
        writer.release(frozenset({stage.there()[0].ref}), token=TOKEN)
        stage.aws.clock.skip(Duration(60_000))
        assert len(stage.there()) == 2

    def test_that_somebody_else_completed_is_no_trouble(self, make: Callable[..., tuple[Stage, GroupWriter]]) -> None:
        stage, writer = make("drain", "another")
        writer.release(frozenset({stage.there()[0].ref}), token=TOKEN)
        assert stage.look().wanted == 1

    def test_that_holds_a_machine_which_was_not_given_back_is_left_alone(self, make: Callable[..., tuple[Stage, GroupWriter]]) -> None:
        stage, writer = make()
        first, second = stage.there()
        writer.release(frozenset({first.ref}), token=TOKEN)  # for somebody else, who completes no hook
        stage.aws.clock.skip(Duration(20_000))
        completing = GroupWriter(
            replace(stage.settings, complete_hooks=("drain", "save")), replace(SITE, runtime=CloudTime(stage.aws.clock))
        )
        completing.release(frozenset({second.ref}), token=TOKEN)
        stage.aws.clock.skip(Duration(60_000))
        assert [one.ref for one in stage.there()] == [first.ref]

    def test_that_we_may_not_complete_leaves_the_outcome_open(self, make: Callable[..., tuple[Stage, GroupWriter]]) -> None:
        stage, writer = make("drain")
        stage.served.faults.add([Fault(operation="autoscaling.CompleteLifecycleAction", kind=Kind.REFUSE, code="AccessDenied", status=403)])
        with pytest.raises(OutcomeUnknownError, match="AccessDenied"):
            writer.release(frozenset({stage.there()[0].ref}), token=TOKEN)
        assert stage.look().wanted == 1


@pytest.mark.parametrize("url", ["ftp://ec2", "ec2.internal"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(PolicyError, match="http"):
        AwsPool(region="eu-central-1", auto_scaling_group="shop", ec2_endpoint_url=Url(url))
