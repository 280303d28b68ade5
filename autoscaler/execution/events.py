"""What was carried out between two looks at the journal, and what somebody else did meanwhile, as histories keep it."""

from collections.abc import Iterator

from autoscaler.model.commitments import OPEN, Commitments, StepRecord, StepStatus
from autoscaler.model.history import Histories, ScaleEvent
from autoscaler.model.lately import Event, carried_out
from autoscaler.model.observations import Observation, workload_of
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import SetReplicas
from autoscaler.model.workloads import Workload, surge_of
from autoscaler.planning.conditions.floors import base_of


def events(before: Commitments, after: Commitments, observation: Observation, histories: Histories | None = None) -> tuple[Event, ...]:
    """Changes by history subject (`shop/web`, `pool:general`): ours that ended since `before`, and others' seen now.

    Others' are told once: given the `histories` that hold those told already, whenever a count is not the one we knew `before`, whatever
    plan was made since; and when steps of ours ran into one. A surge and its return are no scaling and are not told.
    """
    ended = tuple(record for record in after.records if _ended_since(record, before))
    ours = tuple(event for record in ended if (event := carried_out(record)))
    judged = {} if histories is None else dict(_judged(before, observation, histories))
    met = dict(event for record in ended if (event := _met(record, observation)) and event[0] not in judged)
    seen = tuple((subject, ScaleEvent(observation.at, change, foreign=True)) for subject, change in judged.items() if change)
    return ours + tuple(met.items()) + seen


def _ended_since(record: StepRecord, before: Commitments) -> bool:
    known = before.record(record.planned.id)
    return record.status not in OPEN and (known is None or known.status is not record.status)


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


def _judged(before: Commitments, observation: Observation, histories: Histories) -> Iterator[tuple[str, int]]:
    """By how much each count is neither the last we knew nor what we were told of since; 0 where it is.

    What the world showed is older than anything sent in this tick, so it is held against what the journal said before it: a plan made in
    the same tick has found somebody else's count already.
    """
    if isinstance(observation.state, Unknown):
        return
    for workload in observation.state.workloads:
        known = _last_known(before, workload.ref)
        if known is None:
            continue
        count, at = known
        told = (event for event in histories.of(str(workload.ref)).events if event.foreign and event.at > at)
        yield str(workload.ref), workload.wanted - surge_of(workload) - count - sum(event.change for event in told)


def _last_known(before: Commitments, ref: WorkloadRef) -> tuple[int, Instant] | None:
    """The count without our surge and since when it was: as last set by us, else as the plan found it; None while we are setting it."""
    if before.plan is None or any(_sets(record, ref) and _changes(record) for record in before.open):
        return None
    set_by_us = [_as_set(one) for one in before.records if _sets(one, ref) and (one.status is StepStatus.DONE or one.overruled)]
    change = before.plan.change_of(ref)
    found = [(change.before, before.plan.made_at)] if change else []
    return max(set_by_us + found, key=lambda known: known[1], default=None)


def _as_set(record: StepRecord) -> tuple[int, Instant]:
    """What the count was when the step ended: ours, or already somebody else's."""
    seen = next((one.numbers[1] for one in record.reasons if one.code is Code.CHANGED_BY_OTHERS), None)
    ours = base_of(record.intent) if record.intent else 0
    return ours if seen is None else seen, record.ended_at or Instant(0)


def _sets(record: StepRecord, ref: WorkloadRef) -> bool:
    step = record.planned.step
    return isinstance(step, SetReplicas) and step.workload == ref


def _changes(record: StepRecord) -> bool:
    """Whether its call, sent or about to be, changes the count; one that only takes a mark off does not."""
    return record.intent is not None and record.intent.wanted != record.intent.seen


def _workload(observation: Observation, ref: WorkloadRef) -> Workload | None:
    return None if isinstance(observation.state, Unknown) else workload_of(observation.state, ref)
