"""What was carried out between two looks at the journal, and what somebody else did meanwhile, as histories keep it."""

from collections.abc import Iterator
from dataclasses import dataclass

from autoscaler.model.commitments import OPEN, Commitments, StepRecord, StepStatus
from autoscaler.model.history import Histories, ScaleEvent
from autoscaler.model.lately import Event, carried_out, run_into
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import SetReplicas
from autoscaler.model.workloads import surge_of
from autoscaler.planning.conditions.floors import base_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A count we knew of, what we were told of others since, and what it is seen to be."""

    subject: str
    count: int
    told: tuple[ScaleEvent, ...]
    seen: int

    def by(self, at: Instant) -> int:
        """What it should have been by then."""
        return self.count + sum(event.change for event in self.told if event.at <= at)

    @property
    def change(self) -> int:
        """What nobody told us of."""
        return self.seen - self.count - sum(event.change for event in self.told)


def events(before: Commitments, after: Commitments, observation: Observation, histories: Histories) -> tuple[Event, ...]:
    """Changes by history subject (`shop/web`, `pool:general`) that steps ended by since `before`: ours, and others' that they ran into.

    A surge and its return are no scaling and are not told.
    """
    ended = tuple(record for record in after.records if _ended_since(record, before))
    ours = tuple(event for record in ended if (event := carried_out(record)))
    judged = {known.subject for known in _judged(before, observation, histories)}
    return ours + tuple(event for event in run_into(ended) if event[0] not in judged)


def others_changed(before: Commitments, plan: Plan, observation: Observation, histories: Histories) -> tuple[Event, ...]:
    """Others' changes seen now: whenever a count is neither the one we knew `before` nor what `histories` were told of since.

    They are told before the next plan is adopted, for its journal forgets what was known. What `plan`, made beforehand, found already
    had happened by then.
    """
    found = []
    for known in _judged(before, observation, histories):
        first = _found_by(plan, before, known.subject, observation)
        by_then = 0 if first is None else first - known.by(plan.made_at)
        since = known.change - by_then
        found += [(known.subject, ScaleEvent(plan.made_at, by_then, foreign=True))] if by_then else []
        found += [(known.subject, ScaleEvent(observation.at, since, foreign=True))] if since else []
    return tuple(found)


def _found_by(plan: Plan, before: Commitments, subject: str, observation: Observation) -> int | None:
    """The count that a plan handed over found when it was made."""
    handed_over = (before.plan is None or plan.id != before.plan.id) and plan.made_at < observation.at
    changes = (one for one in plan.workloads if str(one.workload) == subject)
    return next((one.before for one in changes), None) if handed_over else None


def _ended_since(record: StepRecord, before: Commitments) -> bool:
    known = before.record(record.planned.id)
    return record.status not in OPEN and (known is None or known.status is not record.status)


def _judged(before: Commitments, observation: Observation, histories: Histories) -> Iterator[_Known]:
    """Each count we knew.

    What the world showed is older than anything sent in this tick, so it is held against what the journal said before it: a plan made in
    the same tick has found somebody else's count already.
    """
    if isinstance(observation.state, Unknown):
        return
    for workload in observation.state.workloads:
        last = _last_known(before, workload.ref)
        if last is None:
            continue
        count, at = last
        told = tuple(event for event in histories.of(str(workload.ref)).events if event.foreign and event.at > at)
        yield _Known(subject=str(workload.ref), count=count, told=told, seen=workload.wanted - surge_of(workload))


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
    ours = base_of(record.intent) if record.intent else 0
    return record.strange[1] if record.strange else ours, record.ended_at or Instant(0)


def _sets(record: StepRecord, ref: WorkloadRef) -> bool:
    step = record.planned.step
    return isinstance(step, SetReplicas) and step.workload == ref


def _changes(record: StepRecord) -> bool:
    """Whether its call, sent or about to be, changes the count; one that only takes a mark off does not."""
    return record.intent is not None and record.intent.wanted != record.intent.seen
