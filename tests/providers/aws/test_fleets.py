"""What befalls a pool that has no group, and what becomes of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from autoscaler.config.secrets import Url
from autoscaler.errors import (
    AutoscalerError,
    ConflictError,
    NoCapacityError,
    NotFoundError,
    OutcomeUnknownError,
    PolicyError,
    SetupError,
    UnavailableError,
)
from autoscaler.model.nodes import InstanceState
from autoscaler.model.quantities import Duration, Money, later
from autoscaler.model.refs import InstanceRef, OfferingName, Token
from autoscaler_aws.fleet_settings import Fleet, Market
from autoscaler_aws.fleets import counted, instances_of
from autoscaler_aws.settings import AwsPool, NodeName
from autoscaler_standins.faults import Fault, Kind
from tests.providers.aws.fleet_stage import ONE, OURS, SEVERAL, FleetStage
from tests.providers.aws.pool_stage import LARGE, ZONES

pytestmark = pytest.mark.usefixtures("keys")
LAUNCH, LIST = "ec2.CreateFleet", "ec2.DescribeInstances"
TOKEN = Token("a")
ABROAD = replace(ONE, subnets=(("us-east-1a", "subnet-0a1b2c3d"),))


@pytest.fixture
def stage() -> Iterator[FleetStage]:
    """Of one type in two zones, with two machines."""
    found = FleetStage.of(ONE)
    with found.served:
        yield found
    assert found.served.mistakes == []


@pytest.fixture
def staged() -> Iterator[Callable[..., FleetStage]]:
    """Makes others."""
    made: list[FleetStage] = []

    def make(fleet: Fleet = ONE, **settings: Any) -> FleetStage:  # noqa: ANN401 - of a stage
        made.append(FleetStage.of(fleet, **settings))
        made[-1].served.__enter__()
        return made[-1]

    yield make
    for one in made:
        one.served.__exit__()
        assert one.served.mistakes == []


class TestALaunch:
    def test_is_over_once_its_machines_are_listed(self, stage: FleetStage) -> None:
        stage.aws.machines.unlisted = Duration(4000)
        stage.writer.grow(seen=2, wanted=4, token=TOKEN)
        assert (stage.look().wanted, stage.counted()) == (4, 4)

    def test_whose_machines_are_not_listed_in_time_is_made_once_all_the_same(self, stage: FleetStage) -> None:
        stage.aws.machines.unlisted = Duration(12_000)
        with pytest.raises(OutcomeUnknownError, match="2 of 2 that were launched are not listed yet"):
            stage.writer.grow(seen=2, wanted=4, token=TOKEN)
        stage.writer.grow(seen=2, wanted=4, token=TOKEN)
        assert (stage.look().wanted, stage.counted()) == (4, 4)

    def test_that_is_listed_in_part_and_repeated_launches_nothing_more(self, stage: FleetStage) -> None:
        stage.served.faults.add([Fault(operation=LAUNCH, kind=Kind.CUT)])
        with pytest.raises(OutcomeUnknownError):
            stage.writer.grow(seen=2, wanted=4, token=TOKEN)
        list(stage.aws.machines.all.values())[-1].listed_at = later(stage.aws.clock.now(), Duration(3000))
        assert stage.look().wanted == 3
        stage.writer.grow(seen=2, wanted=4, token=TOKEN)
        assert (stage.look().wanted, stage.counted()) == (4, 4)

    def test_that_is_repeated_after_an_old_list_launches_nothing_more(self, stage: FleetStage) -> None:
        stage.look()
        stage.served.faults.add([Fault(operation=LAUNCH, kind=Kind.CUT), Fault(operation=LIST, kind=Kind.STALE, times=2)])
        for _ in range(2):
            try:
                stage.writer.grow(seen=2, wanted=3, token=TOKEN)
            except OutcomeUnknownError:
                continue
        assert (stage.look().wanted, stage.counted()) == (3, 3)

    def test_that_was_had_in_part_says_so_again_when_it_is_repeated(self, stage: FleetStage) -> None:
        stage.leave(1)
        for _ in range(2):
            with pytest.raises(NoCapacityError, match=r"1 of 2 launched: InsufficientInstanceCapacity for m7g.large in subnet-0000000[ab]"):
                stage.writer.grow(seen=2, wanted=4, token=TOKEN)
        assert stage.counted() == 3

    def test_of_hundreds_takes_a_call_for_each_hundred(self, stage: FleetStage) -> None:
        stage.writer.grow(seen=2, wanted=252, token=TOKEN)
        assert (stage.served.changed(), stage.counted()) == ([LAUNCH] * 3, 252)

    def test_that_is_throttled_half_way_is_finished_by_a_repeat(self, stage: FleetStage) -> None:
        throttled = Fault(operation=LAUNCH, kind=Kind.REFUSE, code="RequestLimitExceeded", status=503)
        stage.served.faults.add([Fault(operation=LAUNCH, kind=Kind.DELAY), throttled])
        with pytest.raises(OutcomeUnknownError, match="some were launched, and then"):
            stage.writer.grow(seen=2, wanted=202, token=TOKEN)
        assert stage.counted() == 102
        stage.writer.grow(seen=2, wanted=202, token=TOKEN)
        assert stage.counted() == 202

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            pytest.param(
                Fault(operation=LAUNCH, kind=Kind.REFUSE, code="RequestLimitExceeded", status=503),
                UnavailableError,
                id="throttled: nothing was done",
            ),
            pytest.param(
                Fault(operation=LAUNCH, kind=Kind.REFUSE, code="InternalError", status=500),
                OutcomeUnknownError,
                id="an error within EC2: nobody knows",
            ),
            pytest.param(
                Fault(operation=LAUNCH, kind=Kind.REFUSE, code="UnauthorizedOperation", status=403),
                SetupError,
                id="denied: somebody grants it",
            ),
            pytest.param(
                Fault(operation=LAUNCH, kind=Kind.REFUSE, code="IdempotentParameterMismatch"), ConflictError, id="a token of something else"
            ),
        ],
    )
    def test_that_fails_says_whether_anything_may_have_been_done(
        self, stage: FleetStage, fault: Fault, error: type[AutoscalerError]
    ) -> None:
        stage.served.faults.add([fault])
        with pytest.raises(AutoscalerError) as raised:
            stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        assert (type(raised.value), stage.counted()) == (error, 2)

    def test_into_a_subnet_that_is_not_there_is_for_somebody_to_mend(self, staged: Callable[..., FleetStage]) -> None:
        stage = staged(replace(ONE, subnets=((ZONES[0], "subnet-0000000f"),)))
        with pytest.raises(SetupError, match=r"InvalidSubnetID.NotFound .* does not exist"):
            stage.writer.grow(seen=2, wanted=3, token=TOKEN)

    def test_beyond_the_accounts_quota_says_so(self, stage: FleetStage) -> None:
        stage.aws.machines.quota = 2
        with pytest.raises(NoCapacityError, match="VcpuLimitExceeded") as raised:
            stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        assert raised.value.hint == "raise the account's quota"

    def test_of_what_the_fleet_has_not_launches_nothing(self, stage: FleetStage) -> None:
        with pytest.raises(NotFoundError, match=r"the fleet has no m7g\.large/eu-central-1c"):
            stage.writer.grow(seen=2, wanted=3, token=TOKEN, offering=OfferingName("m7g.large/eu-central-1c"))
        assert stage.counted() == 2

    def test_of_spot_in_a_zone_is_that(self, staged: Callable[..., FleetStage]) -> None:
        stage = staged(SEVERAL)
        stage.writer.grow(seen=2, wanted=3, token=TOKEN, offering=OfferingName("m7g.xlarge/eu-central-1b/spot"))
        new = list(stage.aws.machines.all.values())[-1]
        assert (new.kind, new.zone, new.spot) == ("m7g.xlarge", ZONES[1], True)

    def test_whose_other_choice_was_sold_out_is_whole(self, staged: Callable[..., FleetStage]) -> None:
        stage = staged(SEVERAL)
        stage.leave(1)
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        assert stage.counted() == 3

    def test_is_known_by_its_token(self, stage: FleetStage) -> None:
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        assert [one.token for one in stage.there()] == ["before", "before", TOKEN]


class TestWhatIsSeen:
    def test_takes_two_calls_for_a_thousand_machines_and_changes_nothing(self, staged: Callable[..., FleetStage]) -> None:
        stage = staged(count=1000)
        assert len(stage.there()) == 1000
        assert sorted(one.operation for one in stage.served.calls) == [LIST, "ec2.DescribeLaunchTemplateVersions"]
        assert stage.served.changed() == []

    def test_goes_over_pages(self, staged: Callable[..., FleetStage]) -> None:
        assert staged(count=1500).look().wanted == 1500

    @pytest.mark.parametrize("tag", ["poolkeeper:cluster", "poolkeeper:fleet"])
    def test_is_only_what_has_both_tags(self, stage: FleetStage, tag: str) -> None:
        stage.aws.fleets.add(LARGE.name, ZONES[0], {**OURS, tag: "another"}, 1)
        assert stage.look().wanted == 2

    def test_tells_launches_that_failed_until_one_does_not(self, stage: FleetStage) -> None:
        failed = []
        stage.aws.machines.failing = 2
        for number in range(3):
            stage.writer.grow(seen=2, wanted=3, token=Token(f"try-{number}"))
            stage.aws.clock.skip(stage.aws.machines.boot)
            failed.append(stage.look().failed_launches)
        assert failed == [1, 2, 0]

    def test_a_spot_machine_that_is_taken_back_is_no_failed_launch(self, staged: Callable[..., FleetStage]) -> None:
        stage = staged(SEVERAL)
        stage.writer.grow(seen=2, wanted=3, token=TOKEN, offering=OfferingName("m7g.large/eu-central-1b/spot"))
        stage.aws.machines.reclaim(list(stage.aws.machines.all.values())[-1], Duration(1000))
        stage.aws.clock.skip(Duration(1000))
        assert (stage.look().wanted, stage.look().failed_launches) == (2, 0)

    def test_a_machine_that_was_stopped_is_none_that_counts_and_is_given_back(self) -> None:
        machine: Any = {"InstanceId": "i-1", "InstanceType": "m7g.large", "State": {"Name": "stopped"}}
        assert (counted([machine]), [one.state for one in instances_of([machine], NodeName.ID)]) == (0, [InstanceState.FAILED])


class TestWhatIsOffered:
    def test_is_each_type_in_each_zone_by_each_market(self, staged: Callable[..., FleetStage]) -> None:
        found = staged(SEVERAL).look().offerings
        assert len({one.name for one in found}) == 8
        assert {(one.name, one.price) for one in found} >= {
            ("m7g.large/eu-central-1a", Money(95_000)),
            ("m7g.large/eu-central-1b/spot", Money(40_000)),
        }

    def test_is_asked_of_ec2_where_it_is_not_listed_and_has_no_price(self, staged: Callable[..., FleetStage]) -> None:
        one = staged(types=()).look().offerings[0]
        assert (one.capacity.cpu, one.capacity.memory, one.price) == (2000, 8 * 2**30, Money(0))


class TestWhatIsGivenBack:
    def test_goes_in_one_call(self, staged: Callable[..., FleetStage]) -> None:
        stage = staged(count=150)
        stage.writer.release(frozenset(one.ref for one in stage.there()), token=TOKEN)
        assert (stage.served.changed(), stage.counted()) == (["ec2.TerminateInstances"], 0)

    def test_is_never_a_machine_without_this_pools_tags(self, stage: FleetStage) -> None:
        stage.aws.fleets.add(LARGE.name, ZONES[0], {**OURS, "poolkeeper:fleet": "another"}, 1)
        name = list(stage.aws.machines.all)[-1]
        stage.writer.release(frozenset({InstanceRef(name, name)}), token=TOKEN)
        assert (stage.served.changed(), stage.counted()) == ([], 3)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"auto_scaling_group": "shop", "fleet": ONE}, "a group or a fleet", id="both"),
        pytest.param({}, "a group or a fleet", id="neither"),
        pytest.param({"fleet": ONE, "endpoint_url": Url("https://a")}, "of EC2 alone", id="an address of Auto Scaling"),
        pytest.param({"fleet": ONE, "complete_hooks": ("drain",)}, "no hooks", id="hooks without a group"),
        pytest.param({"fleet": ABROAD}, "us-east-1a is no zone of eu-central-1", id="a zone of another region"),
    ],
)
def test_a_pool_is_either_a_group_or_a_fleet(change: dict[str, Any], says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        AwsPool(region="eu-central-1", **change)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"types": ("m7g.large", "m7g.large")}, "a type of the fleet is there twice", id="a type twice"),
        pytest.param({"markets": (Market.SPOT, Market.SPOT)}, "a market", id="a market twice"),
        pytest.param({"subnets": (("eu-central-1a", "subnet-0a1b2c3d"), ("eu-central-1b", "subnet-0a1b2c3d"))}, "subnet", id="twice"),
        pytest.param({"subnets": (("subnet-0a1b2c3d", "eu-central-1a"),)}, "no subnet of a zone", id="the wrong way round"),
    ],
)
def test_what_a_fleet_cannot_be(change: dict[str, Any], says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        replace(ONE, **change)
