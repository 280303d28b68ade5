"""A plan being carried out, in words: each step, how far it is, and why it is no further."""

from collections.abc import Iterator

from autoscaler.explaining.amounts import moment, plural
from autoscaler.explaining.layout import WIDTH, item, page, section
from autoscaler.explaining.sentences import because
from autoscaler.explaining.step_text import step_as_text
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.reasons import Code

MARKS = {
    StepStatus.WAITING: "    waiting",
    StepStatus.INTENDED: "  > sending",
    StepStatus.SENT: "  > at work",
    StepStatus.DONE: "  + done",
    StepStatus.FAILED: "  ! failed",
    StepStatus.DROPPED: "  - dropped",
    StepStatus.UNDONE: "  - taken back",
}
ADVICE = {
    Code.NEVER_HEALTHY: "look at the new replica's own logs: what it replaces goes on serving until one is healthy",
    Code.OUTCOME_UNKNOWN: "nothing else touches that object before it was read back",
    Code.CONTENDED: "agree on who steers that workload, or set its policy's mode to `recommend`",
}


def journal_as_text(commitments: Commitments, *, width: int = WIDTH) -> str:
    """Plain text: the steps of the current plan, grouped by operation in the plan's order, and what stands in the way."""
    if commitments.plan is None or not commitments.records:
        return page(["No plan is being carried out."])
    plan = commitments.plan
    head = f"Plan {plan.id} for cluster {plan.cluster}, made at {moment(plan.made_at)}: {_counts(commitments)}"
    operations = dict.fromkeys(record.planned.operation for record in commitments.records)
    groups = (line for name in operations for line in section(name, list(_steps(commitments.operation(name), width))))
    advice = [item(text, indent=2, width=width) for text in _advice(commitments.records)]
    return page([head, *groups, *section("What to know", advice)])


def _counts(commitments: Commitments) -> str:
    done = sum(record.status is StepStatus.DONE for record in commitments.records)
    return f"{done} of {plural(len(commitments.records), 'step')} done, {len(commitments.open)} open"


def _steps(records: tuple[StepRecord, ...], width: int) -> Iterator[str]:
    for record in records:
        yield item(_step(record), indent=0, width=width, mark=f"{MARKS[record.status]:<16}")


def _step(record: StepRecord) -> str:
    since = f", since {moment(record.began_at)}" if record.began_at is not None and record.ended_at is None else ""
    tries = f", tried {record.tries} times" if record.tries > 1 else ""
    why = f": {because(record.reasons)}" if record.reasons else ""
    return f"{step_as_text(record.planned.step)}{since}{tries}{why}"


def _advice(records: tuple[StepRecord, ...]) -> Iterator[str]:
    codes = {reason.code for record in records for reason in record.reasons}
    yield from (text for code, text in ADVICE.items() if code in codes)
