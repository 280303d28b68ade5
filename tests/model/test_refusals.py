"""What a cloud had none of is left alone for a while, longer each time in a row."""

import pytest

from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.history import Histories, History, Refusal
from autoscaler.model.observations import Observation, PoolView
from autoscaler.model.plans import PlannedStep
from autoscaler.model.pools import Offering, PoolState
from autoscaler.model.quantities import Duration, Instant, Money
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ClusterName, OfferingName, PlanId, PoolName, StepId
from autoscaler.model.refusals import FIRST, LONGEST, refused, stocked, until
from autoscaler.model.resources import Resources
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import GrowPool

A, B = OfferingName("large/a"), OfferingName("large/b")
POOL = PoolName("general")
NOW = Instant(10_000_000)


def seen(*names: OfferingName) -> Observation:
    offerings = tuple(Offering(name=name, capacity=Resources(1000, 1), price=Money(1)) for name in names)
    state = PoolState(pool=POOL, read_at=NOW, wanted=0, instances=(), offerings=offerings)
    return Observation(cluster=ClusterName("shop"), at=NOW, state=Unknown(Code.MISSING), pools=(PoolView(pool=POOL, state=state),))


def tried(offering: OfferingName | None, at: int, *, lacked: bool = True) -> StepRecord:
    step = GrowPool(pool=POOL, seen=0, wanted=1, offering=offering)
    return StepRecord(
        plan=PlanId("p"),
        planned=PlannedStep(id=StepId(f"s{at}"), operation="grow general", step=step, timeout=Duration(1)),
        status=StepStatus.FAILED if lacked else StepStatus.DONE,
        ended_at=Instant(at),
        reasons=(Reason(Code.NO_CAPACITY),) if lacked else (),
    )


def known(*refusals: Refusal) -> Histories:
    return Histories((History(subject="pool:general", refusals=refusals),))


NOTHING = known()
ONCE = known(Refusal(A, Instant(1000)))


@pytest.mark.parametrize(
    ("histories", "records", "remembered"),
    [
        pytest.param(NOTHING, (tried(A, 1000),), ((Refusal(A, Instant(1000)),),), id="what was refused is remembered"),
        pytest.param(ONCE, (tried(A, 1000),), (), id="once"),
        pytest.param(ONCE, (tried(A, 2000),), ((Refusal(A, Instant(2000), 2),),), id="refused again, it is the second time in a row"),
        pytest.param(ONCE, (tried(A, 10_000_000),), ((Refusal(A, Instant(10_000_000)),),), id="after hours it is the first time again"),
        pytest.param(ONCE, (tried(A, 2000, lacked=False),), ((),), id="what was launched since is forgotten"),
        pytest.param(ONCE, (tried(A, 500, lacked=False),), (), id="what was launched before is not"),
        pytest.param(ONCE, (tried(B, 2000),), ((Refusal(A, Instant(1000)), Refusal(B, Instant(2000))),), id="each offering for itself"),
        pytest.param(NOTHING, (tried(A, 1), tried(A, 2, lacked=False)), (), id="refused and launched since is nothing to remember"),
        pytest.param(NOTHING, (tried(None, 1000),), (), id="of several offerings, one that was not named is not known"),
    ],
)
def test_what_has_to_be_remembered(
    histories: Histories, records: tuple[StepRecord, ...], remembered: tuple[tuple[Refusal, ...], ...]
) -> None:
    assert tuple(told for _, told in refused(seen(A, B), histories, records)) == remembered


def test_a_pools_only_offering_need_not_be_named() -> None:
    assert refused(seen(A), NOTHING, (tried(None, 1000),)) == (("pool:general", (Refusal(A, Instant(1000)),)),)


def test_it_is_sold_out_from_the_very_next_plan_on() -> None:
    state = stocked(seen(A, B), NOTHING, (tried(A, 1000),)).pool(POOL)
    assert not isinstance(state, Unknown)
    assert [one.sold_out_until for one in state.offerings] == [1000 + FIRST.ms, 0]


def test_it_is_sold_out_when_only_the_past_tells() -> None:
    state = stocked(seen(A, B), ONCE, ()).pool(POOL)
    assert not isinstance(state, Unknown)
    assert state.offerings[0].sold_out_until == 1000 + FIRST.ms


@pytest.mark.parametrize(
    ("times", "span"),
    [
        pytest.param(1, FIRST.ms, id="once"),
        pytest.param(2, 2 * FIRST.ms, id="twice"),
        pytest.param(3, 4 * FIRST.ms, id="three times"),
        pytest.param(50, LONGEST.ms, id="and no longer than an hour"),
    ],
)
def test_it_is_left_alone_twice_as_long_each_time(times: int, span: int) -> None:
    assert until(Refusal(A, Instant(0), times)) == span


def test_an_observation_without_refusals_is_left_as_it_is() -> None:
    found = seen(A)
    assert stocked(found, NOTHING, ()) is found
