"""One whole tick: the dry half, then the journal and the writers.

The engine keeps nothing between two ticks but its name: killed at any instant, the next process carries on from the store and the world.
"""

from dataclasses import dataclass, replace

from autoscaler import deciding, execution, observing, planning
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.store import Journal, Lease, Records, Requests, Store, TickRecord
from autoscaler.engine.dry import DEADLINE, Thought, look, recall, think
from autoscaler.engine.handover import answered, pinned_plan
from autoscaler.errors import AutoscalerError, LostLeaseError, StoreError
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Mode
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import Unknown

LEASE = Duration(60_000)
"""How long a lease outlives its holder's last renewal; a call is sent only if the lease outlives its timeout."""


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
        thought = self._pin(think(self.policies, observation, past), pinned or pinned_plan(requests, past.commitments, observation.at))
        report = self._act(thought, lease)
        self._record(report, lease)
        self._answer(report)
        return report

    def _act(self, thought: Thought, lease: Lease) -> TickReport:
        """Journal the plan, then advance it; an error stops the writing and is told, not raised."""
        journal = self.store.journal(self.policies.cluster)
        before = thought.past.commitments
        try:
            planned = self._planned(thought)
            if planned.open:
                self._own(thought.observation, lease)
            if planned != before:
                journal.adopt(thought.plan, planned.records, lease)
            if not planned.open:
                return TickReport(thought=thought, commitments=planned, lease=lease)
            records = self._advance(journal, thought, lease)
            return TickReport(thought=thought, commitments=replace(planned, records=records), lease=lease)
        except AutoscalerError as problem:
            return TickReport(thought=thought, commitments=before, lease=lease, problem=problem)

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
        return think(calm(thought.policies), thought.observation, thought.past)

    @property
    def _requests(self) -> Requests:
        return self.store.requests(self.policies.cluster)

    def _answer(self, report: TickReport) -> None:
        """Close the requests this tick dealt with."""
        pending = self._requests.pending()
        for request in pending:
            closed = answered(request, pending, report.commitments, report.thought.observation)
            if closed:
                self._requests.close(closed)


def calm(policies: ClusterPolicies) -> ClusterPolicies:
    """The same promises to every workload, but nobody wants another count."""
    return replace(
        policies,
        policies=tuple(replace(one, mode=Mode.OFF) for one in policies.policies),
        selectors=tuple(replace(one, template=replace(one.template, mode=Mode.OFF)) for one in policies.selectors),
    )


def _diverged(commitments: Commitments, pinned: Plan) -> bool:
    failed = (record for record in commitments.records if record.plan == pinned.id and record.status is StepStatus.FAILED)
    return next(failed, None) is not None
