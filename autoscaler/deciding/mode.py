"""Last stage: what may come of it. The policy's mode, and no fight with somebody who keeps changing the count back."""

from autoscaler.deciding.case import Case
from autoscaler.model.decisions import Stage, StageResult
from autoscaler.model.policies import Mode
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason

QUIET = Duration(600_000)
"""Two changes by others within this time: somebody else steers, and we hold."""

CODES = {Mode.SCALE_OUT_ONLY: Code.SCALE_OUT_ONLY, Mode.RECOMMEND: Code.RECOMMEND_ONLY, Mode.OFF: Code.SWITCHED_OFF}


def mode(case: Case, count: int) -> StageResult:
    """The count, or the present one where mode or contention forbids the change."""
    allowed = permitted(case, count)
    reasons = []
    if case.policy.mode in (Mode.RECOMMEND, Mode.OFF) or allowed != count:
        reasons.append(Reason(CODES[case.policy.mode], (count,), "replicas"))
    if _contended(case):
        reasons.append(Reason(Code.CONTENDED, (QUIET.ms,), "ms"))
        allowed = case.current
    return StageResult(stage=Stage.MODE, before=count, after=allowed, reasons=tuple(reasons))


def permitted(case: Case, count: int) -> int:
    """What the mode alone makes of the count."""
    if case.policy.mode is Mode.ACTIVE:
        return count
    return max(count, case.current) if case.policy.mode is Mode.SCALE_OUT_ONLY else case.current


def _contended(case: Case) -> bool:
    edge = case.now - QUIET.ms
    foreign = [event for event in case.history.events if event.foreign and event.at > edge]
    return len(foreign) > 1
