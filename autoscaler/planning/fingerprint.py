"""The parts of the world a saved plan rests on, as one hash: no metric, no time."""

from collections.abc import Iterable

from autoscaler.model.content import digest
from autoscaler.model.plans import Plan, PlannedStep
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import Fence
from autoscaler.planning.facts import Facts
from autoscaler.planning.request import PlanRequest
from autoscaler.planning.standing import touches

Scalar = str | int


def fingerprint_of(plan: Plan, request: PlanRequest) -> str:
    """What the plan's fingerprint would be if it were made on what is seen now; empty while the cluster cannot be read."""
    state = request.observation.state
    return "" if isinstance(state, Unknown) else fingerprint(Facts.gather(request, state), plan.steps)


def fingerprint(facts: Facts, steps: tuple[PlannedStep, ...]) -> str:
    """Policies, the cluster's identity, pool counts, nodes and their states, versions and places of what the steps touch."""
    touched = sorted({ref for one in steps for ref in touches(one)})
    parts = (
        facts.request.policies.digest,
        facts.state.identity,
        _columns((pool.pool, pool.wanted) for pool in facts.pools.values()),
        _columns((node.ref.id, node.ref.incarnation, node.state.value, node.availability.value) for node in facts.state.nodes),
        tuple(_workload(facts, ref) for ref in touched),
        tuple(sorted(one.step.node.id for one in steps if isinstance(one.step, Fence))),
    )
    return digest(parts)[:16]


def _workload(facts: Facts, ref: WorkloadRef) -> tuple[str, str, tuple[tuple[str, ...], ...]]:
    workload = facts.workloads.get(ref)
    places = {one.id: one.node.id if one.node else "" for one in facts.of.get(ref, ())}
    ids = tuple(sorted(places))
    return str(ref), workload.version if workload else "", (ids, tuple(map(places.__getitem__, ids)))


def _columns(rows: Iterable[tuple[Scalar, ...]]) -> tuple[tuple[Scalar, ...], ...]:
    """In order, field by field."""
    return tuple(zip(*sorted(rows), strict=True))
