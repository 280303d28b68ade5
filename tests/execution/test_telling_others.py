"""Somebody else's count is told once, whatever plans are made meanwhile."""

from dataclasses import replace

import pytest

from autoscaler.execution import events, others_changed
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.history import Histories, History, ScaleEvent
from autoscaler.model.lately import Event
from autoscaler.model.marks import FieldChange
from autoscaler.model.observations import Observation
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PlanId, StepId
from autoscaler.model.steps import Purpose, SetReplicas
from autoscaler.testing.scenes import NOW, WEB, a_mark, a_record, a_replica, an_intent, an_observation, commitments, planned

NAMES = "abcdefghijkl"
BEFORE = Instant(NOW - 60_000)
SURGE = FieldChange(object="shop/web", field="replicas", was="3", ours="4")


def seen(count: int, at: Instant = NOW, surge: int = 0) -> Observation:
    marks = (a_mark("replicas", str(count - surge), str(count)),) if surge else ()
    return an_observation(replicas=tuple(a_replica(name, "n1") for name in NAMES[:count]), at=at, marks=marks)


def set_to(wanted: int, status: StepStatus = StepStatus.DONE, purpose: Purpose = Purpose.SCALE) -> StepRecord:
    step = planned("set", SetReplicas(workload=WEB, seen=3, change=wanted - 3, purpose=purpose))
    begun = status is not StepStatus.WAITING
    record = a_record(step, status, an_intent(seen=3, wanted=wanted) if begun else None, BEFORE if begun else None)
    return replace(record, ended_at=BEFORE) if status is StepStatus.DONE else record


def plan(*records: StepRecord, found: int, made_at: Instant, name: str = "p") -> Commitments:
    """A plan that found web at this count."""
    known = commitments(*records, counts=(found, found))
    assert known.plan is not None
    return replace(known, plan=replace(known.plan, id=PlanId(name), made_at=made_at))


def told(*changes: tuple[Instant, int]) -> Histories:
    return Histories((History(subject="shop/web", events=tuple(ScaleEvent(at, change, foreign=True) for at, change in changes)),))


def all_told(before: Commitments, after: Commitments, observation: Observation, histories: Histories) -> tuple[Event, ...]:
    """What one tick tells histories: first what others changed, then how its steps ended."""
    assert after.plan is not None
    return others_changed(before, after.plan, observation, histories) + events(before, after, observation, histories)


OURS = plan(set_to(5), found=3, made_at=Instant(BEFORE - 1))
AGAIN = set_to(5, StepStatus.SENT)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(plan(found=8, made_at=NOW, name="api"), id="another workload's plan"),
        pytest.param(plan(AGAIN, found=8, made_at=NOW, name="web"), id="our own plan to set it back"),
        pytest.param(plan(set_to(5, StepStatus.WAITING), found=8, made_at=NOW, name="web"), id="our own plan that waits"),
    ],
)
def test_a_count_changed_as_a_new_plan_is_made_is_told_once(after: Commitments) -> None:
    assert all_told(OURS, after, seen(8), Histories()) == (("shop/web", ScaleEvent(NOW, 3, foreign=True)),)
    later = Instant(NOW + 1000)
    assert all_told(after, after, seen(8, later), told((NOW, 3))) == ()


def test_one_fight_over_a_count_is_told_each_time() -> None:
    """They set 8, we set 5 again, they set 8 again."""
    back = plan(replace(set_to(5), ended_at=NOW), found=8, made_at=Instant(NOW - 1000))
    again = plan(AGAIN, found=8, made_at=Instant(NOW + 1000), name="q")
    at = Instant(NOW + 1000)
    assert all_told(back, again, seen(8, at), told((Instant(NOW - 1000), 3))) == (("shop/web", ScaleEvent(at, 3, foreign=True)),)


def test_a_change_before_our_step_began_is_not_told_again_when_the_step_ends_by_it() -> None:
    waits = plan(set_to(5, StepStatus.WAITING), found=3, made_at=BEFORE)
    ended = replace(waits.records[0], status=StepStatus.FAILED, ended_at=NOW, reasons=(Reason(Code.CHANGED_BY_OTHERS, (3, 7)),))
    after = replace(waits, records=(ended,))
    assert all_told(waits, after, seen(7), told((Instant(NOW - 1000), 4))) == ()
    assert all_told(waits, after, seen(7), Histories()) == (("shop/web", ScaleEvent(NOW, 4, foreign=True)),)


def test_while_we_are_setting_a_count_nobody_else_is_blamed() -> None:
    going = plan(AGAIN, found=3, made_at=BEFORE)
    done = replace(going, records=(replace(set_to(5), ended_at=NOW),))
    assert all_told(going, going, seen(5), Histories()) == ()
    assert [one.foreign for _, one in all_told(going, done, seen(5), Histories())] == [False]


def test_a_count_that_ends_the_return_of_a_surge_is_not_told_again() -> None:
    step = planned("back", SetReplicas(workload=WEB, seen=4, change=-1, purpose=Purpose.GIVE_BACK))
    unmarks = a_record(step, StepStatus.SENT, an_intent(seen=6, wanted=6), NOW)
    under_way = plan(unmarks, found=3, made_at=BEFORE)
    why = (Reason(Code.CHANGED_BY_OTHERS, (3, 6)),)
    done = replace(under_way, records=(replace(unmarks, status=StepStatus.DONE, ended_at=Instant(NOW + 1), reasons=why),))
    at = Instant(NOW + 1)
    assert all_told(under_way, done, seen(6, at), told((NOW, 3))) == ()
    assert all_told(done, done, seen(6, at), told((NOW, 3))) == ()


def test_a_surge_somebody_made_theirs_is_told_as_what_they_added() -> None:
    surge = replace(set_to(4, purpose=Purpose.SURGE), intent=an_intent(seen=3, wanted=4, fields=(SURGE,)))
    under_way = plan(surge, found=3, made_at=Instant(BEFORE - 1))
    assert all_told(under_way, under_way, seen(4, surge=1), Histories()) == ()
    assert all_told(under_way, under_way, seen(6), Histories()) == (("shop/web", ScaleEvent(NOW, 3, foreign=True)),)


def test_a_change_that_ends_two_of_our_steps_is_told_once() -> None:
    under_way = plan(AGAIN, replace(AGAIN, planned=AGAIN.planned._replace(id=StepId("more"))), found=3, made_at=BEFORE)
    why = (Reason(Code.CHANGED_BY_OTHERS, (5, 8)),)
    ended = tuple(replace(one, status=StepStatus.FAILED, intent=None, ended_at=NOW, reasons=why) for one in under_way.records)
    assert all_told(under_way, replace(under_way, records=ended), seen(8), Histories()) == (("shop/web", ScaleEvent(NOW, 3, foreign=True)),)


def test_a_count_set_back_before_it_was_seen_is_our_change_and_theirs() -> None:
    under_way = plan(AGAIN, found=3, made_at=BEFORE)
    why = (Reason(Code.CHANGED_BY_OTHERS, (5, 3)),)
    ended = replace(under_way, records=(replace(AGAIN, status=StepStatus.FAILED, ended_at=NOW, reasons=why),))
    ours, theirs = ScaleEvent(NOW, 2), ScaleEvent(NOW, -2, foreign=True)
    assert all_told(under_way, ended, seen(3), Histories()) == (("shop/web", ours), ("shop/web", theirs))
    assert all_told(ended, ended, seen(3), told((NOW, -2))) == ()


def test_somebody_elses_count_is_told_once_and_so_is_its_return() -> None:
    assert all_told(OURS, OURS, seen(5), Histories()) == ()
    assert all_told(OURS, OURS, seen(8), Histories()) == (("shop/web", ScaleEvent(NOW, 3, foreign=True)),)
    assert all_told(OURS, OURS, seen(8), told((NOW, 3))) == ()
    assert all_told(OURS, OURS, seen(5), told((NOW, 3))) == (("shop/web", ScaleEvent(NOW, -3, foreign=True)),)


@pytest.mark.parametrize(
    ("count", "changes"),
    [
        pytest.param(8, ((BEFORE, 3),), id="what the plan found had happened by then"),
        pytest.param(9, ((BEFORE, 3), (NOW, 1)), id="what changed since is told apart"),
        pytest.param(5, ((BEFORE, 3), (NOW, -3)), id="changed and changed back"),
    ],
)
def test_a_plan_handed_over_found_others_changes_when_it_was_made(count: int, changes: tuple[tuple[Instant, int], ...]) -> None:
    handed_over = plan(found=8, made_at=BEFORE, name="apply")
    found = all_told(plan(found=5, made_at=Instant(BEFORE - 1)), handed_over, seen(count), Histories())
    assert found == tuple(("shop/web", ScaleEvent(at, change, foreign=True)) for at, change in changes)
    assert all_told(handed_over, handed_over, seen(count, Instant(NOW + 1000)), told(*changes)) == ()


def test_what_was_told_since_a_plan_was_made_did_not_happen_before_it() -> None:
    """The plan lay waiting while somebody changed the count, and we told it: its own count is still that of when it was made."""
    handed_over = plan(found=5, made_at=BEFORE, name="apply")
    before = plan(found=5, made_at=Instant(BEFORE - 1))
    assert all_told(before, handed_over, seen(6), told((Instant(BEFORE + 1), 1))) == ()
    assert all_told(handed_over, handed_over, seen(6), told((Instant(BEFORE + 1), 1))) == ()
