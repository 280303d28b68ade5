"""Fifth stage: min and max of the policy. They hold whatever was voted, stabilised or limited, also for a count found outside them."""

from autoscaler.deciding.case import Case
from autoscaler.model.decisions import Stage, StageResult
from autoscaler.model.reasons import Code, Reason


def clamp(case: Case, count: int) -> StageResult:
    """The count between min and max."""
    bounds = case.policy.bounds
    after = max(bounds.min, min(bounds.max, count))
    code = Code.AT_MINIMUM if after > count else Code.AT_MAXIMUM
    reasons = (Reason(code, (count, after), "replicas"),) if after != count else ()
    return StageResult(stage=Stage.CLAMP, before=count, after=after, reasons=reasons)
