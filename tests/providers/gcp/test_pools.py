"""What a managed instance group does beyond the promises that all pools keep."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, text

from autoscaler.errors import (
    AutoscalerError,
    ConflictError,
    NoCapacityError,
    OutcomeUnknownError,
    SetupError,
    UnavailableError,
)
from autoscaler.model.nodes import InstanceState
from autoscaler.model.quantities import Duration, later
from autoscaler.model.refs import InstanceRef, Token
from autoscaler_clouds.launches import FORGET
from autoscaler_gcp.group_changes import names_of, request_id
from autoscaler_gcp.pool_reader import GroupReader
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.groups import Template
from autoscaler_standins.gcp.standby import Standby
from tests.providers.gcp.pool_stage import CUT, E2, REGION, SOON, STALE, TOKEN, ZONES, Stage, regional, staged, zonal

PAGE = Path(__file__).parents[3] / "docs" / "providers" / "gcp.md"
AGAIN = Token("01KB7Z3M2Q8V5X0C4N6P9R1STX")
NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged(zonal(), E2) as found:
        yield found


def victim(stage: Stage) -> frozenset[InstanceRef]:
    return frozenset(stage.there()[:1])


def states(stage: Stage) -> list[InstanceState]:
    return sorted(one.state for one in stage.look().instances)


def test_a_launch_whose_reply_is_lost_is_not_made_twice(stage: Stage) -> None:
    stage.befall(CUT, ["createInstances"])
    with pytest.raises(OutcomeUnknownError):
        stage.writer.grow(seen=2, wanted=4, token=TOKEN)
    stage.writer.grow(seen=2, wanted=4, token=TOKEN)
    stage.settle()
    assert (stage.look().wanted, stage.counted(), stage.asked("createInstances")) == (4, 4, 1)


def test_google_knows_a_launch_again_where_the_group_is_shown_as_it_was_before(stage: Stage) -> None:
    stage.cloud.machines.unlisted = Duration(600_000)
    stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    stage.befall(STALE, ["get"])  # the size before the launch, which is in no list yet
    stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    stage.settle()
    assert (stage.look().wanted, stage.counted(), stage.asked("createInstances")) == (3, 3, 2)


def test_a_release_whose_reply_is_lost_takes_nobody_else(stage: Stage) -> None:
    gone = victim(stage)
    stage.befall(CUT, ["deleteInstances"])
    with pytest.raises(OutcomeUnknownError):
        stage.writer.release(gone, token=TOKEN)
    stage.writer.release(gone, token=TOKEN)
    stage.settle()
    assert (stage.look().wanted, stage.counted()) == (1, 1)


def test_what_happens_to_the_question_how_it_goes_does_not_undo_what_was_accepted(stage: Stage) -> None:
    stage.refuse("rateLimitExceeded", 403, on="compute.zoneOperations.get")
    stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    assert stage.look().wanted == 3


@pytest.mark.parametrize(
    ("reason", "status", "error"),
    [
        pytest.param("rateLimitExceeded", 403, UnavailableError, id="a rate that is exceeded, which Google tells as forbidden"),
        pytest.param("rateLimitExceeded", 429, UnavailableError, id="too many requests"),
        pytest.param("forbidden", 403, SetupError, id="a permission that is lacking"),
        pytest.param("authError", 401, SetupError, id="nobody we are"),
        pytest.param("quotaExceeded", 403, NoCapacityError, id="a quota"),
        pytest.param("conditionNotMet", 412, ConflictError, id="a group that changed"),
        pytest.param("invalid", 400, SetupError, id="what Google does not take"),
        pytest.param("backendError", 503, OutcomeUnknownError, id="an outage, after which it may have been done"),
    ],
)
def test_a_launch_that_is_refused(stage: Stage, reason: str, status: int, error: type[AutoscalerError]) -> None:
    stage.refuse(reason, status, on="compute.instanceGroupManagers.createInstances", times=1)
    with pytest.raises(error) as told:
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    assert told.value.__cause__ is not None
    assert stage.look().wanted == 2


@pytest.mark.parametrize(
    ("reason", "status", "error"),
    [
        pytest.param("rateLimitExceeded", 403, UnavailableError, id="throttled"),
        pytest.param("forbidden", 403, SetupError, id="denied"),
        pytest.param("backendError", 500, UnavailableError, id="down"),
    ],
)
def test_a_group_that_cannot_be_read(stage: Stage, reason: str, status: int, error: type[AutoscalerError]) -> None:
    stage.refuse(reason, status, times=1)
    with pytest.raises(error):
        stage.look()
    assert stage.asked("listManagedInstances") == 1
    assert stage.look().wanted == 2


def test_where_nobody_listens_nothing_was_sent(stage: Stage) -> None:
    stage.served.__exit__()
    with pytest.raises(UnavailableError):
        stage.look()
    with pytest.raises(UnavailableError):
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)


def test_a_call_ends_when_its_time_is_over(stage: Stage) -> None:
    reader = GroupReader(replace(stage.settings, timeout=Duration(500)), stage.site)
    stage.served.faults.add([Fault(operation="*", kind=Kind.DELAY, ms=30_000)])
    with pytest.raises(UnavailableError, match="ReadTimeout"):
        reader.observe(SOON)


def test_what_is_lacking_is_given_back_and_what_launched_stays(stage: Stage) -> None:
    stage.leave(1)
    with pytest.raises(NoCapacityError, match="1 of 3 launched: ZONE_RESOURCE_POOL_EXHAUSTED"):
        stage.writer.grow(seen=2, wanted=5, token=TOKEN)
    stage.leave(9)
    stage.settle()
    assert (stage.look().wanted, stage.counted(), states(stage)) == (3, 3, [InstanceState.RUNNING] * 3)


def test_what_was_given_back_is_not_asked_for_by_the_same_step_again(stage: Stage) -> None:
    stage.sell_out()
    for _ in range(2):
        with pytest.raises(NoCapacityError):
            stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        stage.leave(9)
    stage.settle()
    assert (stage.look().wanted, stage.counted()) == (2, 2)


def test_over_quota_says_so(stage: Stage) -> None:
    stage.cloud.machines.quota = 2
    with pytest.raises(NoCapacityError, match="over quota") as told:
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    assert "quota" in told.value.hint
    assert stage.look().wanted == 2


def test_what_was_sold_out_is_not_asked_for_again_for_a_while(stage: Stage) -> None:
    stage.sell_out()
    with pytest.raises(NoCapacityError):
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    state = stage.look()
    (told,) = state.offerings
    assert state.read_at < told.sold_out_until <= later(state.read_at, Duration(300_000))
    assert state.failed_launches == 0
    stage.settle()
    assert stage.look().offerings[0].sold_out_until == 0


def test_what_somebody_else_asked_for_in_vain_is_failed_and_in_no_count(stage: Stage) -> None:
    stage.sell_out()
    stage.cloud.groups.resize(stage.group, 3)
    state = stage.look()
    (failed,) = (one for one in state.instances if one.state is InstanceState.FAILED)
    assert (state.wanted, failed.ref.incarnation) == (2, "")
    stage.writer.release(frozenset({failed.ref}), token=TOKEN)
    assert (stage.look().wanted, stage.group.size, len(stage.there())) == (2, 2, 2)


def test_a_machine_that_never_comes_up_is_failed_and_then_forgotten(stage: Stage) -> None:
    stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    stage.settle()
    stage.cloud.machines.failing = 9
    stage.writer.grow(seen=3, wanted=4, token=AGAIN)
    stage.cloud.clock.skip(stage.cloud.machines.boot)
    state = stage.look()
    assert (state.wanted, state.failed_launches) == (3, 1)
    failed = frozenset(one.ref for one in state.instances if one.state is InstanceState.FAILED)
    stage.writer.release(failed, token=TOKEN)
    stage.cloud.clock.skip(FORGET)
    assert (stage.look().failed_launches, stage.group.size) == (0, 3)


def test_a_launch_that_succeeds_ends_the_failing(stage: Stage) -> None:
    stage.cloud.machines.failing = 1
    stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    stage.cloud.clock.skip(stage.cloud.machines.boot)
    assert stage.look().failed_launches == 1
    stage.cloud.clock.skip(Duration(60_000))
    stage.look()  # the group tries again
    stage.cloud.clock.skip(stage.cloud.machines.boot)
    state = stage.look()
    assert (state.failed_launches, state.wanted) == (0, 3)


def test_what_is_not_listed_yet_is_counted_once(stage: Stage) -> None:
    stage.cloud.machines.unlisted = Duration(60_000)
    stage.writer.grow(seen=2, wanted=4, token=TOKEN)
    before = stage.look()
    stage.settle()
    after = stage.look()
    assert (before.wanted, len(before.instances), after.wanted, len(after.instances)) == (4, 2, 4, 4)


@pytest.mark.parametrize("verb", ["get", "listManagedInstances"])
def test_whatever_is_read_late_is_counted_once(stage: Stage, verb: str) -> None:
    stage.look()
    stage.cloud.groups.create(stage.group, ["shop-general-x"])
    stage.befall(STALE, [verb])
    assert stage.look().wanted == 3


def test_somebody_else_changes_the_size(stage: Stage) -> None:
    stage.cloud.groups.resize(stage.group, 4)
    assert stage.look().wanted == 4
    with pytest.raises(ConflictError):
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    stage.cloud.groups.resize(stage.group, 1)
    assert stage.look().wanted == 1


def test_a_launch_to_fewer_than_there_are_is_a_conflict(stage: Stage) -> None:
    with pytest.raises(ConflictError):
        stage.writer.grow(seen=2, wanted=1, token=TOKEN)
    assert (stage.look().wanted, stage.served.changed()) == (2, [])


def test_what_is_protected_against_deletion_is_shown_as_going_and_nobody_goes_in_its_place() -> None:
    group = zonal()
    with staged(replace(group, template=replace(group.template, protected=True)), E2) as stage:
        stage.writer.release(victim(stage), token=TOKEN)
        stage.settle()
        assert (stage.look().wanted, states(stage)) == (1, [InstanceState.RUNNING, InstanceState.STOPPING])
        assert stage.counted() == 2


def test_a_spot_machine_that_was_taken_is_failed_until_it_is_given_back() -> None:
    with staged(replace(zonal(), template=Template(name="spot-1", kind=E2.name, spot=True)), E2) as stage:
        (taken,) = victim(stage)
        stage.cloud.machines.reclaim(stage.cloud.machines.all[taken.id], Duration(30_000))
        stage.cloud.clock.skip(Duration(30_000))
        assert (stage.look().wanted, states(stage)) == (1, [InstanceState.RUNNING, InstanceState.STOPPING])
        stage.settle()
        assert states(stage) == [InstanceState.FAILED, InstanceState.RUNNING]
        stage.writer.release(frozenset({taken}), token=TOKEN)
        assert (stage.group.size, len(stage.there())) == (1, 1)


def test_a_machine_that_the_group_made_again_under_its_name_is_another() -> None:
    with staged(replace(zonal(), repairs=True), E2) as stage:
        (old,) = victim(stage)
        stage.cloud.machines.terminate(stage.cloud.machines.all[old.id])
        stage.settle()
        (new,) = victim(stage)
        assert (new.id, new != old) == (old.id, True)
        stage.writer.release(frozenset({old}), token=TOKEN)
        assert (stage.look().wanted, stage.asked("deleteInstances")) == (2, 0)


def test_a_thousand_machines_take_few_calls() -> None:
    with staged(replace(zonal(), size=1000), E2) as stage:
        state = stage.look()
        assert (state.wanted, len({one.ref for one in state.instances})) == (1000, 1000)
        assert len(stage.served.calls) == 7  # two pages of members and of machines, the group, its errors, its template
        stage.look()
        assert len(stage.served.calls) == 11


def test_no_request_names_more_than_a_thousand() -> None:
    with staged(replace(regional(), size=0), E2) as stage:
        stage.writer.grow(seen=0, wanted=1500, token=TOKEN)
        assert (stage.look().wanted, stage.asked("createInstances")) == (1500, 2)


def test_who_only_looks_changes_nothing(stage: Stage) -> None:
    stage.look()
    assert stage.served.changed() == []


def test_machines_have_the_time_they_were_made_at_and_that_of_their_end() -> None:
    with staged(zonal(), E2) as stage:
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        made = {one.id: one.launched_at for one in stage.cloud.machines.all.values()}
        assert {one.ref.id: one.launched_at for one in stage.look().instances} == made
        assert {one.ends_at for one in stage.look().instances} == {None}
    ends = later(stage.cloud.clock.now(), Duration(86_400_000))
    with staged(replace(zonal(), ends=ends), E2) as stage:
        assert {one.ends_at for one in stage.look().instances} == {ends}


GRACEFUL = Template(name="graceful-1", kind=E2.name, graceful=Duration(600_000))


def test_who_is_given_back_and_shuts_down_gracefully_is_in_no_count_while_it_does() -> None:
    with staged(replace(zonal(), template=GRACEFUL), E2) as stage:
        stage.writer.release(victim(stage), token=TOKEN)
        stage.cloud.clock.skip(Duration(599_000))
        state = stage.look()
        assert (state.wanted, states(stage)) == (1, [InstanceState.RUNNING, InstanceState.STOPPING])
        assert {one.ends_at for one in state.instances} == {None}
        stage.cloud.clock.skip(Duration(60_000))
        assert (stage.look().wanted, len(stage.there()), stage.group.size) == (1, 1, 1)


def test_whose_machine_somebody_else_stops_gracefully_has_until_then() -> None:
    with staged(replace(zonal(), template=GRACEFUL), E2) as stage:
        (gone,) = victim(stage)
        asked_at = stage.cloud.clock.now()
        stage.cloud.groups.stop(stage.group, gone.id)
        state = stage.look()
        ends = {one.ref: one.ends_at for one in state.instances if one.ends_at}
        assert (state.wanted, list(ends)) == (1, [gone])
        assert 0 <= ends[gone] - later(asked_at, GRACEFUL.graceful) < 1000
        stage.cloud.clock.skip(Duration(640_000))
        assert states(stage) == [InstanceState.FAILED, InstanceState.RUNNING]


def test_the_page_names_each_call_and_no_other() -> None:
    rows = re.findall(r"^\| `(\w+\.\w+)` \| `compute\.", PAGE.read_text().partition("## Traffic")[0], flags=re.MULTILINE)
    asked = set[str]()
    for group in (zonal(), replace(regional(), template=Template(name="r", kind=E2.name, region=REGION))):
        with staged(group) as stage:
            stage.stand_by(1, suspended=1)
            stage.writer.grow(seen=2, wanted=5, token=TOKEN)
            stage.writer.release(victim(stage), token=TOKEN)
            stage.group.standby = Standby(stopped=1, refills=True)
            stage.settle()
            stage.settle()
            stage.writer.grow(seen=4, wanted=5, token=AGAIN)
            asked |= {one.operation.removeprefix("compute.") for one in stage.served.calls}
    assert {here(one) for one in asked} == set(rows)
    assert "regionInstanceTemplates.get" in asked


def here(call: str) -> str:
    """What a call of something regional is called of something in a zone, or everywhere."""
    found = call.replace("regionOperations", "zoneOperations").removeprefix("region")
    return found[0].lower() + found[1:]


def test_a_group_over_a_region_sells_out_where_its_shape_is_even() -> None:
    with staged(regional(), E2) as stage:
        stage.cloud.machines.stock[E2.name, ZONES[2]] = 0
        with pytest.raises(NoCapacityError, match=ZONES[2]):
            stage.writer.grow(seen=2, wanted=3, token=TOKEN)
        assert stage.look().wanted == 2


@settings(max_examples=30)
@given(base=text("abcdefghij-0123456789", max_size=50).map("shop".__add__), token=text(min_size=1), count=integers(0, 12))
def test_names_and_requests_are_those_of_the_token(base: str, token: str, count: int) -> None:
    names = names_of(base, Token(token), count)
    assert all(NAME.fullmatch(name) for name in names)
    assert len(set(names)) == count
    assert names_of(base, Token(token), count) == names
    assert set(names_of(base, Token(f"{token}2"), count)).isdisjoint(names)
    assert UUID.fullmatch(request_id(Token(token), "create", names))
    assert request_id(Token(token), "create", names) != request_id(Token(token), "delete", names)
