"""Whether a saved plan is still of this world."""

from autoscaler.engine.dry import Thought
from autoscaler.engine.pinning import stale
from autoscaler.errors import StalePlanError
from autoscaler.model.plans import Plan


def check_fresh(plan: Plan, thought: Thought) -> None:
    """StalePlanError if the plan is too old, or what it rests on changed. A plan that is under way already is carried on with."""
    current = thought.past.commitments
    under_way = current.plan is not None and current.plan.id == plan.id and current.open
    why = "" if under_way else stale(thought, plan)
    if why:
        raise StalePlanError(why, hint="plan again, and look again")
