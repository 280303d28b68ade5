"""Owner marks, marks left behind, and what histories are told."""

from dataclasses import replace

import pytest

from autoscaler.errors import AutoscalerError, LostLeaseError, RefusedError, UnavailableError
from autoscaler.execution import claim, events, remove_marks, stray_marks
from autoscaler.model.commitments import NO_COMMITMENTS, StepStatus
from autoscaler.model.history import Histories, ScaleEvent
from autoscaler.model.marks import OwnerMark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.observations import ClusterState
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import InstanceRef, StoreId
from autoscaler.model.steps import Evacuate, Fence, GrowPool, LeaveTraffic, Purpose, ReleaseInstance, SetReplicas
from autoscaler.testing.scenes import (
    EDGE,
    GENERAL,
    NOW,
    WEB,
    a_mark,
    a_record,
    a_replica,
    an_intent,
    an_observation,
    commitments,
    node_ref,
    planned,
)
from autoscaler.testing.stages import ToyStage

OURS = OwnerMark(store=StoreId("ours"), term=1, holder="one", at=Instant(1_767_225_600_000))


def owned(stage: ToyStage, mark: OwnerMark | None) -> ClusterState:
    stage.world.owner = mark
    state = stage.world.observe(NOW).state
    assert isinstance(state, ClusterState)
    return replace(state, owner=mark)


class TestClaim:
    """One owner per cluster."""

    def ask(self, stage: ToyStage, mark: OwnerMark | None, *, term: int = 1, take_over: bool = False) -> OwnerMark:
        lease = replace(stage.lease, term=term)
        return claim(owned(stage, mark), StoreId("ours"), lease, stage.world, NOW, take_over=take_over)

    def test_an_unmarked_cluster_gets_our_mark(self, stage: ToyStage) -> None:
        assert self.ask(stage, None) == stage.world.owner == OwnerMark(store=StoreId("ours"), term=1, holder="one", at=NOW)

    def test_our_own_mark_is_not_written_again(self, stage: ToyStage) -> None:
        assert self.ask(stage, OURS) == OURS
        assert stage.world.calls == []

    def test_a_new_term_renews_our_mark(self, stage: ToyStage) -> None:
        assert self.ask(stage, OURS, term=2).term == 2

    def test_another_store_is_refused_naming_who_and_when(self, stage: ToyStage) -> None:
        with pytest.raises(RefusedError, match="theirs, marked by one at 2026-01-01T00:00:00") as caught:
            self.ask(stage, replace(OURS, store=StoreId("theirs")))
        assert caught.value.exit_code == 4
        assert "--take-over" in caught.value.hint

    def test_taking_over_replaces_another_stores_mark(self, stage: ToyStage) -> None:
        assert self.ask(stage, replace(OURS, store=StoreId("theirs")), take_over=True).store == "ours"

    def test_a_later_term_of_our_store_is_a_lost_lease(self, stage: ToyStage) -> None:
        with pytest.raises(LostLeaseError):
            self.ask(stage, replace(OURS, term=5))

    def test_a_mark_changed_since_it_was_read_is_refused(self, stage: ToyStage) -> None:
        state = owned(stage, None)
        stage.world.owner = replace(OURS, store=StoreId("theirs"))
        with pytest.raises(RefusedError):
            claim(state, StoreId("ours"), stage.lease, stage.world, NOW)
        assert stage.world.owner.store == "theirs"

    def test_a_mark_that_may_not_be_written_is_refused(self, stage: ToyStage) -> None:
        failing: list[AutoscalerError] = [UnavailableError("down", hint="")]
        stage.world.faults["claim"] = failing
        with pytest.raises(RefusedError):
            self.ask(stage, None)


class TestMarks:
    """Taken off without the journal that knows them."""

    def test_a_mark_of_an_operation_under_way_is_not_stray(self, stage: ToyStage) -> None:
        stage.adopt(
            planned("fence", Fence(node=node_ref("n2"))), planned("empty", Evacuate(node=node_ref("n2"), workloads=(WEB,)), "fence")
        )
        stage.policies = replace(stage.policies, policies=())
        stage.tick()
        seen = stage.world.observe(NOW)
        assert stray_marks(seen, stage.journal.commitments()) == ()
        assert [one.object for one in stray_marks(seen, NO_COMMITMENTS)] == ["n2"]

    def test_a_store_lost_in_mid_drain_is_mended_without_a_gap(self, stage: ToyStage) -> None:
        world = stage.world
        world.set_replicas(WEB, seen=3, wanted=4, victims=frozenset(), mark=a_mark("replicas", "3", "4"))
        world.join(WEB, ("r4:80",))
        world.set_availability(node_ref("n2"), NodeAvailability.FENCED, a_mark("availability", "open", "fenced"))
        world.leave(WEB, ("r2:80",))
        stray = stray_marks(world.observe(NOW), NO_COMMITMENTS)
        records = remove_marks(stray, lambda: world.observe(stage.runtime.now()), stage.hands, stage.runtime, stage.policies)
        assert {one.status for one in records} == {StepStatus.DONE}
        assert (world.wanted, world.marks, world.cut, world.available, world.least_available) == (3, (), 0, 3, 3)
        assert world.nodes["n2"].availability is NodeAvailability.OPEN
        assert stray_marks(world.observe(NOW), NO_COMMITMENTS) == ()

    def test_a_count_somebody_else_set_stays(self, stage: ToyStage) -> None:
        world = stage.world
        world.set_replicas(WEB, seen=3, wanted=4, victims=frozenset(), mark=a_mark("replicas", "3", "4"))
        world._set(4, 6, frozenset(), world.marks[0])
        stray = stray_marks(world.observe(NOW), NO_COMMITMENTS)
        remove_marks(stray, lambda: world.observe(stage.runtime.now()), stage.hands, stage.runtime, stage.policies)
        assert (world.wanted, world.marks) == (6, ())


UP = a_record(planned("up", SetReplicas(workload=WEB, seen=3, change=2)), StepStatus.SENT, an_intent(seen=3, wanted=5))
SURGE = a_record(
    planned("surge", SetReplicas(workload=WEB, seen=3, change=1, purpose=Purpose.SURGE)), StepStatus.SENT, an_intent(seen=3, wanted=4)
)
GROW = a_record(planned("grow", GrowPool(pool=GENERAL, seen=1, wanted=3)), StepStatus.SENT, an_intent(seen=1, wanted=3))
GIVE = a_record(
    planned("give", ReleaseInstance(pool=GENERAL, instance=InstanceRef("i", "1"), node=None)), StepStatus.SENT, an_intent(seen=3, wanted=2)
)
LEAVE = a_record(planned("leave", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1)), StepStatus.SENT, an_intent())
FIVE_OF_THEM = tuple(a_replica(name, "n1") for name in "abcde")
FIVE = an_observation(replicas=FIVE_OF_THEM)


def test_steps_that_ended_since_are_events_and_a_surge_is_none() -> None:
    before = commitments(UP, SURGE, GROW, GIVE, LEAVE)
    after = commitments(*(replace(one, status=StepStatus.DONE, ended_at=Instant(7)) for one in before.records))
    assert events(before, after, FIVE, Histories()) == (
        ("shop/web", ScaleEvent(Instant(7), 2)),
        ("pool:general", ScaleEvent(Instant(7), 2)),
        ("pool:general", ScaleEvent(Instant(7), -1)),
    )
    assert events(after, after, FIVE, Histories()) == ()
