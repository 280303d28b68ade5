"""What just failed is not begun again at once: the world needs a while to become another, and a plan per tick helps nobody."""

from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.quantities import Duration, since
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.steps import Step
from autoscaler.planning.drafts import Draft
from autoscaler.planning.facts import Facts

PAUSE = Duration(60_000)
"""Between a failure and the next try of the same on the same objects."""

STUBBORN = frozenset({Code.NO_CAPACITY, Code.PROVIDER_FAILED, Code.TIMED_OUT, Code.NEVER_HEALTHY})
"""Failures that another plan does not mend. After any other, a new plan from what is seen now is just what is needed."""

OBJECTS = ("workload", "node", "pool", "offering", "traffic", "instance", "replica")


def failed_lately(facts: Facts, draft: Draft) -> tuple[Reason, ...]:
    """The operation would begin with what failed just now, or is a closing that did. Taking back and mending never wait."""
    if draft.verb in ("undo", "mend") or not any(_again(one, draft) for one in facts.request.commitments.records if _stubborn(facts, one)):
        return ()
    return (Reason(Code.FAILED_LATELY, (PAUSE.ms,), "ms", (draft.operation,)),)


def _stubborn(facts: Facts, record: StepRecord) -> bool:
    lately = record.ended_at is not None and since(record.ended_at, facts.now) < PAUSE
    return record.status is StepStatus.FAILED and lately and any(reason.code in STUBBORN for reason in record.reasons)


def _again(record: StepRecord, draft: Draft) -> bool:
    if draft.verb == "close":
        return record.planned.operation == draft.operation
    return bool(draft.steps) and _objects(record.planned.step) == _objects(draft.steps[0].step)


def _objects(step: Step) -> tuple[object, ...]:
    return (type(step), *(getattr(step, name, None) for name in OBJECTS))
