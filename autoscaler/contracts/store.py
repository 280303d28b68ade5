"""What outlives the process: leases, the journal of steps, the record of decisions."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from autoscaler.contracts.past_reader import Moments
from autoscaler.model.commitments import Commitments, StepRecord
from autoscaler.model.decisions import Decision
from autoscaler.model.forecasts import Forecast
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Arrivals, Histories, Lesson, Note, Notice, Recommendation, Refusal, ScaleEvent
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import ClusterName, DecisionId, MetricName, PlanId, StoreId, WorkloadRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to write to one cluster until `until`, under a `term` no earlier holder had.

    `store`: whose lease it is; what our marks name. `began`: when the term took over from one that ran out, whose last calls may
    still be under way; 0 when the lease was free.

    `ends` and `started` are `until` and `began` on the monotonic clock of the process that asked, each to the safe side: the store's clock
    and ours may differ by any amount. Never stored, and None for whoever did not ask for the lease itself.
    """

    cluster: ClusterName
    holder: str
    term: int
    until: Instant
    store: StoreId = StoreId("")
    began: Instant = Instant(0)
    ends: int | None = field(default=None, compare=False)
    started: int | None = field(default=None, compare=False)


class Leases(Protocol):
    """One holder per cluster and moment, by the store's own clock."""

    def acquire(self, cluster: ClusterName, holder: str, ttl: Duration) -> Lease:
        """A free or run-out lease under the next term; the holder's own again under its term. Held by another: RefusedError naming it."""
        ...

    def renew(self, lease: Lease, ttl: Duration) -> Lease:
        """Longer; LostLeaseError when another term began."""
        ...

    def release(self, lease: Lease) -> None:
        """Free it. Lost already: harmless."""
        ...

    def current(self, cluster: ClusterName) -> Lease | None:
        """Who holds it, run out or not."""
        ...


class Journal(Protocol):
    """Steps of one cluster's plan.

    Every write is one transaction that first checks the term: an old one is LostLeaseError, nothing written.
    """

    def commitments(self) -> Commitments:
        """The current plan with all its records, as last written."""
        ...

    def adopt(self, plan: Plan, records: tuple[StepRecord, ...], lease: Lease) -> None:
        """Make `plan` the current one with exactly these records; records of older plans are kept for `explain`, closed as given."""
        ...

    def write(self, record: StepRecord, lease: Lease) -> None:
        """One step's new state. An intent is on disk before its call is sent."""
        ...


class RequestKind(StrEnum):
    """What a command may ask the holder of the lease to do in its place."""

    APPLY = "apply"
    DRAIN = "drain"
    CANCEL_DRAIN = "cancel_drain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Handed over through the store. `subject`: a plan's id or a node's name. `outcome` is empty until it was dealt with."""

    id: str
    kind: RequestKind
    subject: str
    who: str
    at: Instant
    plan: Plan | None = None
    outcome: str = ""
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a metric of a subject was at one instant, in milli-units; kept where its source does not remember it."""

    subject: str
    metric: MetricName
    at: Instant
    milli: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRecord:
    """What one tick, or a job beside the ticks, adds to the past.

    All but decisions and plan are by history subject; of lessons, notes, forecasts, refusals, notices and arrivals the last stay.
    `plan`: what a tick planned, whether there was anything to do or not; None of a job, and while the cluster cannot be read.
    """

    at: Instant
    decisions: tuple[Decision, ...] = ()
    plan: Plan | None = None
    recommendations: tuple[tuple[str, Recommendation], ...] = ()
    events: tuple[tuple[str, ScaleEvent], ...] = ()
    lessons: tuple[tuple[str, Lesson], ...] = ()
    notes: tuple[tuple[str, tuple[Note, ...]], ...] = ()
    forecasts: tuple[tuple[str, tuple[Forecast, ...]], ...] = ()
    refusals: tuple[tuple[str, tuple[Refusal, ...]], ...] = ()
    notices: tuple[tuple[str, tuple[Notice, ...]], ...] = ()
    arrivals: tuple[tuple[str, Arrivals], ...] = ()
    loads: tuple[Load, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """A decision as kept: only when count, votes or reasons changed, else `times` counts it and `last` is its latest instant."""

    id: DecisionId
    decision: Decision
    times: int
    last: Instant
    chain: str


class Records(Protocol):
    """The past of one cluster; kept 30 days, each decision chained to the one before by hash."""

    def histories(self, since: Instant, subjects: frozenset[str] | None = None) -> Histories:
        """Recommendations and events not older than `since`; of these subjects, else of all."""
        ...

    def remember(self, tick: TickRecord, lease: Lease) -> tuple[DecisionId, ...]:
        """Add one tick, in one transaction; term checked as in the journal.

        The ids of its decisions, in their order: one that says what the workload's last one said has the id of that.
        """
        ...

    def decisions(self, workload: WorkloadRef | None, *, until: Instant | None = None, limit: int = 20) -> tuple[DecisionRecord, ...]:
        """Newest first."""
        ...

    def plans(self, *, until: Instant | None = None, limit: int = 20) -> tuple[Plan, ...]:
        """Adopted plans, newest first; those made until then."""
        ...

    def idle_plan(self, *, until: Instant | None = None) -> Plan | None:
        """The last plan until then that had nothing to do: what it left as it is, and why. Kept anew only when it says something else."""
        ...

    def steps(self, plan: PlanId) -> tuple[StepRecord, ...]:
        """What came of a plan's steps."""
        ...

    def freezes(self) -> tuple[Freeze, ...]:
        """All freezes not resumed, run out or not. Needs no lease, like the two below: the red button always works."""
        ...

    def freeze(self, freeze: Freeze) -> None:
        """Add or replace the subject's freeze."""
        ...

    def resume(self, subject: str) -> bool:
        """Lift it; whether there was one."""
        ...


class Series(Protocol):
    """The loads of one cluster that ticks have remembered: the last of each minute, for 35 days."""

    def read(self, subject: str, metric: MetricName, since: Instant) -> Moments:
        """Oldest first, each at the beginning of its minute; a minute without one is left out."""
        ...


class Requests(Protocol):
    """Hand-over between commands and the holder of the lease."""

    def submit(self, request: Request) -> None:
        """Ask. A repeat (same id) is the same request."""
        ...

    def pending(self) -> tuple[Request, ...]:
        """Not dealt with yet, oldest first."""
        ...

    def close(self, request: Request) -> None:
        """Dealt with: outcome and exit code."""
        ...

    def find(self, request_id: str) -> Request | None:
        """One request, dealt with or not."""
        ...


class Store(Protocol):
    """All five, for any cluster. Unreadable or unwritable: StoreError from any call, and nothing half written."""

    @property
    def id(self) -> StoreId:
        """Made once, with the store; what the owner mark on a cluster names."""
        ...

    @property
    def leases(self) -> Leases:
        """The leases of all clusters."""
        ...

    def journal(self, cluster: ClusterName) -> Journal:
        """One cluster's journal."""
        ...

    def records(self, cluster: ClusterName) -> Records:
        """One cluster's past."""
        ...

    def series(self, cluster: ClusterName) -> Series:
        """One cluster's loads."""
        ...

    def requests(self, cluster: ClusterName) -> Requests:
        """One cluster's hand-over."""
        ...

    def close(self) -> None:
        """Let go of files and connections; nothing else may be asked afterwards."""
        ...
