"""A store in dictionaries, for simulations and dry runs: as the contract says, but gone with the process."""

from dataclasses import dataclass, field, replace

from autoscaler.contracts.past_reader import Moments
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.store import DecisionRecord, Lease, Load, Request, TickRecord
from autoscaler.model.commitments import NO_COMMITMENTS, Commitments, StepRecord
from autoscaler.model.decisions import Decision
from autoscaler.model.forecasts import Forecast
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Arrivals, Histories, History, Lesson, Note, Notice, Refusal, ScaleEvent
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration, Instant, later
from autoscaler.model.refs import ClusterName, DecisionId, MetricName, PlanId, StepId, StoreId, WorkloadRef
from autoscaler.store.folding import (
    IDLE_PLANS,
    LOADS,
    PRUNE_EVERY,
    RETENTION,
    Run,
    essence,
    gist,
    lengthened,
    linked,
    lost,
    minute_of,
    taken,
    timed,
    told,
    unknown_step,
)


class MemoryStore:
    """All parts of a store; whoever holds the object shares it, so a "new process" of a simulation finds what the old one wrote."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._id = StoreId(runtime.new_id())
        self._leases = MemoryLeases(runtime, self._id)
        self._journals: dict[ClusterName, MemoryJournal] = {}
        self._records: dict[ClusterName, MemoryRecords] = {}
        self._requests: dict[ClusterName, MemoryRequests] = {}

    @property
    def id(self) -> StoreId:
        """Made with the object."""
        return self._id

    @property
    def leases(self) -> "MemoryLeases":
        """The leases of all clusters."""
        return self._leases

    def journal(self, cluster: ClusterName) -> "MemoryJournal":
        """One cluster's journal."""
        return self._journals.setdefault(cluster, MemoryJournal(cluster, self._leases))

    def records(self, cluster: ClusterName) -> "MemoryRecords":
        """One cluster's past."""
        if cluster not in self._records:
            self._records[cluster] = MemoryRecords(self._runtime, self.journal(cluster), self._leases)
        return self._records[cluster]

    def series(self, cluster: ClusterName) -> "MemorySeries":
        """One cluster's loads."""
        return self.records(cluster).series

    def requests(self, cluster: ClusterName) -> "MemoryRequests":
        """One cluster's hand-over."""
        return self._requests.setdefault(cluster, MemoryRequests())

    def close(self) -> None:
        """Nothing to let go of."""


class MemoryLeases:
    """Leases by the Runtime's wall clock."""

    def __init__(self, runtime: Runtime, store: StoreId) -> None:
        self._runtime = runtime
        self._store = store
        self._held: dict[ClusterName, Lease] = {}
        self._terms: dict[ClusterName, int] = {}

    def acquire(self, cluster: ClusterName, holder: str, ttl: Duration) -> Lease:
        """As the contract; a lease that ran out begins a new term, whoever held it."""
        asked, now = self._runtime.monotonic(), self._runtime.now()
        self._held[cluster] = self._acquired(cluster, holder, ttl, now)
        return timed(self._held[cluster], ttl, asked, now=now, runtime=self._runtime)

    def _acquired(self, cluster: ClusterName, holder: str, ttl: Duration, now: Instant) -> Lease:
        held = self._held.get(cluster)
        runs = held is not None and held.until > now
        if held and runs and held.holder != holder:
            raise taken(held)
        if held and runs:
            return replace(held, until=later(now, ttl))
        self._terms[cluster] = self._terms.get(cluster, 0) + 1
        began = now if held else Instant(0)
        return Lease(cluster=cluster, holder=holder, term=self._terms[cluster], until=later(now, ttl), store=self._store, began=began)

    def renew(self, lease: Lease, ttl: Duration) -> Lease:
        """As the contract."""
        self.check(lease)
        asked, now = self._runtime.monotonic(), self._runtime.now()
        self._held[lease.cluster] = replace(self._held[lease.cluster], until=later(now, ttl))
        return timed(self._held[lease.cluster], ttl, asked, now=now, runtime=self._runtime)

    def release(self, lease: Lease) -> None:
        """As the contract."""
        held = self._held.get(lease.cluster)
        if held and (held.term, held.holder) == (lease.term, lease.holder):
            del self._held[lease.cluster]

    def current(self, cluster: ClusterName) -> Lease | None:
        """As the contract."""
        return self._held.get(cluster)

    def check(self, lease: Lease) -> None:
        """LostLeaseError unless this term is the cluster's present one."""
        held = self._held.get(lease.cluster)
        if held is None or (held.term, held.holder) != (lease.term, lease.holder):
            raise lost(lease.cluster, lease.term)


class MemoryJournal:
    """Steps of one cluster's plans."""

    def __init__(self, cluster: ClusterName, leases: MemoryLeases) -> None:
        self._cluster = cluster
        self._leases = leases
        self._current = NO_COMMITMENTS
        self.plans: dict[PlanId, Plan] = {}
        self.steps: dict[PlanId, dict[StepId, StepRecord]] = {}

    def commitments(self) -> Commitments:
        """As the contract."""
        return self._current

    def adopt(self, plan: Plan, records: tuple[StepRecord, ...], lease: Lease) -> None:
        """As the contract."""
        self._leases.check(lease)
        self.plans.pop(plan.id, None)
        self.plans[plan.id] = plan
        self._current = Commitments(plan=plan, records=records)
        self.steps[plan.id] = {}
        for record in records:
            self.steps.setdefault(record.plan, {})[record.planned.id] = record
            self.steps[plan.id][record.planned.id] = record

    def write(self, record: StepRecord, lease: Lease) -> None:
        """As the contract."""
        self._leases.check(lease)
        current = self._current
        if current.plan is None or record.planned.id not in self.steps[current.plan.id]:
            raise unknown_step(record)
        self.steps[current.plan.id][record.planned.id] = record
        self.steps.setdefault(record.plan, {})[record.planned.id] = record
        written = tuple(record if one.planned.id == record.planned.id else one for one in current.records)
        self._current = Commitments(plan=current.plan, records=written)

    def forget(self, before: Instant) -> None:
        """Drop plans made earlier, but never the current one."""
        current = self._current.plan.id if self._current.plan else None
        for old in [one.id for one in self.plans.values() if one.made_at < before and one.id != current]:
            del self.plans[old]
            self.steps.pop(old, None)


@dataclass(slots=True)
class _Past:
    """One history subject."""

    began: Instant
    runs: list[Run] = field(default_factory=list)
    events: list[ScaleEvent] = field(default_factory=list)
    lesson: Lesson | None = None
    notes: tuple[Note, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notices: tuple[Notice, ...] = ()
    arrivals: Arrivals = Arrivals()


@dataclass(slots=True)
class _Idle:
    """A plan that had nothing to do, and until when nothing else was said."""

    first: Instant
    last: Instant
    plan: Plan


class MemorySeries:
    """Loads by subject and metric, then by minute."""

    def __init__(self) -> None:
        self._loads: dict[tuple[str, MetricName], dict[Instant, int]] = {}

    def read(self, subject: str, metric: MetricName, since: Instant) -> Moments:
        """As the contract."""
        known = self._loads.get((subject, metric), {})
        return tuple((at, known[at] / 1000) for at in sorted(known) if at >= since)

    def add(self, loads: tuple[Load, ...]) -> None:
        """The last of a minute stands."""
        for one in loads:
            self._loads.setdefault((one.subject, one.metric), {})[minute_of(one.at)] = one.milli

    def forget(self, before: Instant) -> None:
        """Drop what is older."""
        self._loads = {key: {at: milli for at, milli in known.items() if at >= before} for key, known in self._loads.items()}


class MemoryRecords:
    """The past of one cluster."""

    def __init__(self, runtime: Runtime, journal: MemoryJournal, leases: MemoryLeases) -> None:
        self._runtime = runtime
        self._journal = journal
        self._leases = leases
        self._past: dict[str, _Past] = {}
        self._decisions: list[DecisionRecord] = []
        self._last: dict[WorkloadRef, int] = {}
        self._dropped = 0
        self._tip = ""
        self._freezes: dict[str, Freeze] = {}
        self._idle: list[_Idle] = []
        self._gist = ""
        self._pruned_at = Instant(0)
        self.series = MemorySeries()

    def histories(self, since: Instant, subjects: frozenset[str] | None = None) -> Histories:
        """As the contract."""
        known = sorted(self._past if subjects is None else self._past.keys() & subjects)
        return Histories(tuple(_history(subject, self._past[subject], since) for subject in known))

    def remember(self, tick: TickRecord, lease: Lease) -> tuple[DecisionId, ...]:
        """As the contract."""
        self._leases.check(lease)
        ids = tuple(self._add(decision) for decision in tick.decisions)
        for subject, recommendation in tick.recommendations:
            past = self._of(subject, tick.at).runs
            past[-1:] = lengthened(past[-1] if past else None, recommendation)
        for subject, lesson in tick.lessons:
            self._of(subject, tick.at).lesson = lesson
        for subject, notes in tick.notes:
            self._of(subject, tick.at).notes = notes
        for subject, forecasts in tick.forecasts:
            self._of(subject, tick.at).forecasts = forecasts
        self._remember_machines(tick)
        self.series.add(tick.loads)
        if tick.plan:
            self._add_plan(tick.at, tick.plan)
        for subject, event in tick.events:
            self._of(subject, tick.at).events.append(event)
        if tick.at - self._pruned_at >= PRUNE_EVERY.ms:
            self._prune(Instant(tick.at - RETENTION.ms))
            self.series.forget(Instant(tick.at - LOADS.ms))
            self._pruned_at = tick.at
        return ids

    def decisions(self, workload: WorkloadRef | None, *, until: Instant | None = None, limit: int = 20) -> tuple[DecisionRecord, ...]:
        """As the contract."""
        found = [
            one
            for one in reversed(self._decisions)
            if workload in (None, one.decision.workload) and (until is None or one.decision.at <= until)
        ]
        return tuple(found[:limit])

    def plans(self, *, until: Instant | None = None, limit: int = 20) -> tuple[Plan, ...]:
        """As the contract."""
        newest = reversed(self._journal.plans.values())
        return tuple(one for one in newest if until is None or one.made_at <= until)[:limit]

    def idle_plan(self, *, until: Instant | None = None) -> Plan | None:
        """As the contract."""
        newest = reversed(self._idle)
        return next((one.plan for one in newest if until is None or one.first <= until), None)

    def steps(self, plan: PlanId) -> tuple[StepRecord, ...]:
        """As the contract."""
        return tuple(self._journal.steps.get(plan, {}).values())

    def freezes(self) -> tuple[Freeze, ...]:
        """As the contract."""
        return tuple(self._freezes[subject] for subject in sorted(self._freezes))

    def freeze(self, freeze: Freeze) -> None:
        """As the contract."""
        self._freezes[freeze.subject] = freeze

    def resume(self, subject: str) -> bool:
        """As the contract."""
        return self._freezes.pop(subject, None) is not None

    def _of(self, subject: str, at: Instant) -> _Past:
        return self._past.setdefault(subject, _Past(at))

    def _add(self, decision: Decision) -> DecisionId:
        index = self._last.get(decision.workload, -1) - self._dropped
        last = self._decisions[index] if index >= 0 else None
        if last is not None and essence(last.decision) == essence(decision):
            self._decisions[index] = replace(last, times=last.times + 1, last=decision.at)
            return last.id
        number = DecisionId(self._runtime.new_id())
        self._tip = linked(self._tip, number, decision)
        self._last[decision.workload] = self._dropped + len(self._decisions)
        self._decisions.append(DecisionRecord(id=number, decision=decision, times=1, last=decision.at, chain=self._tip))
        return number

    def _remember_machines(self, tick: TickRecord) -> None:
        for subject, refusals in tick.refusals:
            self._of(subject, tick.at).refusals = refusals
        for subject, notices in tick.notices:
            self._of(subject, tick.at).notices = notices
        for subject, arrivals in tick.arrivals:
            self._of(subject, tick.at).arrivals = arrivals

    def _add_plan(self, at: Instant, plan: Plan) -> None:
        before, self._gist = self._gist, gist(plan)
        if not self._gist:
            return
        if self._idle and self._gist == before:
            self._idle[-1].last = at
            return
        # A clock that stepped back: what it said of a time to come is not so.
        self._idle = [*(one for one in self._idle if one.first < at), _Idle(at, at, plan)][-IDLE_PLANS:]

    def _prune(self, before: Instant) -> None:
        """From the oldest on, so that the chain stays whole."""
        self._idle = [one for one in self._idle if one.last >= before]
        while self._decisions and self._decisions[0].last < before:
            self._decisions.pop(0)
            self._dropped += 1
        for past in self._past.values():
            past.runs = [one for one in past.runs if one.last >= before]
            past.events = [one for one in past.events if one.at >= before]
        self._journal.forget(before)


class MemoryRequests:
    """One cluster's hand-over."""

    def __init__(self) -> None:
        self._all: dict[str, Request] = {}

    def submit(self, request: Request) -> None:
        """As the contract."""
        self._all.setdefault(request.id, request)

    def pending(self) -> tuple[Request, ...]:
        """As the contract."""
        return tuple(sorted((one for one in self._all.values() if not one.outcome), key=lambda one: (one.at, one.id)))

    def close(self, request: Request) -> None:
        """As the contract."""
        self._all[request.id] = request

    def find(self, request_id: str) -> Request | None:
        """As the contract."""
        return self._all.get(request_id)


def _history(subject: str, past: _Past, since: Instant) -> History:
    return History(
        subject=subject,
        began=past.began,
        recommendations=told(past.runs, since),
        events=tuple(one for one in past.events if one.at >= since),
        lesson=past.lesson,
        notes=past.notes,
        forecasts=past.forecasts,
        refusals=past.refusals,
        notices=past.notices,
        arrivals=past.arrivals,
    )
