"""What guards say of steps that were planned before and wait still: they are withheld for now, with all that comes after them."""

from collections import defaultdict
from collections.abc import Iterable

from autoscaler.model.commitments import BEGUN, Commitments, StepStatus
from autoscaler.model.marks import REPLICAS
from autoscaler.model.plans import Plan, PlannedStep, Withheld
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import NodeRef, PoolName, StepId, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import ReleaseInstance, RemoveNode, Step, Undo
from autoscaler.planning.drafts import Draft, destructive
from autoscaler.planning.facts import Facts
from autoscaler.planning.guards.freezing import frozen_operation
from autoscaler.planning.guards.health import launches_failing, unhealthy
from autoscaler.planning.guards.modes import passive_operation
from autoscaler.planning.request import PlanRequest
from autoscaler.planning.standing import touches

Kept = dict[str, tuple[PlannedStep, ...]]
Held = dict[StepId, tuple[Reason, ...]]

UNSENT = frozenset({StepStatus.WAITING, StepStatus.INTENDED})
"""Nothing was sent, or nobody knows that anything was: what is found to have been sent is not held back, but awaited."""


def held(plan: Plan, request: PlanRequest) -> Held:
    """Steps of `plan` that may not be sent as things stand, each with why; all of them while the cluster cannot be read.

    For any plan: the one being carried out, or one that somebody handed over. What was sent already is never in it.
    """
    statuses = {one.planned.id: one.status for one in request.commitments.records}
    unsent = frozenset(one.id for one in plan.steps if statuses.get(one.id, StepStatus.WAITING) in UNSENT)
    state = request.observation.state
    if isinstance(state, Unknown) or not unsent:
        why = (Reason(state.why, names=(plan.cluster,)),) if isinstance(state, Unknown) else ()
        return dict.fromkeys((one.id for one in plan.steps if one.id in unsent), why)
    facts, kept = Facts.gather(request, state), _by_operation(plan.steps)
    idle = frozenset(name for name, steps in kept.items() if not any(statuses.get(one.id) in BEGUN for one in steps))
    found = _held(facts, kept, unsent, idle) | _given_back(facts, plan, unsent)
    return _with_dependents([one for one in plan.steps if one.id in unsent], found)


def hold_back(facts: Facts, kept: Kept) -> tuple[Kept, list[Withheld]]:
    """The steps of `kept` that may go on, and those that may not, with all that waits for them. What was begun is not touched.

    Nor is the forgetting of a node whose machine was given back: it may have to wait, but nobody would plan it again.

    A close or a scale that its mode does not allow any more is given up or finished as a whole, by the review.
    """
    waiting = frozenset(one.planned.id for one in facts.request.commitments.records if one.status is StepStatus.WAITING)
    out = _held(facts, kept, waiting - _last_of_a_machine(facts.request.commitments), frozenset())
    left = {name: tuple(one for one in steps if one.id not in out) for name, steps in kept.items()}
    withheld = [Withheld(step=one, reasons=out[one.id]) for steps in kept.values() for one in steps if one.id in out]
    return {name: steps for name, steps in left.items() if steps}, withheld


def _last_of_a_machine(commitments: Commitments) -> frozenset[StepId]:
    gone = {one.planned.id for one in commitments.records if one.status in BEGUN and isinstance(one.planned.step, ReleaseInstance)}
    forget = (one.planned for one in commitments.records if isinstance(one.planned.step, RemoveNode))
    return frozenset(one.id for one in forget if not gone.isdisjoint(one.after))


def _held(facts: Facts, kept: Kept, waiting: frozenset[StepId], idle: frozenset[str]) -> Held:
    """`waiting`: steps that can be held at all. `idle`: operations not begun; a close or scale among them is held by its mode too."""
    halted = unhealthy(facts) + launches_failing(facts)
    out: Held = {}
    for name, steps in kept.items():
        whole = _reasons(facts, name, steps, asks_mode=name in idle)
        for one in steps:
            why = whole or (halted if _shrinks(name, one) else ())
            if why and one.id in waiting:
                out[one.id] = why
    return _with_dependents([one for steps in kept.values() for one in steps if one.id in waiting], out)


def _given_back(facts: Facts, plan: Plan, unsent: frozenset[StepId]) -> Held:
    """What takes back or mends and ends replicas by it: they stay while the cluster is in trouble, for who knows what they are good for.

    It is not sent, but stays in the plan: nobody else would give them back.
    """
    why = unhealthy(facts)
    ends = (one for one in plan.steps if one.id in unsent and one.operation.startswith(("undo ", "mend ")) and _ends_replicas(one.step))
    return {one.id: why for one in ends} if why else {}


def _ends_replicas(step: Step) -> bool:
    lowers = isinstance(step, Undo) and step.field == REPLICAS and int(step.was) < int(step.ours)
    return lowers or destructive(step)


def _with_dependents(steps: list[PlannedStep], out: Held) -> Held:
    """In a plan's order, and again until nothing more is found: operations wait for each other in any."""
    out = dict(out)
    while True:
        before = len(out)
        for one in steps:
            if one.id not in out and not out.keys().isdisjoint(one.after):
                out[one.id] = next(out[waited] for waited in one.after if waited in out)
        if len(out) == before:
            return out


def _reasons(facts: Facts, name: str, steps: tuple[PlannedStep, ...], *, asks_mode: bool) -> tuple[Reason, ...]:
    draft = _draft(facts, name, steps)
    asked = asks_mode or draft.verb not in ("close", "scale", "rebalance")
    return frozen_operation(facts, draft) or (passive_operation(facts, draft) if asked else ())


def _shrinks(name: str, planned: PlannedStep) -> bool:
    """Taking back, mending, giving away what failed and forgetting what was given back stay in the plan in any weather."""
    begins = name.partition(" ")[0] in ("close", "scale", "rebalance")
    return begins and destructive(planned.step) and not isinstance(planned.step, RemoveNode)


def _by_operation(steps: Iterable[PlannedStep]) -> Kept:
    grouped: dict[str, list[PlannedStep]] = defaultdict(list)
    for one in steps:
        grouped[one.operation].append(one)
    return {name: tuple(found) for name, found in grouped.items()}


def _draft(facts: Facts, name: str, steps: tuple[PlannedStep, ...]) -> Draft:
    """The operation as freezes and modes know it, found again in its steps."""
    return Draft(operation=name, steps=(), node=_node(facts, steps), pool=_pool(steps), workloads=_workloads(facts, steps))


def _node(facts: Facts, steps: tuple[PlannedStep, ...]) -> NodeRef | None:
    named = (getattr(one.step, "node", None) for one in steps)
    marked = (facts.named(one.step.object) for one in steps if isinstance(one.step, Undo))
    return next((one for one in named if one), None) or next((one.ref for one in marked if one), None)


def _pool(steps: tuple[PlannedStep, ...]) -> PoolName | None:
    return next((pool for pool in (getattr(one.step, "pool", None) for one in steps) if pool), None)


def _workloads(facts: Facts, steps: tuple[PlannedStep, ...]) -> tuple[WorkloadRef, ...]:
    marked = {one.step.object for one in steps if isinstance(one.step, Undo)}
    found = {ref for one in steps for ref in touches(one)} | {ref for ref in facts.workloads if marked and str(ref) in marked}
    return tuple(sorted(found))
