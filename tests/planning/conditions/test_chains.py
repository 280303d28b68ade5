"""One kind of machine after the other: each launch is told by its own machines, whatever the cloud shows first."""

from dataclasses import replace

import pytest

from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.observations import PoolView
from autoscaler.model.pools import PoolState
from autoscaler.model.reasons import Code
from autoscaler.model.refs import OfferingName, Token
from autoscaler.model.steps import GrowPool
from autoscaler.planning.conditions import Context, Landing, landed, postcondition, precondition
from autoscaler.testing.scenes import (
    GENERAL,
    NOW,
    a_record,
    an_instance,
    an_intent,
    an_observation,
    commitments,
    planned,
    some_policies,
)

OWN, SPOT = OfferingName("own"), OfferingName("spot")
FIRST = planned("first", GrowPool(pool=GENERAL, seen=1, wanted=2, offering=OWN))
SECOND = planned("second", GrowPool(pool=GENERAL, seen=2, wanted=3, offering=SPOT))._replace(after=(FIRST.id,))
DONE = a_record(FIRST, StepStatus.DONE, an_intent(seen=1, wanted=2, before=("i-n1",)))
HERE = replace(an_instance("n1"), offering=OWN)
NEW = replace(an_instance("n2"), offering=OWN)


def context(second: StepRecord, *, shown: int, count: int) -> Context:
    """The first launch is done; of its machines so many are shown, and the pool says it has `count`."""
    seen = an_observation(instances=(HERE, NEW)[:shown])
    pool = seen.pool(GENERAL)
    assert isinstance(pool, PoolState)
    pools = (PoolView(pool=GENERAL, state=replace(pool, wanted=count)),)
    ctx = Context.of(replace(seen, pools=pools), commitments(DONE, second), some_policies(), NOW)
    assert ctx is not None
    return ctx


@pytest.mark.parametrize(
    ("shown", "count", "codes"),
    [
        pytest.param(2, 2, [], id="both are shown"),
        pytest.param(1, 2, [], id="the count is shown first"),
        pytest.param(2, 1, [Code.WAITING], id="the machine is shown first: the count is waited for"),
        pytest.param(2, 4, [Code.CHANGED_BY_OTHERS], id="somebody else changed the count"),
    ],
)
def test_when_the_second_kind_may_be_launched(shown: int, count: int, codes: list[Code]) -> None:
    waiting = a_record(SECOND)
    assert [reason.code for reason in precondition(waiting, context(waiting, shown=shown, count=count))] == codes


def test_the_machine_of_the_first_kind_is_not_taken_for_one_of_the_second() -> None:
    intended = a_record(SECOND, StepStatus.INTENDED, an_intent(seen=2, wanted=3, before=("i-n1",)))
    ctx = context(intended, shown=2, count=2)
    assert landed(intended, ctx) is Landing.UNTOUCHED
    assert postcondition(intended, ctx) is None


@pytest.mark.parametrize(
    ("token", "landing", "codes"),
    [
        pytest.param("t", Landing.UNTOUCHED, [], id="it launched that one, and may be asked for again with its token"),
        pytest.param("other", Landing.CHANGED, [Code.CHANGED_BY_OTHERS], id="another request launched it"),
        pytest.param(None, Landing.CHANGED, [Code.CHANGED_BY_OTHERS], id="nobody knows who launched it"),
    ],
)
def test_a_launch_of_which_the_cloud_shows_one_machine_of_two(token: str | None, landing: Landing, codes: list[Code]) -> None:
    step = planned("two", GrowPool(pool=GENERAL, seen=1, wanted=3))
    record = a_record(step, StepStatus.INTENDED, an_intent(seen=1, wanted=3, before=("i-n1",)))
    came = replace(NEW, token=Token(token) if token else None)
    ctx = Context.of(an_observation(instances=(HERE, came)), commitments(record), some_policies(), NOW)
    assert ctx is not None
    assert (landed(record, ctx), [reason.code for reason in precondition(record, ctx)]) == (landing, codes)
    assert postcondition(record, ctx) is None
