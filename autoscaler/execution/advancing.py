"""One pass over the journalled steps: what holds is done, what may begin begins, what is unknown is read back first.

In three parts, so that no call waits for another: look at every open step and journal what is about to be sent; send all; journal
what came of it. Killed anywhere in between, the next process finds every call either not journalled and not sent, or journalled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.runtime import Call, Runtime
from autoscaler.contracts.store import Journal, Lease
from autoscaler.execution.calls import calls_of
from autoscaler.execution.hands import Hands
from autoscaler.execution.objects import touched
from autoscaler.execution.replies import Attempt, due, reply, settle
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.history import Histories
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import since
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import StepId, Token
from autoscaler.model.steps import (
    AwaitHealthy,
    Evacuate,
    JoinTraffic,
    LeaveTraffic,
    ReleaseInstance,
    RemoveNode,
    SetReplicas,
    StopReplica,
    Unfence,
)
from autoscaler.planning.conditions import (
    WAITING_ONLY,
    Context,
    Landing,
    concluded,
    failed,
    landed,
    overruled,
    postcondition,
    precondition,
    resolve,
)
from autoscaler.planning.conditions.context import NO_HISTORIES

HOPELESS = frozenset(
    {
        Code.CHANGED_BY_OTHERS,
        Code.PREDICTION_CHANGED,
        Code.GONE_FROM_CLUSTER,
        Code.NODE_IS_MANAGER,
        Code.NODE_FENCED_BY_OTHERS,
        Code.AT_MINIMUM,
        Code.AT_MAXIMUM,
        Code.POOL_AT_MINIMUM,
        Code.POOL_AT_MAXIMUM,
        Code.NO_RECIPE,
    }
)
"""Reasons that waiting does not mend: the step ends, and the next plan says what is right now."""


NOTHING_HELD: Mapping[StepId, tuple[Reason, ...]] = MappingProxyType({})


def advance(  # noqa: PLR0917 - the engine names them in the order of a tick
    plan: Plan,
    observation: Observation,
    journal: Journal,
    lease: Lease,
    hands: Hands,
    runtime: Runtime,
    policies: ClusterPolicies,
    *,
    held: Mapping[StepId, tuple[Reason, ...]] = NOTHING_HELD,
    histories: Histories = NO_HISTORIES,
) -> tuple[StepRecord, ...]:
    """Move every step of the adopted `plan` as far as the world of `observation` allows; the records as journalled afterwards.

    Blocks no longer than one call. A plan that is not the journal's moves nothing. LostLeaseError and StoreError end the pass where it
    is; no other error leaves it: a step whose call fails says so, and the others go on. `held`: what a guard keeps from being sent
    now, and why; what was sent already is awaited all the same. `histories`: for the limits that count what older plans did.
    """
    commitments = journal.commitments()
    if commitments.plan is None or commitments.plan.id != plan.id:
        return commitments.records
    ctx = Context.of(observation, commitments, policies, runtime.now(), histories)
    if ctx is None:
        return commitments.records
    step_by_step = Pass(ctx=ctx, journal=journal, lease=lease, hands=hands, runtime=runtime, held=held)
    step_by_step.look_at(commitments.open)
    step_by_step.send()
    return step_by_step.ctx.commitments.records


@dataclass(slots=True)
class _Errand:
    """A journalled step about to be sent. `first`: its intent was never sent before."""

    record: StepRecord
    calls: tuple[Call, ...]
    first: bool


@dataclass(slots=True, kw_only=True)
class Pass:
    """One pass. `ctx` always holds the records as journalled, so that each step sees what those before it booked."""

    ctx: Context
    journal: Journal
    lease: Lease
    hands: Hands
    runtime: Runtime
    held: Mapping[StepId, tuple[Reason, ...]] = field(default_factory=dict)
    errands: list[_Errand] = field(default_factory=list)
    looked: set[StepId] = field(default_factory=set)

    def look_at(self, records: tuple[StepRecord, ...]) -> None:
        """What adds comes before what takes away, so that no floor is told lower than what is being asked for in this very pass."""
        adds = [record for record in records if not _takes_away(record)]
        for record in (*adds, *records):
            if record.planned.id not in self.looked and self._ready(record):
                self.looked.add(record.planned.id)
                self.look(record)

    def look(self, record: StepRecord) -> None:
        """Move one open step, whose turn it is, as far as it goes without a reply."""
        record = replace(record, began_at=record.began_at or self.ctx.now)
        holds = postcondition(record, self.ctx)
        if holds is not None:
            done = replace(record, intent=concluded(record, self.ctx))
            self._end(done, StepStatus.DONE, holds or (Reason(Code.DONE if record.intent else Code.HOLDS_ALREADY),))
            return
        if record.status is StepStatus.INTENDED and landed(record, self.ctx) is Landing.UNSEEN:
            self._wait(record, precondition(record, self.ctx) or record.reasons)
            return
        never = failed(record, self.ctx) or self._timed_out(record)
        if never:
            self._end(record, StepStatus.FAILED, never)
        elif isinstance(record.planned.step, WAITING_ONLY):
            self._await(record)
        elif record.status is StepStatus.WAITING:
            self._begin(record)
        elif record.status is StepStatus.INTENDED:
            self._read_back(record)
        elif isinstance(record.planned.step, JoinTraffic | LeaveTraffic):
            self._repeat(record)

    def send(self) -> None:
        """Send all errands at once; journal what came of each."""
        if not (self.errands and self._in_term()):
            return
        attempts = [[Attempt(call) for call in errand.calls] for errand in self.errands]
        flat = [attempt for group in attempts for attempt in group]
        results = iter(self.runtime.gather([Call(one.call.world, one.run) for one in flat], self.hands.call_timeout))
        for errand, group in zip(self.errands, attempts, strict=True):
            replies = [reply(attempt, next(results)) for attempt in group]
            self._put(settle(errand.record, replies, first=errand.first, runtime=self.runtime))

    def _await(self, record: StepRecord) -> None:
        if record.status is StepStatus.WAITING:
            self._put(replace(record, status=StepStatus.SENT, reasons=(Reason(Code.WAITING),)))

    def _begin(self, record: StepRecord) -> None:
        if not due(record, self.ctx.now):
            return
        reasons = self.held.get(record.planned.id, ()) or precondition(record, self.ctx)
        if any(reason.code in HOPELESS for reason in reasons):
            self._end(record, StepStatus.FAILED, reasons)
        elif reasons:
            self._wait(record, reasons)
        elif self._in_term() and self._free(record):
            token = Token(self.runtime.new_id())
            intent = resolve(record, self.ctx, token, self.lease.term)
            first_try = self.ctx.now if not record.tries else record.began_at
            self._intend(replace(record, intent=intent, began_at=first_try, acted_at=self.ctx.now), first=True)

    def _read_back(self, record: StepRecord) -> None:
        """Sent without a reply, or journalled and never sent: the world tells."""
        landing = landed(record, self.ctx)
        if landing is Landing.APPLIED:
            self._put(replace(record, status=StepStatus.SENT, reasons=(Reason(Code.BEGUN),)))
        elif landing is Landing.CHANGED:
            self._end(record, StepStatus.FAILED, overruled(record, self.ctx))
        else:
            self._repeat(record)

    def _repeat(self, record: StepRecord) -> None:
        """The same intent again, if what it rests on still holds; a joining looks anew for who is missing."""
        if not (due(record, self.ctx.now) and self._in_term() and self._free(record)):
            return
        reasons = self.held.get(record.planned.id, ()) or precondition(record, self.ctx)
        if record.status is StepStatus.INTENDED and any(reason.code in HOPELESS for reason in reasons):
            self._end(record, StepStatus.FAILED, reasons)
        elif reasons:
            self._wait(record, reasons)
        else:
            self._resend(record)

    def _resend(self, record: StepRecord) -> None:
        if isinstance(record.planned.step, JoinTraffic | Unfence) and record.intent:
            record = replace(record, intent=resolve(record, self.ctx, record.intent.token, self.lease.term))
        if calls_of(record, self.ctx, self.lease, self.hands):
            self._intend(replace(record, acted_at=self.ctx.now), first=False)
        elif isinstance(record.planned.step, JoinTraffic):
            self._wait(record, self._sick(record.planned.step) or record.reasons)

    def _sick(self, step: JoinTraffic) -> tuple[Reason, ...]:
        """Why nobody may come to join: the workload's replicas end by themselves, or never get healthy."""
        workload = self.ctx.workload(step.workload)
        return (Reason(Code.LAUNCHES_FAILING, names=(str(step.workload),)),) if workload and workload.failures else ()

    def _intend(self, record: StepRecord, *, first: bool) -> None:
        calls = calls_of(record, self.ctx, self.lease, self.hands)
        if not calls:
            self._put(replace(record, status=StepStatus.SENT, reasons=(Reason(Code.BEGUN),)))
            return
        intended = replace(record, status=StepStatus.INTENDED, tries=record.tries + 1, reasons=(Reason(Code.BEGUN),))
        self._put(intended)
        self.errands.append(_Errand(intended, calls, first))

    def _ready(self, record: StepRecord) -> bool:
        """Whether all it comes after is done. Steps the plan no longer holds are not waited for: preconditions carry the safety."""
        waits = frozenset(record.planned.after)
        before = [one.status for one in self.ctx.commitments.records if one.planned.id in waits]
        return all(status is StepStatus.DONE for status in before)

    def _timed_out(self, record: StepRecord) -> tuple[Reason, ...]:
        waited = since(record.began_at or self.ctx.now, self.ctx.now)
        if waited < record.planned.timeout:
            return ()
        step = record.planned.step
        replaces = isinstance(step, AwaitHealthy) or (isinstance(step, JoinTraffic) and step.off is not None)
        code = Code.NEVER_HEALTHY if replaces else Code.TIMED_OUT
        return (Reason(code, (waited.ms,), "ms"), *record.reasons)

    def _in_term(self) -> bool:
        """Whether a call sent now ends within our term, and no call of the term before ours can still be under way.

        By the clock that never steps, where the lease tells: the wall clocks of the store and of this process may be far apart.
        """
        lease, longest, wall, steady = self.lease, self.hands.call_timeout.ms, self.runtime.now(), self.runtime.monotonic()
        left = lease.until - wall if lease.ends is None else lease.ends - steady
        begun = wall - lease.began if lease.started is None else steady - lease.started
        return begun >= longest and left > longest

    def _free(self, record: StepRecord) -> bool:
        """Whether nothing of an unknown outcome touches the same objects."""
        mine = touched(record.planned.step)
        others = (one for one in self.ctx.commitments.records if one.planned.id != record.planned.id)
        return not any(one.status is StepStatus.INTENDED and touched(one.planned.step) & mine for one in others)

    def _wait(self, record: StepRecord, reasons: tuple[Reason, ...]) -> None:
        """Say what it waits for, when that changed: numbers alone are not worth a write."""
        told = [(reason.code, reason.names) for reason in record.reasons]
        if told != [(reason.code, reason.names) for reason in reasons]:
            self._put(replace(record, reasons=reasons))

    def _end(self, record: StepRecord, status: StepStatus, reasons: tuple[Reason, ...]) -> None:
        self._put(replace(record, status=status, ended_at=self.ctx.now, reasons=reasons))

    def _put(self, record: StepRecord) -> None:
        """Journal, then believe it."""
        self.journal.write(record, self.lease)
        known = self.ctx.commitments
        records = tuple(record if one.planned.id == record.planned.id else one for one in known.records)
        self.ctx = replace(self.ctx, commitments=Commitments(plan=known.plan, records=records))


def _takes_away(record: StepRecord) -> bool:
    """Whether its call can lower what serves."""
    step = record.planned.step
    lowers = isinstance(step, SetReplicas) and step.change < 0
    return lowers or isinstance(step, LeaveTraffic | StopReplica | Evacuate | RemoveNode | ReleaseInstance)
