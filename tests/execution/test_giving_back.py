"""A surge is given back only while our mark says that it is in the count; else the count is somebody else's."""

from dataclasses import replace

import pytest

from autoscaler.model.commitments import OPEN, StepRecord, StepStatus
from autoscaler.model.marks import Mark
from autoscaler.model.plans import PlannedStep
from autoscaler.model.reasons import Code
from autoscaler.model.refs import StepId
from autoscaler.model.steps import Purpose, SetReplicas
from autoscaler.testing.scenes import WEB, a_plan, planned, some_policies
from autoscaler.testing.stages import ToyStage
from autoscaler.testing.toys import LOST

SURGE = SetReplicas(workload=WEB, seen=3, change=1, purpose=Purpose.SURGE)
BACK = SetReplicas(workload=WEB, seen=4, change=-1, purpose=Purpose.GIVE_BACK)
FREE = some_policies(floor=1, traffic=None, surge=3)


def surged(stage: ToyStage, *more: PlannedStep, surge: SetReplicas = SURGE) -> None:
    """The surge is in the count; then `more` is planned beside what is to give it back."""
    stage.policies = FREE
    stage.adopt(planned("surge", surge), *more)
    while stage.tick()["surge"].status in OPEN:
        pass
    stage.world.calls.clear()


def again(stage: ToyStage, *steps: PlannedStep) -> None:
    """Another plan, made now, that carries the ended surge."""
    known = {one.planned.id: one for one in stage.journal.commitments().records}
    plan = a_plan(*(one.planned for one in known.values()), *steps, made_at=stage.runtime.now())
    records = (*known.values(), *(StepRecord(plan=plan.id, planned=one) for one in steps))
    stage.store.journal(plan.cluster).adopt(plan, records, stage.lease)


def deploy(stage: ToyStage, count: int, marks: tuple[Mark, ...] = ()) -> None:
    """Its owner's own file: that count, and no label of ours."""
    stage.world._set(stage.world.wanted, count, frozenset(), None)
    stage.world.marks = marks


@pytest.mark.parametrize("count", [pytest.param(3, id="to what it was"), pytest.param(4, id="to what it is"), pytest.param(7, id="up")])
def test_a_surge_whose_mark_a_deploy_wiped_is_not_given_back(stage: ToyStage, count: int) -> None:
    surged(stage)
    deploy(stage, count)
    again(stage, planned("back", replace(BACK, seen=count), "surge"))
    record = stage.until_done()["back"]
    assert (stage.world.wanted, stage.world.calls) == (count, [])
    assert (record.status, [(one.code, one.numbers) for one in record.reasons]) == (
        StepStatus.DONE,
        [(Code.CHANGED_BY_OTHERS, (3, count))],
    )


def test_a_surge_somebody_counted_from_is_not_given_back_after_our_own_change(stage: ToyStage) -> None:
    surged(stage)
    deploy(stage, 10, stage.world.marks)
    again(stage, planned("up", SetReplicas(workload=WEB, seen=10, change=1), "surge"), planned("back", BACK, "up"))
    record = stage.until_done()["back"]
    assert (stage.world.wanted, stage.world.marks) == (11, ())
    assert (record.status, record.reasons[0].code) == (StepStatus.DONE, Code.CHANGED_BY_OTHERS)


def test_a_left_over_mark_goes_and_the_reason_is_told(stage: ToyStage) -> None:
    surged(stage)
    deploy(stage, 6, stage.world.marks)
    again(stage, planned("back", BACK, "surge"))
    record = stage.until_done()["back"]
    assert (stage.world.wanted, stage.world.marks, stage.world.calls) == (6, (), ["set_replicas"])
    assert (record.status, record.reasons[0].numbers) == (StepStatus.DONE, (3, 6))


def test_our_own_change_in_mid_surge_keeps_the_surge_known(stage: ToyStage) -> None:
    surged(stage)
    again(stage, planned("up", SetReplicas(workload=WEB, seen=4, change=2), "surge"), planned("back", BACK, "up"))
    assert stage.until_done()["back"].reasons[0].code is Code.DONE
    assert (stage.world.wanted, stage.world.marks) == (5, ())


def test_no_more_is_given_back_than_the_mark_says(stage: ToyStage) -> None:
    surged(stage)
    again(stage, planned("back", replace(BACK, change=-3), "surge"))
    assert stage.until_done()["back"].reasons[0].code is Code.DONE
    assert stage.world.wanted == 3


def test_two_surges_are_given_back_one_by_one(stage: ToyStage) -> None:
    surged(stage)
    again(stage, planned("more", replace(SURGE, seen=4), "surge"))
    stage.until_done()
    again(stage, planned("back", BACK, "more"), planned("rest", BACK, "back"))
    records = stage.until_done()
    assert [records[StepId(name)].reasons[0].code for name in ("back", "rest")] == [Code.DONE, Code.DONE]
    assert (stage.world.wanted, stage.world.marks) == (3, ())


def test_a_return_in_doubt_is_not_sent_again_once_the_mark_is_gone(stage: ToyStage) -> None:
    surged(stage)
    stage.world.faults["set_replicas"] = [type(LOST)("no reply", hint="")]
    again(stage, planned("back", BACK, "surge"))
    assert stage.tick()["back"].status is StepStatus.INTENDED
    stage.world.marks = ()
    record = stage.until_done()["back"]
    assert (record.status, record.reasons[0].code) == (StepStatus.FAILED, Code.CHANGED_BY_OTHERS)
    assert (stage.world.wanted, stage.world.calls) == (4, ["set_replicas"])
