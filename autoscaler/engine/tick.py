"""One whole tick: the dry half, then the journal and the writers.

The engine keeps nothing between two ticks but its name: killed at any instant, the next process carries on from the store and the world.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from autoscaler import deciding, execution, observing, planning
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.store import Journal, Lease, Records, Request, RequestKind, Requests, Store, TickRecord
from autoscaler.engine.dry import DEADLINE, MEMORY, Past, Thought, look, patience, recall, think
from autoscaler.engine.forecasts import loads
from autoscaler.engine.handover import answered, applied, pinned_plan
from autoscaler.engine.lessons import lessons
from autoscaler.engine.pinning import diverged, pin, stale
from autoscaler.engine.stopwatch import Stopwatch
from autoscaler.errors import AutoscalerError, LostLeaseError, StoreError
from autoscaler.model.arrivals import arrived
from autoscaler.model.commitments import Commitments, StepRecord
from autoscaler.model.lately import untold
from autoscaler.model.notices import SUBJECT, kept, with_notices
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import DecisionId, QueueName
from autoscaler.model.refusals import refused
from autoscaler.model.samples import Unknown

LEASE = Duration(30_000)
"""How long a lease outlives its holder's last renewal; a call is sent only if the lease outlives its timeout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TickReport:
    """What came of one tick. `decided`: ids of the thought's decisions in the store, if it kept them.

    `problem`: why it wrote nothing, or stopped writing. `phases`: how long it observed, decided (plans included), acted.
    `deaf`: queues of notices that could not be read, and why.
    """

    thought: Thought
    commitments: Commitments
    lease: Lease | None = None
    problem: AutoscalerError | None = None
    decided: tuple[DecisionId, ...] = ()
    phases: tuple[tuple[str, Duration], ...] = ()
    deaf: Mapping[QueueName, AutoscalerError] = field(default_factory=dict)

    @property
    def busy(self) -> bool:
        """Steps are in flight: the next tick should come soon."""
        return bool(self.commitments.open)


class Engine:
    """One cluster's ticks. `take_over`: replace another store's owner mark, once somebody has said so."""

    def __init__(
        self,
        *,
        policies: ClusterPolicies,
        eyes: observing.Eyes,
        hands: execution.Hands,
        store: Store,
        runtime: Runtime,
        holder: str,
        deadline: Duration = DEADLINE,
        take_over: bool = False,
    ) -> None:
        self.policies = policies
        self.eyes = eyes
        self.hands = hands
        self.store = store
        self.runtime = runtime
        self.holder = holder
        self.deadline = deadline
        self.take_over = take_over

    def tick(self, pinned: Plan | None = None) -> TickReport:
        """Observe, decide, plan, advance every step that can, record.

        `pinned`: carry out exactly this plan, whatever would be decided now; a step of it failing drops the rest. Lease held by
        another process: RefusedError. Store unusable: StoreError, and nothing was sent.
        """
        lease = self.store.leases.acquire(self.policies.cluster, self.holder, LEASE)
        watch = Stopwatch(self.runtime)
        heard, past = self._hear(self._caught_up(lease), lease)
        observation = watch.timed("observe", lambda: look(self.eyes, self.policies, self.deadline))
        thought = watch.timed("decide", lambda: think(self.policies, observation, past, keep_going=patience(self.runtime)))
        wanted = pinned or pinned_plan(self._requests.pending())
        followed = pin(thought, wanted, self._records.steps(wanted.id)) if wanted else thought
        report = watch.timed("act", lambda: self._remember(self._act(followed, lease), lease))
        self._answer(report, thought)
        return replace(report, phases=tuple(watch.phases), deaf=heard.deaf)

    def _caught_up(self, lease: Lease) -> Past:
        """The past, once its histories have been told what a crash or a full disk kept from them: the next plan's journal forgets it."""
        now = self.runtime.now()
        past = recall(self.store, self.policies, now)
        missed = untold(past.histories, past.commitments, Instant(now - MEMORY.ms))
        if not missed:
            return past
        self._records.remember(TickRecord(at=now, events=missed), lease)
        return recall(self.store, self.policies, now)

    def _hear(self, past: Past, lease: Lease) -> tuple[execution.Heard, Past]:
        """What clouds say of their machines: kept in the store first, dropped from their queues then."""
        heard, now = execution.hear(self.hands, self.runtime), self.runtime.now()
        notices = kept(past.histories, heard.all, now)
        if notices != past.histories.of(SUBJECT).notices:
            self._records.remember(TickRecord(at=now, notices=((SUBJECT, notices),)), lease)
            past = replace(past, histories=with_notices(past.histories, notices))
        if heard.letters:
            execution.drop(self.hands, heard, self.runtime)
        return heard, past

    def _act(self, thought: Thought, lease: Lease) -> TickReport:
        """Journal the plan, then advance it; an error stops the writing and is told, not raised."""
        journal = self.store.journal(self.policies.cluster)
        before = thought.past.commitments
        try:
            self._tell_others(thought, lease)
            planned = self._planned(thought)
            if planned.open:
                self._own(thought.observation, lease)
            if planned != before:
                journal.adopt(thought.plan, planned.records, lease)
            records = self._advance(journal, thought, lease) if planned.open else planned.records
            return TickReport(thought=thought, commitments=replace(planned, records=records), lease=lease)
        except AutoscalerError as problem:
            return TickReport(thought=thought, commitments=_as_written(journal, before), lease=lease, problem=problem)

    def _tell_others(self, thought: Thought, lease: Lease) -> None:
        """Others' changes, before the next plan's journal forgets what we knew: a crash between the two would hide them."""
        past, observation = thought.past, thought.observation
        found = execution.others_changed(past.commitments, thought.plan, observation, past.histories)
        if found:
            self._records.remember(TickRecord(at=observation.at, events=found), lease)

    def _planned(self, thought: Thought) -> Commitments:
        """What the journal must hold: as it is, while the plan is the same or there is nothing to do."""
        before = thought.past.commitments
        records = planning.records(thought.plan, before, self.runtime.now())
        unchanged = thought.plan == before.plan and records == before.records
        return before if unchanged or not (records or before.open) else Commitments(plan=thought.plan, records=records)

    def _own(self, observation: Observation, lease: Lease) -> None:
        """Our owner mark, before the first write; nothing is marked by a process that only looks."""
        if not isinstance(observation.state, Unknown):
            execution.claim(
                observation.state,
                self.store.id,
                lease,
                self.hands.orchestrator,
                self.runtime.now(),
                take_over=self.take_over,
            )

    def _advance(self, journal: Journal, thought: Thought, lease: Lease) -> tuple[StepRecord, ...]:
        """Guards are asked again: a plan agreed to beforehand, or begun, must heed the red button too."""
        return execution.advance(
            thought.plan,
            thought.observation,
            journal,
            lease,
            self.hands,
            self.runtime,
            thought.policies,
            held=planning.held(thought.plan, thought.request),
            histories=thought.past.histories,
        )

    def _remember(self, report: TickReport, lease: Lease) -> TickReport:
        if isinstance(report.problem, LostLeaseError | StoreError):
            return report
        thought, observation = report.thought, report.thought.observation
        tick = TickRecord(
            at=observation.at,
            decisions=thought.decisions,
            plan=None if isinstance(observation.state, Unknown) else thought.plan,
            recommendations=deciding.recommendations(thought.decisions, thought.plan.needed, observation.at),
            notes=deciding.notes(thought.decisions),
            loads=loads(thought, self.eyes),
            refusals=refused(observation, thought.past.histories, (*thought.past.commitments.records, *report.commitments.records)),
            arrivals=arrived(observation, thought.past.histories, self.policies.patience),
            events=execution.events(thought.past.commitments, report.commitments, observation, thought.past.histories),
        )
        try:
            taught = replace(tick, lessons=lessons(thought, self._records))
            return replace(report, decided=self._records.remember(taught, lease))
        except (LostLeaseError, StoreError) as problem:
            return replace(report, problem=problem)

    @property
    def _records(self) -> Records:
        return self.store.records(self.policies.cluster)

    @property
    def _requests(self) -> Requests:
        return self.store.requests(self.policies.cluster)

    def _answer(self, report: TickReport, thought: Thought) -> None:
        """Close the requests this tick dealt with. `thought`: our own, which a pinned plan's freshness is judged by."""
        if isinstance(report.problem, LostLeaseError | StoreError):
            return
        pending = self._requests.pending()
        for request in pending:
            closed = self._answered(request, pending, report, thought)
            if closed:
                self._requests.close(closed)

    def _answered(self, request: Request, pending: tuple[Request, ...], report: TickReport, thought: Thought) -> Request | None:
        if request.kind is not RequestKind.APPLY:
            return answered(request, pending, report.commitments, report.thought.observation)
        plan = request.plan
        failed = plan is not None and diverged(report.commitments, plan, self._records.steps(plan.id))
        old = "" if plan is None else stale(thought, plan)
        return applied(request, report.commitments, diverged=failed, stale=old)


def _as_written(journal: Journal, before: Commitments) -> Commitments:
    """What the journal holds by now; what it held before, where it cannot be read."""
    try:
        return journal.commitments()
    except StoreError:
        return before
