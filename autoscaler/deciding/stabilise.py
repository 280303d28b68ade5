"""Third stage: follow no dip and no spike that is shorter than the window of its direction.

Down goes only as far as the highest recommendation of the window, up only as far as the lowest. Before a whole window has been
watched, and after somebody else changed the count, the present count is among them: a shrink always waits.
"""

from autoscaler.deciding.anticipate import anticipate, lesson_of
from autoscaler.deciding.case import Case
from autoscaler.model.decisions import Stage, StageResult
from autoscaler.model.policies import Legacy
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason


def stabilise(case: Case, count: int) -> StageResult:
    """The present count, raised to what all of the up window asks for, or lowered to what all of the down window allows.

    Where there is a lesson to follow, or the policy damps the legacy way, that instead.
    """
    lesson, behaviour = lesson_of(case), case.policy.behaviour
    if lesson:
        return anticipate(case, count, lesson)
    if behaviour.legacy:
        return _highest(case, count, behaviour.legacy)
    low = min(_window(case, behaviour.scale_up.stabilise), default=count)
    high = max(_window(case, behaviour.scale_down.stabilise), default=count)
    after = max(min(case.current, max(count, high)), min(count, low))
    return StageResult(stage=Stage.STABILISE, before=count, after=after, reasons=_why(case, count, after))


def _window(case: Case, span: Duration) -> list[int]:
    """The recommendations strictly newer than the window's start, and the present count where it stands for what is not known."""
    start = case.now - span.ms
    counts = [one.count for one in case.history.recommendations if one.at > start]
    if span.ms and (case.history.young(start) or case.changed_by_others(start)):
        counts.append(case.current)
    return counts


def _highest(case: Case, count: int, legacy: Legacy) -> StageResult:
    """The highest recommendation of the window, its edge included, also above the present count."""
    start = case.now - legacy.window.ms
    after = max((count, *(one.count for one in case.history.recommendations if one.at >= start)))
    if legacy.window.ms and (case.history.young(start) or case.changed_by_others(start)):
        after = max(after, case.current)
    after = case.under_ceilings(after, count)
    why = (Reason(Code.STABILISING_DOWN, (count, after), "replicas", (str(legacy.window),)),) if after != count else ()
    return StageResult(stage=Stage.STABILISE, before=count, after=after, reasons=why)


def _why(case: Case, count: int, after: int) -> tuple[Reason, ...]:
    if count == after:
        return ()
    up = count > after
    window = case.policy.behaviour.scale_up.stabilise if up else case.policy.behaviour.scale_down.stabilise
    start = case.now - window.ms
    if not up and after == case.current and case.history.young(start):
        return (Reason(Code.NO_HISTORY, (window.ms,), "ms"),)
    if after == case.current and case.changed_by_others(start):
        return (Reason(Code.CHANGED_BY_OTHERS, (window.ms,), "ms"),)
    code = Code.STABILISING_UP if up else Code.STABILISING_DOWN
    return (Reason(code, (count, after), "replicas", (str(window),)),)
