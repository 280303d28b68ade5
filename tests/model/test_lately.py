"""What the journal knows of a change counts, once, until histories tell of it."""

from dataclasses import replace

import pytest

from autoscaler.model.commitments import NO_COMMITMENTS, TRIES, Commitments, StepStatus
from autoscaler.model.history import Histories, History, ScaleEvent
from autoscaler.model.lately import lately, run_into, untold
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.steps import Purpose, SetReplicas
from autoscaler.testing.scenes import NOW, WEB, a_record, a_replica, an_intent, an_observation, commitments, planned

ACTED, ENDED = Instant(NOW - 3000), Instant(NOW - 1000)
DONE = (ScaleEvent(ENDED, 2),)


def known(count: int, *events: ScaleEvent) -> tuple[Histories, int]:
    """Histories, and the count that is seen."""
    return Histories((History(subject="shop/web", events=events),)), count


def raised(status: StepStatus, purpose: Purpose = Purpose.SCALE) -> Commitments:
    """3 -> 5, begun and maybe ended."""
    step = planned("set", SetReplicas(workload=WEB, seen=3, change=2, purpose=purpose))
    record = a_record(step, status, an_intent(seen=3, wanted=5), ACTED)
    return commitments(replace(record, ended_at=ENDED) if status is StepStatus.DONE else record)


def events(past: tuple[Histories, int], journal: Commitments) -> tuple[ScaleEvent, ...]:
    histories, count = past
    seen = an_observation(replicas=tuple(a_replica(name, "n1") for name in "abcdef"[:count]))
    return lately(histories, journal, seen.state).of("shop/web").events


@pytest.mark.parametrize(
    ("past", "journal", "found"),
    [
        pytest.param(known(5), raised(StepStatus.SENT), (ScaleEvent(ACTED, 2),), id="sent and seen counts"),
        pytest.param(known(3), raised(StepStatus.SENT), (), id="sent and not seen is still to come"),
        pytest.param(known(5), raised(StepStatus.DONE), DONE, id="done counts before a history has it"),
        pytest.param(known(5, *DONE), raised(StepStatus.DONE), DONE, id="told by both counts once"),
        pytest.param(known(5, ScaleEvent(ACTED, 1)), raised(StepStatus.DONE), (ScaleEvent(ACTED, 1), *DONE), id="oldest first"),
        pytest.param(known(5), raised(StepStatus.DONE, Purpose.SURGE), (), id="a surge is no scaling"),
        pytest.param(known(5), raised(StepStatus.FAILED), (), id="a failed step changed nothing we know of"),
        pytest.param(known(5, *DONE), NO_COMMITMENTS, DONE, id="without a journal the histories are all there is"),
    ],
)
def test_what_counts(past: tuple[Histories, int], journal: Commitments, found: tuple[ScaleEvent, ...]) -> None:
    assert events(past, journal) == found


@pytest.mark.parametrize(
    ("past", "since", "found"),
    [
        pytest.param(known(5), Instant(0), DONE, id="done and in no history"),
        pytest.param(known(5, *DONE), Instant(0), (), id="told"),
        pytest.param(known(5), ENDED, (), id="older than the histories that are given"),
    ],
)
def test_what_a_crash_kept_from_the_histories(past: tuple[Histories, int], since: Instant, found: tuple[ScaleEvent, ...]) -> None:
    assert untold(past[0], raised(StepStatus.DONE), since) == tuple(("shop/web", event) for event in found)


def overruled(*ended: tuple[int, int], called: bool = True) -> Commitments:
    """Our call to set 5 met, each time, one who had set what was seen at the instant."""
    why = ((seen, at, Reason(Code.CHANGED_BY_OTHERS, (5, seen))) for seen, at in ended)
    (sent,) = raised(StepStatus.SENT).records
    sent = sent if called else replace(sent, intent=None)
    return commitments(*(replace(sent, status=StepStatus.FAILED, ended_at=Instant(at), reasons=(one,)) for _, at, one in why))


OURS, THEIRS = ScaleEvent(ENDED, 2), ScaleEvent(ENDED, 3, foreign=True)


@pytest.mark.parametrize(
    ("told", "journal", "found"),
    [
        pytest.param(known(5)[0], overruled((8, ENDED)), (OURS, THEIRS), id="ours and theirs"),
        pytest.param(known(5, OURS)[0], overruled((8, ENDED)), (THEIRS,), id="theirs alone"),
        pytest.param(known(5, OURS, THEIRS)[0], overruled((8, ENDED)), (), id="both were told"),
        pytest.param(known(5)[0], overruled((8, ENDED), called=False), (), id="what ended before our call was told as it was seen"),
    ],
)
def test_what_our_calls_ran_into_is_told_after_a_crash(told: Histories, journal: Commitments, found: tuple[ScaleEvent, ...]) -> None:
    assert untold(told, journal, Instant(0)) == tuple(("shop/web", event) for event in found)


def test_a_change_that_ended_two_of_our_steps_is_one() -> None:
    ended = run_into(overruled((8, ENDED - 1), (8, ENDED)).records)
    assert ended == (("shop/web", THEIRS),)


def test_a_try_that_met_a_conflict_and_was_given_up_tells_of_nobodys_count() -> None:
    (sent,) = raised(StepStatus.SENT).records
    again = Reason(Code.CHANGED_BY_OTHERS, (1, NOW), TRIES, ("a device is not free",))
    dropped = replace(sent, status=StepStatus.DROPPED, intent=None, ended_at=ENDED, reasons=(again, Reason(Code.SUPERSEDED)))
    assert run_into([dropped]) == ()
