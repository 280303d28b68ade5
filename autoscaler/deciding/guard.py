"""Before any metric counts: a count that somebody set to none, or that is outside the policy's bounds. As Kubernetes HPA has it.

Rules, windows and limits have no say in it: a count outside goes straight to the bound it is past.
"""

from autoscaler.deciding.case import Case
from autoscaler.model.decisions import Stage, StageResult
from autoscaler.model.reasons import Code, Reason


def guard(case: Case) -> StageResult | None:
    """The count settled at once; None where the votes are to decide."""
    current, bounds = case.current, case.policy.bounds
    if current == 0 and bounds.min:
        return _settled(current, current, Reason(Code.AT_NONE_BY_HAND, (bounds.min,), "replicas"))
    if current > bounds.max:
        return _settled(current, bounds.max, Reason(Code.AT_MAXIMUM, (current, bounds.max), "replicas"))
    if current < bounds.min:
        return _settled(current, bounds.min, Reason(Code.AT_MINIMUM, (current, bounds.min), "replicas"))
    return None


def _settled(before: int, after: int, why: Reason) -> StageResult:
    return StageResult(stage=Stage.GUARD, before=before, after=after, reasons=(why,))
