"""Members of a managed instance group that stand by: which are started, by which call, and what is left."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.errors import ConflictError, NoCapacityError
from autoscaler.model.nodes import InstanceState
from autoscaler.model.refs import InstanceRef
from autoscaler_standins.gcp.groups import Template
from autoscaler_standins.gcp.standby import Standby
from tests.providers.gcp.pool_stage import AGES, E2, STALE, TOKEN, Stage, regional, staged, zonal


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged(zonal(), E2) as found:
        yield found


@pytest.fixture
def refilled() -> Iterator[Stage]:
    with staged(replace(zonal(), standby=Standby(refills=True)), E2) as found:
        yield found


def ready(stage: Stage) -> int:
    return sum(one.standby for one in stage.look().offerings)


def grown(stage: Stage, by: int) -> set[InstanceRef]:
    """Who came."""
    before = set(stage.there())
    stage.writer.grow(seen=2, wanted=2 + by, token=TOKEN)
    stage.settle()
    return set(stage.there()) - before


def test_suspended_ones_are_resumed_before_stopped_ones_are_started(stage: Stage) -> None:
    stage.stand_by(1, suspended=1)
    grown(stage, 1)
    assert (stage.asked("resumeInstances"), stage.asked("startInstances")) == (1, 0)
    assert (ready(stage), stage.group.standby.stopped, stage.group.standby.suspended) == (1, 1, 0)


def test_what_no_more_stand_by_for_is_made(stage: Stage) -> None:
    stage.stand_by(1, suspended=1)
    names = {*stage.look().standing_by}
    came = {one.id for one in grown(stage, 3)}
    assert (names < came, len(came)) == (True, 3)
    assert [stage.asked(verb) for verb in ("resumeInstances", "startInstances", "createInstances", "resize")] == [1, 1, 1, 0]


def test_it_is_the_very_machine_that_stood_by(stage: Stage) -> None:
    stage.stand_by(1)
    (machine,) = (one for one in stage.cloud.machines.all.values() if one.id in stage.look().standing_by)
    (came,) = grown(stage, 1)
    assert came.id == machine.id
    (seen,) = (one for one in stage.look().instances if one.ref == came)
    assert seen.launched_at == stage.group.standby.started[machine.id] > machine.launched_at


def test_a_group_that_refills_is_resized_and_makes_others(refilled: Stage) -> None:
    refilled.stand_by(2)
    names = {*refilled.look().standing_by}
    came = {one.id for one in grown(refilled, 1)}
    assert came < names
    assert [refilled.asked(verb) for verb in ("startInstances", "createInstances", "resize")] == [0, 0, 1]
    refilled.settle()
    assert (ready(refilled), refilled.look().wanted) == (2, 3)


def test_a_group_that_refills_is_resized_by_no_more_than_stand_by(refilled: Stage) -> None:
    refilled.stand_by(1)
    assert len(grown(refilled, 3)) == 3
    assert [refilled.asked(verb) for verb in ("createInstances", "resize")] == [1, 1]


def test_one_that_is_still_prepared_is_not_counted_on(stage: Stage) -> None:
    stage.group.standby.stopped = 1
    stage.cloud.groups.age()
    assert (ready(stage), len(stage.look().standing_by), stage.look().wanted) == (0, 1, 2)
    stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    assert (stage.asked("startInstances"), stage.asked("createInstances")) == (0, 1)


def test_one_of_an_older_template_is_not_what_is_offered(stage: Stage) -> None:
    stage.stand_by(1)
    stage.group.template = Template(name="shop-general-2", kind="n2-standard-8")
    state = stage.look()
    assert ([one.standby for one in state.offerings], len(state.standing_by)) == ([0, 0], 1)


@pytest.mark.parametrize("suspended", [pytest.param(0, id="stopped"), pytest.param(1, id="suspended")])
def test_what_cannot_be_started_for_lack_of_capacity_is_given_back(stage: Stage, suspended: int) -> None:
    stage.stand_by(1 - suspended, suspended)
    stage.sell_out()
    with pytest.raises(NoCapacityError, match="0 of 1 launched: ZONE_RESOURCE_POOL_EXHAUSTED"):
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    state = stage.look()
    assert (state.wanted, state.offerings[0].sold_out_until > state.read_at, state.failed_launches) == (2, True, 0)
    stage.leave(9)
    stage.settle()
    assert (stage.look().wanted, stage.counted(), stage.group.size) == (2, 2, 2)


def test_what_somebody_else_starts_in_vain_is_failed_and_in_no_count(stage: Stage) -> None:
    stage.stand_by(1)
    stage.sell_out()
    stage.cloud.groups.start(stage.group, stage.look().standing_by)
    state = stage.look()
    assert (state.wanted, [one.state for one in state.instances].count(InstanceState.FAILED)) == (2, 1)


def test_one_that_was_seen_before_it_started_is_as_old_as_its_start(stage: Stage) -> None:
    stage.stand_by(1)
    stage.sell_out()
    stage.cloud.groups.start(stage.group, stage.look().standing_by)
    stage.look()
    stage.leave(9)
    stage.settle()
    (started,) = stage.group.standby.started.items()
    assert started in [(one.ref.id, one.launched_at) for one in stage.look().instances]


def test_one_that_somebody_else_started_meanwhile_is_a_conflict(stage: Stage) -> None:
    stage.stand_by(1)
    stage.look()
    stage.cloud.groups.start(stage.group, stage.look().standing_by)
    stage.befall(STALE, ["listManagedInstances", "get"])
    with pytest.raises(ConflictError):
        stage.writer.grow(seen=2, wanted=3, token=TOKEN)
    assert stage.look().wanted == 3


def test_a_step_that_is_asked_for_again_when_others_stand_by_launches_nothing_more(stage: Stage) -> None:
    stage.stand_by(1)
    stage.writer.grow(seen=2, wanted=4, token=TOKEN)
    stage.group.standby.stopped = 2
    stage.cloud.clock.skip(AGES)
    stage.writer.grow(seen=2, wanted=4, token=TOKEN)
    stage.settle()
    assert (stage.look().wanted, stage.counted(), stage.asked("startInstances")) == (4, 4, 1)


def test_what_of_a_step_was_given_back_is_not_asked_for_by_it_again(stage: Stage) -> None:
    stage.stand_by(1)
    stage.leave(2)  # the one that stands by, and one of two that are made
    for _ in range(2):
        with pytest.raises((NoCapacityError, ConflictError)):
            stage.writer.grow(seen=2, wanted=5, token=TOKEN)
        stage.leave(9)
    stage.settle()
    assert (stage.look().wanted, stage.counted()) == (4, 4)


def test_over_a_region(stage: Stage) -> None:
    del stage
    with staged(regional(), E2) as found:
        found.stand_by(2)
        assert ready(found) == 2
        assert {one.id for one in grown(found, 2)} == set(found.group.standby.started)
        assert found.asked("startInstances") == 1
