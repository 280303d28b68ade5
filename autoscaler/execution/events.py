"""What was carried out between two looks at the journal, and what somebody else did meanwhile, as histories keep it."""

from collections.abc import Iterator

from autoscaler.model.commitments import OPEN, Commitments, StepRecord, StepStatus
from autoscaler.model.history import Histories, ScaleEvent
from autoscaler.model.observations import Observation, workload_of
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import GrowPool, Purpose, ReleaseInstance, SetReplicas
from autoscaler.model.workloads import Workload

Event = tuple[str, ScaleEvent]


def events(before: Commitments, after: Commitments, observation: Observation, histories: Histories | None = None) -> tuple[Event, ...]:
    """Changes by history subject (`shop/web`, `pool:general`): ours that ended since `before`, and others' seen now.

    Others' are told once: when a step of ours ran into one, and, given the `histories` that hold those told already, whenever a count
    is not the one we last knew. A surge and its return are no scaling and are not told.
    """
    ended = tuple(record for record in after.records if _ended_since(record, before))
    ours = tuple(event for record in ended if (event := _ours(record)))
    met = tuple(event for record in ended if (event := _met(record, observation)))
    told = {subject for subject, _ in met}
    seen = () if histories is None else tuple(_unmet(after, observation, histories))
    return ours + met + tuple(event for event in seen if event[0] not in told)


def _ended_since(record: StepRecord, before: Commitments) -> bool:
    known = before.record(record.planned.id)
    return record.status not in OPEN and (known is None or known.status is not record.status)


def _ours(record: StepRecord) -> Event | None:
    step, at = record.planned.step, record.ended_at or Instant(0)
    if record.status is not StepStatus.DONE or record.intent is None:
        return None
    change = record.intent.wanted - record.intent.seen
    if isinstance(step, SetReplicas) and step.purpose is Purpose.SCALE:
        return str(step.workload), ScaleEvent(at, change)
    if isinstance(step, GrowPool | ReleaseInstance):
        return f"pool:{step.pool}", ScaleEvent(at, change)
    return None


def _met(record: StepRecord, observation: Observation) -> Event | None:
    """A change of somebody else's that ended a step: from the count the step knew to the one seen."""
    step = record.planned.step
    codes = {reason.code: reason for reason in record.reasons}
    strange = codes.get(Code.CHANGED_BY_OTHERS)
    if strange is None or not isinstance(step, SetReplicas):
        return None
    workload = _workload(observation, step.workload)
    known = strange.numbers[0] if len(strange.numbers) > 1 else (record.intent.seen if record.intent else step.seen)
    change = workload.wanted - known if workload else 0
    return (str(step.workload), ScaleEvent(observation.at, change, foreign=True)) if change else None


def _unmet(after: Commitments, observation: Observation, histories: Histories) -> Iterator[Event]:
    """Counts that are neither the last we set nor those we were told of since."""
    if any(isinstance(record.planned.step, SetReplicas) for record in after.open):
        return
    for record in _last_set(after):
        step = record.planned.step
        workload = _workload(observation, step.workload) if isinstance(step, SetReplicas) else None
        if workload is None or record.intent is None:
            continue
        ended = record.ended_at or Instant(0)
        told = [event for event in histories.of(str(workload.ref)).events if event.foreign and event.at >= ended]
        change = workload.wanted - record.intent.wanted - sum(event.change for event in told)
        if change:
            yield str(workload.ref), ScaleEvent(observation.at, change, foreign=True)


def _last_set(after: Commitments) -> tuple[StepRecord, ...]:
    """The last change of each workload's count that was carried out."""
    done = [one for one in after.records if one.status is StepStatus.DONE and isinstance(one.planned.step, SetReplicas)]
    last: dict[WorkloadRef, StepRecord] = {}
    for record in sorted(done, key=lambda one: one.ended_at or Instant(0)):
        if isinstance(record.planned.step, SetReplicas):
            last[record.planned.step.workload] = record
    return tuple(last[ref] for ref in sorted(last))


def _workload(observation: Observation, ref: WorkloadRef) -> Workload | None:
    return None if isinstance(observation.state, Unknown) else workload_of(observation.state, ref)
