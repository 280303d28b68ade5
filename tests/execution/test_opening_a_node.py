"""Opening a node again takes back what we made it, and nothing that somebody else did."""

from dataclasses import replace

import pytest

from autoscaler.errors import ProviderError
from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.plans import PlannedStep
from autoscaler.model.reasons import Code
from autoscaler.model.steps import Evacuate, Fence, Unfence
from autoscaler.testing.scenes import WEB, a_plan, node_ref, planned, some_policies
from autoscaler.testing.stages import ToyStage

N2 = node_ref("n2")
OPEN, FENCED, EMPTYING = NodeAvailability.OPEN, NodeAvailability.FENCED, NodeAvailability.EMPTYING
FENCE = planned("fence", Fence(node=N2))
EMPTY = planned("empty", Evacuate(node=N2, workloads=(WEB,)), "fence")


def do(stage: ToyStage, *steps: PlannedStep) -> dict[str, StepRecord]:
    """Another plan, made now, that carries what ended; until it is done."""
    stage.policies = some_policies(floor=1, traffic=None)
    known = stage.journal.commitments().records
    plan = a_plan(*(one.planned for one in known), *steps, made_at=stage.runtime.now())
    records = (*known, *(StepRecord(plan=plan.id, planned=one) for one in steps))
    stage.store.journal(plan.cluster).adopt(plan, records, stage.lease)
    return stage.until_done()


def admin(stage: ToyStage, availability: NodeAvailability, *, wipes: bool = False) -> None:
    """An administrator's own command: our label stays, unless they take it off."""
    node = stage.world.nodes["n2"]
    stage.world.nodes["n2"] = replace(node, availability=availability, marks=() if wipes else node.marks)


def opened(stage: ToyStage) -> tuple[StepStatus, NodeAvailability, bool]:
    record = do(stage, planned("open", Unfence(node=N2)))["open"]
    return record.status, stage.world.nodes["n2"].availability, bool(stage.world.nodes["n2"].marks)


@pytest.mark.parametrize("steps", [pytest.param((FENCE,), id="fenced"), pytest.param((FENCE, EMPTY), id="emptied")])
@pytest.mark.parametrize("wiped", [pytest.param(False, id="marked"), pytest.param(True, id="its mark wiped")])
def test_what_we_closed_is_opened(stage: ToyStage, steps: tuple[PlannedStep, ...], *, wiped: bool) -> None:
    do(stage, *steps)
    admin(stage, stage.world.nodes["n2"].availability, wipes=wiped)
    assert opened(stage) == (StepStatus.DONE, OPEN, False)


def test_an_administrators_drain_since_stays_and_only_our_mark_goes(stage: ToyStage) -> None:
    do(stage, FENCE)
    admin(stage, EMPTYING)
    assert opened(stage) == (StepStatus.DONE, EMPTYING, False)
    told = stage.journal.commitments().records[-1].reasons
    assert [one.code for one in told] == [Code.NODE_FENCED_BY_OTHERS]


def test_a_node_paused_before_we_came_stays_paused(stage: ToyStage) -> None:
    admin(stage, FENCED, wipes=True)
    do(stage, FENCE)
    assert opened(stage) == (StepStatus.DONE, FENCED, False)


def test_a_node_paused_before_we_emptied_it_is_paused_again(stage: ToyStage) -> None:
    admin(stage, FENCED, wipes=True)
    do(stage, FENCE, EMPTY)
    assert stage.world.nodes["n2"].availability is EMPTYING
    assert opened(stage) == (StepStatus.DONE, FENCED, False)


def test_a_drain_over_our_fence_is_remembered_as_theirs(stage: ToyStage) -> None:
    """Our emptying finds the node emptying already: taking ours back leaves theirs."""
    do(stage, FENCE)
    admin(stage, EMPTYING)
    do(stage, EMPTY)
    assert opened(stage) == (StepStatus.DONE, EMPTYING, False)


def test_an_opening_in_doubt_is_tried_with_what_is_seen_by_then(stage: ToyStage) -> None:
    do(stage, FENCE)
    stage.world.faults["restore"] = [ProviderError("?", hint="")]
    stage.adopt(planned("open", Unfence(node=N2)))
    assert stage.tick()["open"].status is StepStatus.INTENDED
    admin(stage, EMPTYING)
    assert stage.until_done()["open"].status is StepStatus.DONE
    assert (stage.world.nodes["n2"].availability, stage.world.nodes["n2"].marks) == (EMPTYING, ())
