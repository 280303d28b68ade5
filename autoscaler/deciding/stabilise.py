"""Third stage: follow no dip and no spike that is shorter than the window of its direction.

Down goes only as far as the highest recommendation of the window, up only as far as the lowest. Before a whole window has been
watched, and after somebody else changed the count, the present count is among them: a shrink always waits.
"""

from collections.abc import Iterator

from autoscaler.deciding.anticipate import anticipate, lesson_of
from autoscaler.deciding.case import Case
from autoscaler.model.decisions import Stage, StageResult
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason


def stabilise(case: Case, count: int) -> StageResult:
    """The present count, raised to what all of the up window asks for, or lowered to what all of the down window allows.

    Where there is a lesson to follow, that instead.
    """
    lesson = lesson_of(case)
    if lesson:
        return anticipate(case, count, lesson)
    behaviour = case.policy.behaviour
    low = min(_window(case, behaviour.scale_up.stabilise), default=count)
    high = max(_window(case, behaviour.scale_down.stabilise), default=count)
    after = max(min(case.current, max(count, high)), min(count, low))
    return StageResult(stage=Stage.STABILISE, before=count, after=after, reasons=_why(case, count, after))


def _window(case: Case, span: Duration) -> Iterator[int]:
    """The recommendations strictly newer than the window's start, and the present count where it stands for what is not known."""
    start = case.now - span.ms
    yield from (one.count for one in case.history.recommendations if one.at > start)
    if span.ms and (_young(case, start) or case.changed_by_others(start)):
        yield case.current


def _young(case: Case, start: int) -> bool:
    """Nothing is remembered from before the window. Not `History.began`: after a long absence that is long ago, and tells nothing."""
    return not case.history.recommendations or case.history.recommendations[0].at > start


def _why(case: Case, count: int, after: int) -> tuple[Reason, ...]:
    if count == after:
        return ()
    up = count > after
    window = case.policy.behaviour.scale_up.stabilise if up else case.policy.behaviour.scale_down.stabilise
    start = case.now - window.ms
    if not up and after == case.current and _young(case, start):
        return (Reason(Code.NO_HISTORY, (window.ms,), "ms"),)
    if after == case.current and case.changed_by_others(start):
        return (Reason(Code.CHANGED_BY_OTHERS, (window.ms,), "ms"),)
    code = Code.STABILISING_UP if up else Code.STABILISING_DOWN
    return (Reason(code, (count, after), "replicas", (str(window),)),)
