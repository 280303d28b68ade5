"""Requests handed over through the store: what they ask for, and what became of them. Pure; the holder of the lease answers."""

from collections.abc import Sequence
from dataclasses import replace

from autoscaler import planning
from autoscaler.contracts.store import Request, RequestKind
from autoscaler.errors import RefusedError, StalePlanError
from autoscaler.model.commitments import OPEN, Commitments
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.observations import ClusterState, Observation, replicas_on
from autoscaler.model.plans import Plan
from autoscaler.model.refs import NodeRef
from autoscaler.model.samples import Unknown
from autoscaler.model.workloads import Replica, WorkloadKind

FAILED, STALE, REFUSED = 1, StalePlanError.exit_code, RefusedError.exit_code


def pinned_plan(requests: Sequence[Request]) -> Plan | None:
    """The plan to carry out in place of our own: that of the oldest APPLY request not dealt with."""
    return next((one.plan for one in requests if one.kind is RequestKind.APPLY and one.plan), None)


def asked_drains(requests: Sequence[Request]) -> frozenset[str]:
    """Names of the nodes an operator wants empty. Who takes it back wins, whichever clock was behind: that takes nothing away."""
    return frozenset(request.subject for request in requests if request.kind is RequestKind.DRAIN) - asked_reopens(requests)


def asked_reopens(requests: Sequence[Request]) -> frozenset[str]:
    """Names of the nodes an operator wants back."""
    return frozenset(request.subject for request in requests if request.kind is RequestKind.CANCEL_DRAIN)


def applied(request: Request, commitments: Commitments, *, diverged: bool, stale: str) -> Request | None:
    """An APPLY request with its outcome, or None while it is being dealt with. `stale`: why its plan was never begun."""
    plan = request.plan
    if plan is None:
        return replace(request, outcome="the request names no plan", exit_code=FAILED)
    if diverged:
        return replace(request, outcome="the world diverged: what was in flight is finished or undone", exit_code=STALE)
    if commitments.plan is None or commitments.plan.id != plan.id:
        return replace(request, outcome=stale, exit_code=STALE) if stale else None
    over = all(one.status not in OPEN for one in commitments.records if one.plan == plan.id)
    return replace(request, outcome="applied") if over else None


def answered(request: Request, requests: Sequence[Request], commitments: Commitments, observation: Observation) -> Request | None:
    """A request about a node with its outcome, or None while it is being dealt with."""
    if request.kind is RequestKind.DRAIN and request.subject in asked_reopens(requests):
        return replace(request, outcome="cancelled", exit_code=REFUSED)
    state = observation.state
    if isinstance(state, Unknown):
        return None
    return (_drained if request.kind is RequestKind.DRAIN else _reopened)(request, commitments, state)


def _reopened(request: Request, commitments: Commitments, state: ClusterState) -> Request | None:
    """Not before the node is open again: it is the wish that keeps it from staying as it was left. Unless it was not we who closed it."""
    node = next((node for node in state.nodes if node.name == request.subject), None)
    if node is None and commitments.operation(f"close {request.subject}"):
        return replace(request, outcome="too late: drained and gone", exit_code=REFUSED)
    return None if node and planning.ours(node) else replace(request, outcome="cancelled")


def _drained(request: Request, commitments: Commitments, state: ClusterState) -> Request | None:
    node = next((node for node in state.nodes if node.name == request.subject), None)
    if node is None:
        closed = bool(commitments.operation(f"close {request.subject}"))
        return replace(request, outcome="drained and gone" if closed else "no node has that name", exit_code=0 if closed else FAILED)
    if node.manager:
        return replace(request, outcome="it runs the orchestrator itself and is never closed", exit_code=REFUSED)
    # Not before its operation is over: one still under way is taken back once nobody asks for it any more. Nor while one that failed
    # is being taken back: the node is opened again, to be closed anew.
    names = (f"close {node.name}", f"undo {node.name}")
    under_way = any(one.status in OPEN for name in names for one in commitments.operation(name))
    done = node.availability is not NodeAvailability.OPEN and not under_way and not _left(state, node.ref)
    return replace(request, outcome="drained") if done else None


def _left(state: ClusterState, node: NodeRef) -> list[Replica]:
    """What stands there and does not end with the node; strangers too."""
    daemons = {workload.ref for workload in state.workloads if workload.kind is WorkloadKind.GLOBAL}
    return [one for one in replicas_on(state, node) if one.workload not in daemons]
