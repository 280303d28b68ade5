"""One tick, in order; the only place that knows the order.

    needs  ->  observe  ->  decide  ->  plan + guard  ->  execute  ->  record

`look` and `think` make the first four from readers alone: whatever runs dry stops there. `Engine` goes on to the journal and the writers.
It keeps nothing between two ticks but its name: killed at any instant, the next process carries on from the store and the world.
"""

from dataclasses import dataclass, replace

from autoscaler import deciding, execution, observing, planning
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.store import Journal, Lease, Records, Requests, Store, TickRecord
from autoscaler.errors import AutoscalerError, LostLeaseError, RefusedError, StoreError
from autoscaler.model.commitments import NO_COMMITMENTS, Commitments, StepRecord, StepStatus
from autoscaler.model.decisions import Decision, PoolBounds
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Histories
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.recordings import Frame
from autoscaler.model.samples import Unknown

LEASE = Duration(60_000)
"""How long a lease outlives its holder's last renewal; a call is sent only if the lease outlives its timeout."""

DEADLINE = Duration(10_000)
"""All reads of a tick end by then; what did not is unknown."""

MEMORY = Duration(2 * 3600 * 1000)
"""How far back histories are read: the longest rate-limit period (one hour) and any sane window, twice over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the store knows, as arguments; all empty before a first tick."""

    histories: Histories = Histories()
    commitments: Commitments = NO_COMMITMENTS
    freezes: tuple[Freeze, ...] = ()
    drains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """The pure half of a tick: what was seen, decided and planned, and on which past."""

    policies: ClusterPolicies
    past: Past
    observation: Observation
    decisions: tuple[Decision, ...]
    bounds: tuple[PoolBounds, ...]
    plan: Plan

    @property
    def frame(self) -> Frame:
        """This tick, as a recording keeps it."""
        return Frame(
            observation=self.observation,
            histories=self.past.histories,
            commitments=self.past.commitments,
            freezes=self.past.freezes,
            decisions=self.decisions,
            plan=self.plan,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TickReport:
    """What came of one tick. `problem`: why it wrote nothing, or stopped writing."""

    thought: Thought
    commitments: Commitments
    lease: Lease | None = None
    problem: AutoscalerError | None = None

    @property
    def busy(self) -> bool:
        """Steps are in flight: the next tick should come soon."""
        return bool(self.commitments.open)


def recall(store: Store, policies: ClusterPolicies, now: Instant) -> Past:
    """The past of one cluster."""
    records = store.records(policies.cluster)
    return Past(
        histories=records.histories(Instant(now - MEMORY.ms)),
        commitments=store.journal(policies.cluster).commitments(),
        freezes=tuple(freeze for freeze in records.freezes() if freeze.holds(now)),
        drains=execution.asked_drains(store.requests(policies.cluster).pending()),
    )


def look(eyes: observing.Eyes, policies: ClusterPolicies, deadline: Duration) -> Observation:
    """Needs -> observe: every read of the cluster, in parallel, under one deadline."""
    return observing.observe(eyes, policies, lambda state: deciding.needs(policies, state), deadline)


def think(policies: ClusterPolicies, observation: Observation, past: Past) -> Thought:
    """Decide -> plan + guard: pure, the same input gives the same bytes."""
    state = observation.state
    resolved = policies if isinstance(state, Unknown) else deciding.resolve(policies, state)
    decisions = deciding.decide(resolved, observation, past.histories)
    bounds = deciding.bounds(resolved, observation, past.histories)
    request = planning.PlanRequest(
        observation=observation,
        decisions=decisions,
        policies=resolved,
        bounds=bounds,
        histories=past.histories,
        commitments=past.commitments,
        freezes=past.freezes,
        drains=past.drains,
    )
    plan = planning.plan(request)
    return Thought(policies=resolved, past=past, observation=observation, decisions=decisions, bounds=bounds, plan=plan)


def rethink(policies: ClusterPolicies, frame: Frame) -> Thought:
    """What `think` makes of a recorded tick."""
    past = Past(histories=frame.histories, commitments=frame.commitments, freezes=frame.freezes)
    return think(policies, frame.observation, past)


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
        past = recall(self.store, self.policies, self.runtime.now())
        observation = look(self.eyes, self.policies, self.deadline)
        requests = self._requests.pending()
        thought = self._pin(think(self.policies, observation, past), pinned or execution.pinned_plan(requests))
        report = self._act(thought, lease)
        self._record(report, lease)
        self._answer(report)
        return report

    def _act(self, thought: Thought, lease: Lease) -> TickReport:
        """Journal the plan, then advance it; an error stops the writing and is told, not raised."""
        journal = self.store.journal(self.policies.cluster)
        before = thought.past.commitments
        try:
            planned = self._adopt(journal, thought, lease)
            if not planned.open:
                return TickReport(thought=thought, commitments=planned, lease=lease)
            self._own(thought.observation, lease)
            records = self._advance(journal, thought, lease)
            return TickReport(thought=thought, commitments=replace(planned, records=records), lease=lease)
        except (RefusedError, StoreError) as problem:
            return TickReport(thought=thought, commitments=before, lease=lease, problem=problem)

    def _adopt(self, journal: Journal, thought: Thought, lease: Lease) -> Commitments:
        before = thought.past.commitments
        records = planning.records(thought.plan, before, self.runtime.now())
        if thought.plan == before.plan and records == before.records:
            return before
        if not (records or before.open):
            return before
        journal.adopt(thought.plan, records, lease)
        return Commitments(plan=thought.plan, records=records)

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
        return execution.advance(thought.plan, thought.observation, journal, lease, self.hands, self.runtime, thought.policies)

    def _record(self, report: TickReport, lease: Lease) -> None:
        if isinstance(report.problem, LostLeaseError | StoreError):
            return
        thought, observation = report.thought, report.thought.observation
        tick = TickRecord(
            at=observation.at,
            decisions=thought.decisions,
            plan=thought.plan if thought.plan.steps else None,
            recommendations=deciding.recommendations(thought.decisions, thought.plan.needed, observation.at),
            events=execution.events(thought.past.commitments, report.commitments, observation, thought.past.histories),
        )
        self._records.remember(tick, lease)

    @property
    def _records(self) -> Records:
        return self.store.records(self.policies.cluster)

    def _pin(self, thought: Thought, pinned: Plan | None) -> Thought:
        """The pinned plan while it goes well; once a step failed, only what finishes or undoes what is in flight."""
        if pinned is None:
            return thought
        if not _diverged(thought.past.commitments, pinned):
            return replace(thought, plan=pinned)
        nothing_decided = replace(thought.policies, policies=(), pools=())
        return think(nothing_decided, thought.observation, thought.past)

    @property
    def _requests(self) -> Requests:
        return self.store.requests(self.policies.cluster)

    def _answer(self, report: TickReport) -> None:
        """Close the requests this tick dealt with."""
        pending = self._requests.pending()
        for request in pending:
            closed = execution.answered(request, pending, report.commitments, report.thought.observation)
            if closed:
                self._requests.close(closed)


def _diverged(commitments: Commitments, pinned: Plan) -> bool:
    failed = (record for record in commitments.records if record.plan == pinned.id and record.status is StepStatus.FAILED)
    return next(failed, None) is not None
