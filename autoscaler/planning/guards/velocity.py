"""So many replicas of a workload, so many nodes of a cluster, per minute and per hour; whoever asked for them.

What was done is told by histories and, until a crash between the two can have lost it, by the journal: each change counts once.
"""

from collections import Counter
from collections.abc import Iterator

from autoscaler.model.commitments import StepRecord, StepStatus
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.steps import GrowPool, Purpose, ReleaseInstance, SetReplicas
from autoscaler.planning.facts import Facts
from autoscaler.planning.standing import IN_FLIGHT

MINUTE = 60_000
HOUR = 60 * MINUTE
POOLS = "pool:"

Changes = Counter[tuple[str, Instant, int]]
"""How often each subject changed at an instant by so many."""


def replicas_left(facts: Facts, ref: WorkloadRef) -> int:
    """How many replicas of the workload may still come or go now."""
    limits = facts.request.policies.limits
    events = facts.request.histories.of(str(ref)).events
    told: Changes = Counter((str(ref), event.at, event.change) for event in events if not event.foreign)
    done: Changes = Counter(one for one in _journalled(facts) if one[0] == str(ref))
    return _left(facts, told | done, limits.replicas_per_minute, limits.replicas_per_hour)


def nodes_left(facts: Facts) -> int:
    """How many nodes may still come or go now, over all pools."""
    limits = facts.request.policies.limits
    entries = (entry for entry in facts.request.histories.entries if entry.subject.startswith(POOLS))
    told: Changes = Counter((entry.subject, one.at, one.change) for entry in entries for one in entry.events if not one.foreign)
    done: Changes = Counter(one for one in _journalled(facts) if one[0].startswith(POOLS))
    return _left(facts, told | done, limits.nodes_per_minute, limits.nodes_per_hour)


def _left(facts: Facts, changes: Changes, per_minute: int, per_hour: int) -> int:
    ages = [(facts.now - at, abs(change) * often) for (_, at, change), often in changes.items()]
    minute = sum(many for age, many in ages if age < MINUTE)
    hour = sum(many for age, many in ages if age < HOUR)
    return max(0, min(per_minute - minute, per_hour - hour))


def _journalled(facts: Facts) -> Iterator[tuple[str, Instant, int]]:
    """Changes of the current plan as its journal has them; histories call them by the very same instant once they are done."""
    for record in facts.request.commitments.records:
        subject = _subject(record)
        if not subject or record.intent is None:
            continue
        change = record.intent.wanted - record.intent.seen
        if record.status is StepStatus.DONE and record.ended_at is not None:
            yield subject, record.ended_at, change
        elif record.status in IN_FLIGHT and _shows(facts, record):
            yield subject, record.acted, change


def _subject(record: StepRecord) -> str:
    """Whose history tells of it; a surge and its return are no scaling."""
    step = record.planned.step
    if isinstance(step, SetReplicas):
        return str(step.workload) if step.purpose is Purpose.SCALE else ""
    return f"{POOLS}{step.pool}" if isinstance(step, GrowPool | ReleaseInstance) else ""


def _shows(facts: Facts, record: StepRecord) -> bool:
    """A count not yet seen to be as asked is part of what is still to change, and counted as that."""
    step, intent = record.planned.step, record.intent
    if not isinstance(step, SetReplicas) or intent is None:
        return True
    workload = facts.workloads.get(step.workload)
    return workload is not None and workload.wanted == intent.wanted
