"""Nothing is tried for ever, nothing is given up before it can be read back, and no wall clock decides who may write."""

from dataclasses import replace

import pytest

from autoscaler.errors import AutoscalerError, ProviderError, SetupError, UnavailableError
from autoscaler.execution import advance
from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.observations import Observation, PoolView
from autoscaler.model.plans import PlannedStep
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import InstanceRef, StepId
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import Fence, GrowPool, LeaveTraffic, ReleaseInstance, SetReplicas
from autoscaler.model.traffic import RotationState
from autoscaler.store import MemoryStore
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler.testing.scenes import EDGE, GENERAL, SHOP, WEB, a_member, node_ref, planned
from autoscaler.testing.stages import TTL, ToyStage
from autoscaler.testing.toys import LOST, ToyWorld

SOON = 20_000
LONG = 120_000
"""Longer than the longest pause between two tries."""
GROW = planned("grow", GrowPool(pool=GENERAL, seen=3, wanted=4), timeout=SOON)
FENCE = planned("fence", Fence(node=node_ref("n2")))


def codes(record: StepRecord) -> list[Code]:
    return [reason.code for reason in record.reasons]


class TestTimeOuts:
    """Counted from the first try, whatever came of it."""

    @pytest.mark.parametrize(
        "error",
        [
            pytest.param(UnavailableError("down", hint=""), id="its world is down"),
            pytest.param(SetupError("no right", hint=""), id="nobody set it up"),
        ],
    )
    def test_what_never_leaves_fails_in_time(self, stage: ToyStage, error: AutoscalerError) -> None:
        stage.adopt(GROW._replace(timeout=Duration(LONG)))
        stage.world.faults["grow"] = [error] * 99
        records = stage.until_done(most=200)
        assert (records["grow"].status, codes(records["grow"])) == (StepStatus.FAILED, [Code.TIMED_OUT, Code.PROVIDER_FAILED])
        assert records["grow"].reasons[0].numbers[0] < LONG + 2000

    def test_whoever_is_put_back_into_rotation_again_and_again_does_not_leave(self, stage: ToyStage) -> None:
        stage.adopt(planned("leave", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1), timeout=SOON), counts=(3, 2))

        def put_back() -> None:
            stage.world.members["r3:80"] = a_member("r3", sessions=4)

        put_back()
        assert codes(stage.until_done(then=put_back)["leave"])[0] is Code.TIMED_OUT

    def test_a_drain_begun_again_gets_its_whole_time(self, stage: ToyStage) -> None:
        stage.adopt(planned("leave", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1)), counts=(3, 2))
        stage.world.members["r3:80"] = a_member("r3", sessions=4)
        for _ in range(20):
            stage.tick()
        stage.world.members["r3:80"] = a_member("r3", sessions=4)
        for _ in range(30):
            assert stage.tick()["leave"].status is StepStatus.SENT
        assert codes(stage.tick()["leave"]) == [Code.SESSIONS_LEFT]

    def test_waiting_for_its_turn_to_act_is_not_part_of_its_time(self, stage: ToyStage) -> None:
        stage.adopt(planned("up", SetReplicas(workload=WEB, seen=3, change=1), timeout=SOON))
        stage.world.updating = True
        for _ in range(15):
            stage.tick()
        stage.world.updating = False
        stage.world.faults["set_replicas"] = [ProviderError("?", hint="")] * 10
        for _ in range(10):
            assert stage.tick()["up"].status is StepStatus.INTENDED


class Blind(ToyWorld):
    """Its pool cannot be read for a while."""

    blind = False

    def observe(self, now: Instant) -> Observation:
        seen = super().observe(now)
        unseen = (PoolView(pool=GENERAL, state=Unknown(Code.UNAVAILABLE)),)
        return replace(seen, pools=unseen) if self.blind else seen


class Counting(ToyWorld):
    """Its balancer tells no sessions; `lets_go`: of who leaves, by itself; `shows`: it lists them until then."""

    lets_go = shows = True

    def observe(self, now: Instant) -> Observation:
        seen = super().observe(now)
        (view,) = seen.rotations
        assert isinstance(view.state, RotationState)
        own = replace(view.state, drains=((WEB, Duration(60_000)),) if self.lets_go else (), shows_draining=self.shows)
        return replace(seen, rotations=(replace(view, state=own),))


class TestABalancersOwnTime:
    """Longer than the policy's 30 s."""

    @pytest.fixture
    def leaving(self, stage: ToyStage) -> ToyStage:
        stage.world = Counting()
        stage.adopt(planned("leave", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1)), counts=(3, 2))
        stage.world.members["r3:80"] = a_member("r3", sessions=None)
        for _ in range(45):
            assert stage.tick()["leave"].status is StepStatus.SENT
        return stage

    def test_ends_when_it_lets_go(self, leaving: ToyStage) -> None:
        del leaving.world.members["r3:80"]
        record = leaving.tick()["leave"]
        assert (record.status, codes(record)) == (StepStatus.DONE, [Code.DONE])

    def test_is_over_before_anybody_is_stopped_where_who_drains_is_not_listed(self, stage: ToyStage) -> None:
        stage.world = Counting()
        stage.world.shows = False
        stage.adopt(planned("leave", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1)), counts=(3, 2))
        stage.tick()
        del stage.world.members["r3:80"]
        for _ in range(59):
            assert stage.tick()["leave"].status is StepStatus.SENT
        record = stage.tick()["leave"]
        assert (record.status, codes(record)) == (StepStatus.DONE, [Code.DONE])

    def test_is_the_policys_where_it_has_none(self, stage: ToyStage) -> None:
        stage.world = Counting()
        stage.world.lets_go = False
        stage.adopt(planned("leave", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1)), counts=(3, 2))
        stage.world.members["r3:80"] = a_member("r3", sessions=None)
        for _ in range(30):
            assert stage.tick()["leave"].status is StepStatus.SENT
        record = stage.tick()["leave"]
        assert (codes(record), record.reasons[0].numbers) == ([Code.SESSIONS_LEFT], ())

    def test_ends_by_itself_and_nobody_can_say_how_many_were_left(self, leaving: ToyStage) -> None:
        record = leaving.until_done(most=20)["leave"]
        assert (codes(record), record.reasons[0].numbers) == ([Code.SESSIONS_LEFT], ())


class TestReadBack:
    """What may have been sent is seen first."""

    @pytest.mark.parametrize(
        ("step", "call"),
        [
            pytest.param(GROW, "grow", id="a launch"),
            pytest.param(
                planned("grow", ReleaseInstance(pool=GENERAL, instance=InstanceRef("i-n2", "1"), node=node_ref("n2")), timeout=SOON),
                "release",
                id="a release",
            ),
        ],
    )
    def test_while_the_pool_is_unknown_a_call_in_doubt_waits(self, stage: ToyStage, step: PlannedStep, call: str) -> None:
        stage.world = world = Blind(replicas=0)
        world.nodes["n2"] = replace(world.nodes["n2"], availability=NodeAvailability.FENCED)
        stage.adopt(step)
        world.faults[call] = [ProviderError("?", hint="")]
        assert stage.tick()["grow"].status is StepStatus.INTENDED
        world.blind = True
        for _ in range(2 * SOON // 1000):
            record = stage.tick()["grow"]
            assert (record.status, codes(record), world.calls) == (StepStatus.INTENDED, [Code.UNAVAILABLE], [call])

    def test_a_launch_that_arrived_unseen_is_found_and_not_repeated(self, stage: ToyStage) -> None:
        stage.world = world = Blind()
        stage.adopt(GROW)
        world.faults["grow"] = [LOST]
        stage.tick()
        world.blind = True
        stage.tick()
        world.blind = False
        assert stage.until_done()["grow"].status is StepStatus.DONE
        assert (world.calls, len(world.instances)) == (["grow"], 4)


def held(stage: ToyStage, *names: str) -> StepRecord:
    """A pass while these steps must not be sent."""
    stage.runtime.advance(Duration(1000))
    plan, seen = stage.journal.commitments().plan, stage.world.observe(stage.runtime.now())
    assert plan is not None
    why = {StepId(name): (Reason(Code.FROZEN, names=("everything", "ops", "stop")),) for name in names}
    return advance(plan, seen, stage.journal, stage.lease, stage.hands, stage.runtime, stage.policies, held=why)[0]


class TestHeld:
    """Begun and never sent: a freeze since then holds it."""

    def test_an_intent_that_never_left_is_not_sent(self, stage: ToyStage) -> None:
        stage.adopt(FENCE)
        stage.world.faults["set_availability"] = [ProviderError("?", hint="")]
        stage.tick()
        stage.world.calls.clear()
        record = held(stage, "fence")
        assert (record.status, codes(record), stage.world.calls) == (StepStatus.INTENDED, [Code.FROZEN], [])
        assert stage.until_done()["fence"].status is StepStatus.DONE

    def test_an_intent_that_arrived_is_seen_all_the_same(self, stage: ToyStage) -> None:
        stage.adopt(FENCE)
        stage.world.faults["set_availability"] = [LOST]
        stage.tick()
        assert held(stage, "fence").status is StepStatus.DONE

    def test_a_waiting_step_does_not_begin(self, stage: ToyStage) -> None:
        stage.adopt(FENCE)
        record = held(stage, "fence")
        assert (record.status, codes(record), stage.world.calls) == (StepStatus.WAITING, [Code.FROZEN], [])


class Skewed(VirtualRuntime):
    """The clock of a store that runs elsewhere: `ahead` of ours."""

    def __init__(self, ours: VirtualRuntime, ahead: int) -> None:
        super().__init__()
        self.ours, self.ahead = ours, ahead

    def now(self) -> Instant:
        return Instant(self.ours.now() + self.ahead)

    def monotonic(self) -> int:
        return self.ours.monotonic()


@pytest.mark.parametrize("ahead", [pytest.param(90_000, id="the store's clock is ahead"), pytest.param(-90_000, id="it is behind")])
class TestClocks:
    """The store's clock is not ours."""

    def leased(self, stage: ToyStage, ahead: int, holder: str = "one") -> None:
        stage.store = MemoryStore(Skewed(stage.runtime, ahead)) if stage.store.leases.current(SHOP) is None else stage.store
        stage.lease = stage.store.leases.acquire(SHOP, holder, TTL)
        stage.journal = stage.store.journal(SHOP)

    def fresh(self, stage: ToyStage, ahead: int) -> None:
        stage.store.leases.release(stage.lease)
        self.leased(stage, ahead)
        stage.adopt(FENCE)

    def test_a_lease_that_runs_lets_write(self, stage: ToyStage, ahead: int) -> None:
        self.fresh(stage, ahead)
        assert stage.tick()["fence"].status is StepStatus.SENT

    def test_nothing_is_sent_when_the_lease_could_end_before_the_call(self, stage: ToyStage, ahead: int) -> None:
        self.fresh(stage, ahead)
        stage.runtime.advance(Duration(TTL.ms - stage.hands.call_timeout.ms - 1000))
        assert (stage.tick()["fence"].status, stage.world.calls) == (StepStatus.WAITING, [])

    def test_a_new_holder_waits_for_the_last_call_of_the_old_one(self, stage: ToyStage, ahead: int) -> None:
        self.fresh(stage, ahead)
        stage.runtime.advance(TTL)
        self.leased(stage, ahead, "two")
        stage.tick()
        assert stage.world.calls == []
        stage.runtime.advance(stage.hands.call_timeout)
        stage.tick()
        assert stage.world.calls == ["set_availability"]


def test_a_wall_clock_set_back_makes_no_lease_longer(stage: ToyStage) -> None:
    stage.adopt(FENCE)
    stage.runtime.advance(Duration(55_000))
    stage.runtime.step_clock(-50_000)
    assert (stage.tick()["fence"].status, stage.world.calls) == (StepStatus.WAITING, [])
