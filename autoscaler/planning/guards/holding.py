"""What guards say of steps that were planned before and wait still: they go back to being withheld."""

from autoscaler.model.commitments import StepStatus
from autoscaler.model.plans import PlannedStep, Withheld
from autoscaler.model.reasons import Reason
from autoscaler.planning.drafts import Draft, destructive
from autoscaler.planning.facts import Facts
from autoscaler.planning.guards.freezing import frozen_operation
from autoscaler.planning.guards.health import launches_failing, unhealthy
from autoscaler.planning.guards.modes import passive_operation
from autoscaler.planning.standing import touches

Kept = dict[str, tuple[PlannedStep, ...]]


def hold_back(facts: Facts, kept: Kept) -> tuple[Kept, list[Withheld]]:
    """The steps of `kept` that may go on, and those that may not, with all that waits for them. What was begun is not touched."""
    halted = unhealthy(facts) + launches_failing(facts)
    reasons = {name: _reasons(facts, name, steps) for name, steps in kept.items()}
    waiting = {one.planned.id for one in facts.request.commitments.records if one.status is StepStatus.WAITING}
    out: dict[str, Withheld] = {}
    for name, steps in kept.items():
        for one in steps:
            why = reasons[name] or (halted if _shrinks(name, one) else ())
            why = why or next((out[before].reasons for before in one.after if before in out), ())
            if why and one.id in waiting:
                out[one.id] = Withheld(step=one, reasons=why)
    left = {name: tuple(one for one in steps if one.id not in out) for name, steps in kept.items()}
    return {name: steps for name, steps in left.items() if steps}, list(out.values())


def _reasons(facts: Facts, name: str, steps: tuple[PlannedStep, ...]) -> tuple[Reason, ...]:
    """A close or a scale that may not be is given up or finished as a whole, by the review."""
    draft = _draft(name, steps)
    return frozen_operation(facts, draft) or (() if draft.verb in ("close", "scale") else passive_operation(facts, draft))


def _shrinks(name: str, planned: PlannedStep) -> bool:
    """Taking back, mending and giving away what failed go on in any weather."""
    return name.partition(" ")[0] in ("close", "scale") and destructive(planned.step)


def _draft(name: str, steps: tuple[PlannedStep, ...]) -> Draft:
    nodes = [getattr(one.step, "node", None) for one in steps]
    pools = [getattr(one.step, "pool", None) for one in steps]
    return Draft(
        operation=name,
        steps=(),
        node=next((one for one in nodes if one), None),
        pool=next((one for one in pools if one), None),
        workloads=tuple(sorted({ref for one in steps for ref in touches(one)})),
    )
