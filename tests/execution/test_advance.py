"""One pass: when a call may be sent, what a failure makes of its step, and what it leaves alone."""

from dataclasses import replace

import pytest

from autoscaler.contracts.store import Lease
from autoscaler.errors import (
    AutoscalerError,
    LostLeaseError,
    NoCapacityError,
    NotFoundError,
    ProviderError,
    RefusedError,
    SetupError,
    UnavailableError,
)
from autoscaler.execution.advancing import advance
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration, later
from autoscaler.model.reasons import Code
from autoscaler.model.refs import OfferingName, PlanId, Token
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import AwaitHealthy, AwaitNode, Fence, GrowPool, JoinTraffic, LeaveTraffic, SetReplicas, Step
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler.testing.scenes import EDGE, GENERAL, SHOP, WEB, a_member, a_plan, node_ref, planned, some_policies
from autoscaler.testing.stages import ToyStage
from autoscaler.testing.toys import ToyWorld

FENCE = planned("fence", Fence(node=node_ref("n2")), operation="close n2")
GROW = planned("grow", GrowPool(pool=GENERAL, seen=3, wanted=4), operation="grow general")


def codes(record: StepRecord) -> list[Code]:
    return [reason.code for reason in record.reasons]


class Watched:
    """A journal that notes what had been sent when each record was written."""

    def __init__(self, stage: ToyStage) -> None:
        self.journal, self.stage, self.written = stage.journal, stage, list[tuple[StepStatus, int]]()

    def commitments(self) -> Commitments:
        return self.journal.commitments()

    def adopt(self, plan: Plan, records: tuple[StepRecord, ...], lease: Lease) -> None:
        self.journal.adopt(plan, records, lease)

    def write(self, record: StepRecord, lease: Lease) -> None:
        self.written.append((record.status, len(self.stage.world.calls)))
        self.journal.write(record, lease)


def test_a_step_is_journalled_before_it_is_sent(stage: ToyStage) -> None:
    stage.adopt(FENCE)
    stage.journal = watched = Watched(stage)
    stage.tick()
    assert watched.written == [(StepStatus.INTENDED, 0), (StepStatus.SENT, 1)]


def test_what_holds_already_is_done_without_a_call(stage: ToyStage) -> None:
    stage.adopt(FENCE)
    stage.world.set_availability(node_ref("n2"), NodeAvailability.FENCED, None)
    stage.world.calls.clear()
    record = stage.tick()["fence"]
    assert (record.status, codes(record), stage.world.calls) == (StepStatus.DONE, [Code.HOLDS_ALREADY], [])


@pytest.mark.parametrize(
    ("offering", "launched"),
    [
        pytest.param(OfferingName("large"), "large", id="the kind the plan names"),
        pytest.param(None, "small", id="what the pool chooses, where it names none"),
    ],
)
def test_which_kind_of_machine_is_launched(stage: ToyStage, offering: OfferingName | None, launched: str) -> None:
    before = set(stage.world.instances)
    count = len(before)
    stage.adopt(planned("grow", GrowPool(pool=GENERAL, seen=count, wanted=count + 1, offering=offering), operation="grow general"))
    stage.tick()
    assert [one.offering for name, one in stage.world.instances.items() if name not in before] == [launched]


def test_nothing_is_sent_when_the_lease_could_end_before_the_call(stage: ToyStage) -> None:
    stage.adopt(FENCE)
    stage.runtime.advance(Duration(stage.lease.until - stage.runtime.now() - stage.hands.call_timeout.ms - 1000))
    assert stage.tick()["fence"].status is StepStatus.WAITING
    assert stage.world.calls == []


def test_a_new_holder_waits_until_the_last_call_of_the_old_one_is_over(stage: ToyStage) -> None:
    stage.adopt(FENCE)
    stage.runtime.advance(Duration(60_000))
    stage.lease = stage.store.leases.acquire(SHOP, "two", Duration(60_000))
    stage.tick()
    assert stage.world.calls == []
    stage.runtime.advance(stage.hands.call_timeout)
    stage.tick()
    assert stage.world.calls == ["set_availability"]


def test_a_lost_lease_stops_everything_at_once(stage: ToyStage) -> None:
    stage.adopt(FENCE, GROW)
    stage.runtime.advance(Duration(60_000))
    stage.store.leases.acquire(SHOP, "two", Duration(60_000))
    stage.lease = replace(stage.lease, until=later(stage.runtime.now(), Duration(60_000)), ends=None)
    with pytest.raises(LostLeaseError):
        stage.tick()
    assert stage.world.calls == []


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        pytest.param(UnavailableError("throttled", hint=""), StepStatus.WAITING, Code.PROVIDER_FAILED, id="throttled waits"),
        pytest.param(SetupError("no right", hint=""), StepStatus.WAITING, Code.PROVIDER_FAILED, id="no right waits"),
        pytest.param(NoCapacityError("sold out", hint=""), StepStatus.FAILED, Code.NO_CAPACITY, id="sold out fails"),
        pytest.param(NotFoundError("no pool", hint=""), StepStatus.FAILED, Code.NOT_FOUND, id="not found fails"),
        pytest.param(RefusedError("no", hint=""), StepStatus.FAILED, Code.REFUSED, id="refused fails"),
        pytest.param(ProviderError("?", hint=""), StepStatus.INTENDED, Code.OUTCOME_UNKNOWN, id="anything else is unknown"),
    ],
)
def test_what_a_failed_call_makes_of_its_step(stage: ToyStage, error: AutoscalerError, status: StepStatus, code: Code) -> None:
    stage.adopt(GROW, FENCE)
    stage.world.faults["grow"] = [error]
    records = stage.tick()
    assert (records["grow"].status, codes(records["grow"])) == (status, [code])
    assert (records["grow"].intent is None) is (status is StepStatus.WAITING)
    assert records["fence"].status is StepStatus.SENT, "one broken operation never stops the others"


class Slow(ToyWorld):
    """Takes a minute to grow."""

    def grow(self, *, seen: int, wanted: int, token: Token, offering: OfferingName | None = None) -> None:
        self.sleep(Duration(60_000))
        super().grow(seen=seen, wanted=wanted, token=token, offering=offering)

    sleep = staticmethod(VirtualRuntime().sleep)


def test_a_call_that_outlives_its_time_is_unknown_and_not_unavailable(stage: ToyStage) -> None:
    stage.world = slow = Slow()
    slow.sleep = stage.runtime.sleep
    stage.adopt(GROW)
    record = stage.tick()["grow"]
    assert (record.status, codes(record)) == (StepStatus.INTENDED, [Code.OUTCOME_UNKNOWN])


def test_failing_calls_come_less_and_less_often(stage: ToyStage) -> None:
    stage.adopt(GROW)
    stage.world.faults["grow"] = [UnavailableError("down", hint="") for _ in range(99)]
    for _ in range(45):
        stage.tick()
    assert 4 <= len(stage.world.calls) <= 9


def test_an_unknown_growth_is_read_back_and_not_sent_again(stage: ToyStage) -> None:
    stage.adopt(GROW)
    stage.world.faults["grow"] = [ProviderError("?", hint="")]
    stage.tick()
    stage.world.grow(seen=3, wanted=4, token=Token("t"))
    stage.world.calls.clear()
    stage.until_done()
    assert (stage.world.calls, len(stage.world.instances)) == ([], 4)


def test_what_is_sent_anew_counts_as_of_now(stage: ToyStage) -> None:
    """Rate limits look at when a change may have taken effect, and a process can be dead for minutes between two tries."""
    stage.adopt(GROW)
    stage.world.faults["grow"] = [ProviderError("?", hint="")]
    first = stage.tick()["grow"].acted
    assert stage.until_done()["grow"].acted > first


def test_an_intent_met_by_another_count_fails_and_is_not_sent_again(stage: ToyStage) -> None:
    stage.adopt(planned("up", SetReplicas(workload=WEB, seen=3, change=1)))
    stage.world.faults["set_replicas"] = [ProviderError("?", hint="")]
    stage.tick()
    stage.world.wanted = 7
    record = stage.tick()["up"]
    assert (record.status, codes(record)) == (StepStatus.FAILED, [Code.CHANGED_BY_OTHERS])
    assert stage.world.calls == ["set_replicas"]


def test_sessions_get_their_time_and_no_more(stage: ToyStage) -> None:
    stage.adopt(planned("leave", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1)), counts=(3, 2))
    stage.world.members["r3:80"] = a_member("r3", sessions=4)
    for _ in range(30):
        assert stage.tick()["leave"].status is StepStatus.SENT
    record = stage.tick()["leave"]
    assert (record.status, codes(record), record.reasons[0].numbers) == (StepStatus.DONE, [Code.SESSIONS_LEFT], (4,))


def test_who_is_put_back_into_rotation_is_taken_out_again(stage: ToyStage) -> None:
    """A balancer that restarts forgets who was draining."""
    stage.adopt(planned("leave", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1)), counts=(3, 2))
    stage.world.members["r3:80"] = a_member("r3", sessions=4)
    stage.tick()
    stage.world.members["r3:80"] = a_member("r3")
    assert stage.until_done()["leave"].status is StepStatus.DONE
    assert stage.world.calls == ["leave", "leave"]


def test_who_left_is_not_joined_again_and_the_dead_go(stage: ToyStage) -> None:
    leave = planned("leave", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1), operation="scale")
    join = planned("join", JoinTraffic(workload=WEB, traffic=EDGE, count=2), operation="rotate")
    then = planned("then", AwaitNode(pool=GENERAL, count=9), "leave", operation="scale", timeout=5000)
    stage.adopt(leave, then, join, counts=(3, 2))
    stage.world.members["ghost:80"] = a_member("ghost")
    del stage.world.members["r1:80"]
    stage.until_done()
    assert {address: one.state for address, one in stage.world.members.items()} == {
        "r1:80": "ready",
        "r2:80": "ready",
        "r3:80": "draining",
    }


def test_two_joinings_of_a_workload_never_put_the_same_replicas_in_at_once(stage: ToyStage) -> None:
    scale = planned("first", JoinTraffic(workload=WEB, traffic=EDGE, count=3), operation="scale")
    stage.adopt(scale, planned("second", JoinTraffic(workload=WEB, traffic=EDGE, count=3), operation="rotate"))
    del stage.world.members["r1:80"]
    stage.until_done()
    assert stage.world.calls == ["join"]


def test_what_left_for_an_operation_that_failed_is_joined_again(stage: ToyStage) -> None:
    leave = planned("leave", LeaveTraffic(workload=WEB, traffic=EDGE, victims=1), operation="scale")
    down = planned("down", SetReplicas(workload=WEB, seen=3, change=-1), "leave", operation="scale")
    stage.adopt(leave, down, planned("join", JoinTraffic(workload=WEB, traffic=EDGE, count=3), operation="rotate"), counts=(3, 2))
    stage.policies = some_policies(floor=300)
    del stage.world.members["r1:80"]
    stage.tick()
    stage.world.replicas = dict(reversed(stage.world.replicas.items()))
    records = stage.until_done()
    assert codes(records["down"]) == [Code.PREDICTION_CHANGED]
    assert stage.world.available == 3


@pytest.mark.parametrize(
    ("step", "code"),
    [
        pytest.param(
            AwaitHealthy(workload=WEB, count=3, off=node_ref("n2")), Code.NEVER_HEALTHY, id="a replacement that never gets healthy"
        ),
        pytest.param(
            JoinTraffic(workload=WEB, traffic=EDGE, count=3, off=node_ref("n2")),
            Code.NEVER_HEALTHY,
            id="a replacement that never gets into rotation",
        ),
        pytest.param(AwaitNode(pool=GENERAL, count=9), Code.TIMED_OUT, id="a node that never comes"),
    ],
)
def test_what_never_comes_fails_in_time(stage: ToyStage, step: Step, code: Code) -> None:
    stage.adopt(planned("wait", step, timeout=5000), FENCE)
    record = stage.until_done()["wait"]
    assert (record.status, codes(record)[0]) == (StepStatus.FAILED, code)


def test_what_comes_after_a_failure_does_not_begin(stage: ToyStage) -> None:
    stage.adopt(planned("wait", AwaitNode(pool=GENERAL, count=9), timeout=3000), planned("up", FENCE.step, "wait"))
    for _ in range(9):
        records = stage.tick()
    assert (records["wait"].status, records["up"].status) == (StepStatus.FAILED, StepStatus.WAITING)


def test_while_the_cluster_is_unknown_nothing_moves(stage: ToyStage) -> None:
    plan = stage.adopt(FENCE)
    blind = replace(stage.world.observe(stage.runtime.now()), state=Unknown(Code.UNAVAILABLE))
    records = advance(plan, blind, stage.journal, stage.lease, stage.hands, stage.runtime, stage.policies)
    assert ([one.status for one in records], stage.world.calls) == ([StepStatus.WAITING], [])


def test_a_plan_nobody_adopted_is_not_carried_out(stage: ToyStage) -> None:
    stage.adopt(FENCE)
    other = replace(a_plan(GROW), id=PlanId("other"))
    seen = stage.world.observe(stage.runtime.now())
    advance(other, seen, stage.journal, stage.lease, stage.hands, stage.runtime, stage.policies)
    assert stage.world.calls == []


def test_a_writer_that_was_not_opened_is_a_step_that_waits(stage: ToyStage) -> None:
    plan = stage.adopt(GROW)
    hands = replace(stage.hands, pools={})
    seen = stage.world.observe(stage.runtime.now())
    (record,) = advance(plan, seen, stage.journal, stage.lease, hands, stage.runtime, stage.policies)
    assert (record.status, codes(record)) == (StepStatus.WAITING, [Code.PROVIDER_FAILED])
