"""Whether a saved plan is still of this world."""

from autoscaler.engine.dry import Thought
from autoscaler.errors import StalePlanError
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration, Instant, since
from autoscaler.planning import PlanRequest, fingerprint_of

OLDEST = Duration.parse("15m")
"""A plan shown longer ago was agreed to on another day's facts."""


def check_fresh(plan: Plan, thought: Thought, now: Instant) -> None:
    """StalePlanError if the plan is too old, or what it rests on changed. A plan that is under way already is carried on with."""
    current = thought.past.commitments
    if current.plan is not None and current.plan.id == plan.id and current.open:
        return
    if since(plan.made_at, now) > OLDEST:
        raise StalePlanError(f"the plan is older than {OLDEST}", hint="plan again, and look again")
    request = PlanRequest(observation=thought.observation, decisions=thought.decisions, policies=thought.policies)
    if fingerprint_of(plan, request) != plan.fingerprint:
        raise StalePlanError("the cluster or the policies changed since the plan was made", hint="plan again, and look again")
