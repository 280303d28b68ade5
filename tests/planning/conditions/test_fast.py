"""Machines change no faster than allowed at the moment of acting, whatever plan changed the others."""

from dataclasses import replace

import pytest

from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.history import Histories, History, ScaleEvent
from autoscaler.model.policies import Limits
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import InstanceRef
from autoscaler.model.steps import GrowPool, ReleaseInstance
from autoscaler.planning.conditions import Context, precondition
from autoscaler.testing.scenes import (
    GENERAL,
    NOW,
    a_record,
    an_instance,
    an_intent,
    an_observation,
    commitments,
    node_ref,
    planned,
    some_policies,
)

LATELY, AGO = Instant(NOW - 30_000), Instant(NOW - 90_000)
GROW = a_record(planned("it", GrowPool(pool=GENERAL, seen=2, wanted=3)))
GONE = planned("gone", ReleaseInstance(pool=GENERAL, instance=InstanceRef("i-n2", "1"), node=node_ref("n2")))


def ended(at: Instant, begun: Instant = AGO) -> StepRecord:
    return replace(a_record(GONE, StepStatus.DONE, an_intent(seen=2, wanted=1), begun), ended_at=at)


def told(at: Instant, *, foreign: bool = False) -> Histories:
    return Histories((History(subject="pool:general", events=(ScaleEvent(at, -1, foreign=foreign),)),))


def too_fast(histories: Histories, *others: StepRecord, most: int = 1) -> bool:
    policies = replace(some_policies(), limits=Limits(nodes_per_minute=most))
    seen = an_observation(instances=(an_instance("n1"),) if others else None)
    ctx = Context.of(seen, commitments(GROW, *others), policies, NOW, histories)
    assert ctx is not None
    return Code.TOO_FAST in [reason.code for reason in precondition(GROW, ctx)]


@pytest.mark.parametrize(
    ("histories", "others", "is_so"),
    [
        pytest.param(told(LATELY), (), True, id="a plan before this one changed one"),
        pytest.param(told(AGO), (), False, id="that was long ago"),
        pytest.param(told(LATELY, foreign=True), (), False, id="somebody else did"),
        pytest.param(Histories(), (ended(LATELY),), True, id="a crash lost what the journal still tells"),
        pytest.param(Histories(), (ended(AGO),), False, id="the journal tells of long ago"),
    ],
)
def test_what_changed_within_a_minute_counts(histories: Histories, others: tuple[StepRecord, ...], *, is_so: bool) -> None:
    assert too_fast(histories, *others) is is_so


def test_what_both_tell_counts_once() -> None:
    assert not too_fast(told(LATELY), ended(LATELY), most=2)
    assert too_fast(told(Instant(LATELY - 1)), ended(LATELY), most=2)
