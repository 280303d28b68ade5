"""Third stage, where a policy learns: the lesson takes the place of both windows. Pure arithmetic on the counts of the last minutes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import attrgetter

from autoscaler.deciding.case import Case
from autoscaler.model.decisions import Stage, StageResult
from autoscaler.model.history import Lesson, Recommendation
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason

WHOLE = 1000
MINUTE = 60_000

GRID = 15_000
"""Milliseconds between two counts of a replay."""

RISE = Duration(120_000)
"""A rise is what was added over so long."""

EVERY = Duration(600_000)
"""How long a lesson is followed before the next."""

OLD = 6 * EVERY.ms
"""A lesson of an hour ago was learned from another load."""

LATE = 3 * GRID
"""Beside the lead: how old a sample is when its count is decided, and how long until the next."""


def lesson_of(case: Case) -> Lesson | None:
    """The lesson to follow; None while there is none of late, or somebody else has just changed the count."""
    lesson, behaviour = case.history.lesson, case.policy.behaviour
    if behaviour.learn is None or lesson is None or case.now - lesson.at > OLD:
        return None
    return None if case.changed_by_others(case.now - behaviour.scale_down.stabilise.ms) else lesson


def anticipate(case: Case, count: int, lesson: Lesson) -> StageResult:
    """The highest count of the lesson's hold, each with its rise carried on, or what is kept in reserve, if that is more."""
    held = max(count, max(_ahead(case, count, lesson), default=0))
    after = case.under_ceilings(max(held, lesson.floor, _expected(lesson, case.now)), count)
    return StageResult(stage=Stage.STABILISE, before=count, after=after, reasons=_why(count, held, after, lesson))


def _expected(lesson: Lesson, now: int) -> int:
    """What the outlook has for this minute."""
    place = (now - lesson.at) // MINUTE
    return lesson.outlook[place] if 0 <= place < len(lesson.outlook) else 0


def _ahead(case: Case, count: int, lesson: Lesson) -> Iterator[int]:
    past = (*case.history.recommendations, Recommendation(case.now, count))
    first = bisect_left(past, case.now - lesson.hold.ms, key=_at)
    before = bisect_right(past, past[first].at - RISE.ms, key=_at) - 1
    for one in past[first:]:
        while past[before + 1].at <= one.at - RISE.ms:
            before += 1
        rise = max(0, one.count - past[before].count) if before >= 0 else 0
        yield one.count - (-rise * (lesson.lead.ms + LATE) * lesson.ahead.milli // (RISE.ms * WHOLE))


_at = attrgetter("at")


def _why(count: int, held: int, after: int, lesson: Lesson) -> tuple[Reason, ...]:
    if after == count:
        return ()
    if after > max(held, lesson.floor):
        return (Reason(Code.EXPECTED_AGAIN, (count, after), "replicas"),)
    if after > held:
        return (Reason(Code.KEPT_IN_RESERVE, (count, after), "replicas", (str(lesson.reserve),)),)
    return (Reason(Code.RUNS_AHEAD, (count, after), "replicas", (str(lesson.hold), str(lesson.ahead))),)
