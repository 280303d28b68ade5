"""What became of a request handed over through the store: answered once it is, by the holder of the lease."""

from collections.abc import Sequence
from dataclasses import replace

from autoscaler.contracts.store import Request, RequestKind
from autoscaler.errors import RefusedError, StalePlanError
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.observations import Observation, replicas_on
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration, Instant, since
from autoscaler.model.samples import Unknown

FAILED, STALE = 1, StalePlanError.exit_code

PLAN_AGE = Duration(15 * 60_000)
"""A plan older than this is not begun: the world it was made for is gone."""


def pinned_plan(requests: Sequence[Request], commitments: Commitments, now: Instant) -> Plan | None:
    """The plan to carry out in place of our own: that of the oldest APPLY request not dealt with, if it is not too old to begin."""
    asked = (one.plan for one in requests if one.kind is RequestKind.APPLY and not _too_old(one, commitments, now))
    return next((plan for plan in asked if plan is not None), None)


def asked_drains(requests: Sequence[Request]) -> frozenset[str]:
    """Names of the nodes an operator wants empty."""
    cancelled = {request.subject for request in requests if request.kind is RequestKind.CANCEL_DRAIN}
    return frozenset(request.subject for request in requests if request.kind is RequestKind.DRAIN) - cancelled


def answered(request: Request, requests: Sequence[Request], commitments: Commitments, observation: Observation) -> Request | None:
    """The request with its outcome, or None while it is being dealt with."""
    if request.kind is RequestKind.APPLY:
        return _applied(request, commitments, observation.at)
    if request.kind is RequestKind.CANCEL_DRAIN:
        return replace(request, outcome="cancelled")
    if any(other.kind is RequestKind.CANCEL_DRAIN and other.subject == request.subject for other in requests):
        return replace(request, outcome="cancelled", exit_code=RefusedError.exit_code)
    return _drained(request, observation)


def _begun(request: Request, commitments: Commitments) -> bool:
    return commitments.plan is not None and request.plan is not None and commitments.plan.id == request.plan.id


def _too_old(request: Request, commitments: Commitments, now: Instant) -> bool:
    """Whoever asked may be long gone, and the world another: a plan not begun in time is not begun at all."""
    return not _begun(request, commitments) and since(request.at, now) > PLAN_AGE


def _applied(request: Request, commitments: Commitments, now: Instant) -> Request | None:
    plan = request.plan
    if plan is None:
        return replace(request, outcome="the request names no plan", exit_code=FAILED)
    if _too_old(request, commitments, now):
        return replace(request, outcome=f"nobody began it within {PLAN_AGE}", exit_code=STALE)
    records = [record for record in commitments.records if record.plan == plan.id]
    if any(record.status is StepStatus.FAILED for record in records):
        return replace(request, outcome="the world diverged: what was in flight is finished or undone", exit_code=STALE)
    return replace(request, outcome="applied") if _begun(request, commitments) and _over(records) else None


def _over(records: list[StepRecord]) -> bool:
    return all(record.status not in (StepStatus.WAITING, StepStatus.INTENDED, StepStatus.SENT) for record in records)


def _drained(request: Request, observation: Observation) -> Request | None:
    state = observation.state
    if isinstance(state, Unknown):
        return None
    node = next((node for node in state.nodes if node.name == request.subject), None)
    if node is None:
        return replace(request, outcome="no such node any more")
    managed = {workload.ref for workload in state.workloads if workload.kind.value != "global"}
    left = [one for one in replicas_on(state, node.ref) if one.workload in managed]
    return None if left or node.availability.value == "open" else replace(request, outcome="drained")
