"""What we changed lately: as histories tell it, and as the journal does where histories cannot know it yet.

Histories learn of a change when its step has ended, which is a tick after the world shows it, and a crash in between can keep it from
them. Until then the journal tells. Each change counts once: histories call it by the very instant at which its step ended.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from autoscaler.model.commitments import IN_FLIGHT, OPEN, Commitments, StepRecord, StepStatus
from autoscaler.model.history import Histories, ScaleEvent
from autoscaler.model.observations import ClusterState, workload_of
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import GrowPool, Purpose, ReleaseInstance, SetReplicas

Event = tuple[str, ScaleEvent]
"""By history subject: `shop/web`, `pool:general`."""


def lately(histories: Histories, commitments: Commitments, state: ClusterState | Unknown) -> Histories:
    """The histories with every change the journal knows of and `state` shows."""
    flying = (_event(one, one.acted) for one in commitments.records if one.status in IN_FLIGHT and _shows(one, state))
    events = [*_missing(histories, _done(commitments)), *(event for event in flying if event)]
    entries = {one.subject: one for one in histories.entries}
    for subject, event in events:
        entry = entries.get(subject) or histories.of(subject)
        entries[subject] = replace(entry, events=tuple(sorted((*entry.events, event), key=lambda one: one.at)))
    return Histories(tuple(entries.values()))


def untold(histories: Histories, commitments: Commitments, since: Instant) -> tuple[Event, ...]:
    """Changes after `since`, from when on the histories are given, that the journal tells and they lack: a crash came between.

    Ours that were carried out, and others' that our calls ran into.
    """
    known = [*_done(commitments), *run_into(one for one in commitments.records if _called(one))]
    return tuple((subject, event) for subject, event in _missing(histories, known) if event.at > since)


def carried_out(record: StepRecord) -> Event | None:
    """The change a step brought about, though somebody else may have changed it back; None of one that failed, or changes no count.

    Of a launch for which there was no capacity, all that was asked for: some of it may have come, and its pool may still try for more.
    """
    done = record.status is StepStatus.DONE or record.overruled is not None or _sold_out(record)
    return _event(record, record.ended_at) if done and record.ended_at is not None else None


def run_into(records: Iterable[StepRecord]) -> tuple[Event, ...]:
    """What somebody else changed to end steps of ours: by workload, from the count the last such step knew to the one it saw."""
    ended = sorted((one for one in records if one.status not in OPEN and one.ended_at is not None), key=lambda one: one.ended_at or 0)
    return tuple(dict(event for one in ended if (event := _ran_into(one))).items())


def _ran_into(record: StepRecord) -> Event | None:
    step, strange = record.planned.step, record.strange
    if not isinstance(step, SetReplicas) or strange is None or record.ended_at is None or strange[0] == strange[1]:
        return None
    return str(step.workload), ScaleEvent(record.ended_at, strange[1] - strange[0], foreign=True)


def _called(record: StepRecord) -> bool:
    """Whether a call that changes the count was under way: till then, others' changes are told as they are seen."""
    return record.intent is not None and record.intent.wanted != record.intent.seen


def _sold_out(record: StepRecord) -> bool:
    lost = record.status is StepStatus.FAILED and isinstance(record.planned.step, GrowPool)
    return lost and any(reason.code is Code.NO_CAPACITY for reason in record.reasons)


def _done(commitments: Commitments) -> Iterator[Event]:
    return (event for record in commitments.records if (event := carried_out(record)))


def _missing(histories: Histories, events: Iterable[Event]) -> list[Event]:
    all_of_them = Counter(events)
    if not all_of_them:
        return []
    told = Counter((entry.subject, event) for entry in histories.entries for event in entry.events)
    return list((all_of_them - told).elements())


def _event(record: StepRecord, at: Instant) -> Event | None:
    """A surge and its return are no scaling."""
    step, intent = record.planned.step, record.intent
    if intent is None:
        return None
    if isinstance(step, SetReplicas) and step.purpose is Purpose.SCALE:
        return str(step.workload), ScaleEvent(at, intent.wanted - intent.seen)
    if isinstance(step, GrowPool | ReleaseInstance):
        return f"pool:{step.pool}", ScaleEvent(at, intent.wanted - intent.seen)
    return None


def _shows(record: StepRecord, state: ClusterState | Unknown) -> bool:
    """A count not yet seen to be as asked is part of what is still to change, and counted as that."""
    step, intent = record.planned.step, record.intent
    if not isinstance(step, SetReplicas) or intent is None:
        return True
    workload = None if isinstance(state, Unknown) else workload_of(state, step.workload)
    return workload is not None and workload.wanted == intent.wanted
