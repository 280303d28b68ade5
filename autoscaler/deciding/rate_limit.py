"""Fourth stage: at most so much change in any period, counting what we changed in it already. Other people's changes do not count.

The arithmetic is that of Kubernetes HPA v2 (release 1.34), in floats where that has them: 10% more than 100 may well be 111.
"""

import math

from autoscaler.deciding.case import Case
from autoscaler.model.decisions import Stage, StageResult
from autoscaler.model.policies import Direction, Legacy, Pick, RateLimit
from autoscaler.model.quantities import Share
from autoscaler.model.reasons import Code, Reason

WHOLE = 1000


def rate_limit(case: Case, count: int) -> StageResult:
    """The count, or as near to it as the limits of its direction let the present count go."""
    behaviour = case.policy.behaviour
    if behaviour.legacy:
        after = min(count, _legacy(case, behaviour.legacy))
    elif count > case.current:
        after = min(count, _highest(case, behaviour.scale_up, count))
    else:
        after = max(count, _lowest(case, behaviour.scale_down, count))
    reasons = (Reason(Code.RATE_LIMITED, (count, after), "replicas"),) if after != count else ()
    return StageResult(stage=Stage.RATE_LIMIT, before=count, after=after, reasons=reasons)


def _legacy(case: Case, legacy: Legacy) -> int:
    return max(int(case.current * (legacy.factor.milli / WHOLE)), legacy.minimum)


def _highest(case: Case, direction: Direction, unlimited: int) -> int:
    if direction.pick is Pick.NONE:
        return case.current
    pick = max if direction.pick is Pick.MOST else min
    return max(case.current, pick((_raised(case, limit) for limit in direction.limits), default=unlimited))


def _lowest(case: Case, direction: Direction, unlimited: int) -> int:
    if direction.pick is Pick.NONE:
        return case.current
    pick = min if direction.pick is Pick.MOST else max
    return min(case.current, pick((_lowered(case, limit) for limit in direction.limits), default=unlimited))


def _raised(case: Case, limit: RateLimit) -> int:
    """The period's start plus the limit; a share is rounded up, and of no replica at all is none."""
    base, change = _start(case, limit), limit.change
    return math.ceil(base * (1 + change.milli / WHOLE)) if isinstance(change, Share) else base + change


def _lowered(case: Case, limit: RateLimit) -> int:
    """The period's start less the limit, maybe below none at all; what a share leaves is cut off."""
    base, change = _start(case, limit), limit.change
    return int(base * (1 - change.milli / WHOLE)) if isinstance(change, Share) else base - change


def _start(case: Case, limit: RateLimit) -> int:
    """The count the period began with, were it not for our own changes strictly inside it; below none, where others undid some."""
    edge = case.now - limit.per.ms
    return case.current - sum(event.change for event in case.history.events if event.at > edge and not event.foreign)
