"""Carrying out exactly one plan, agreed to beforehand, in place of whatever would be decided now. Pure."""

from dataclasses import replace

from autoscaler import planning
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.engine.dry import Thought, think
from autoscaler.model.commitments import BEGUN, OPEN, Commitments, StepRecord, StepStatus
from autoscaler.model.plans import Plan
from autoscaler.model.policies import Mode
from autoscaler.model.quantities import Duration, Instant, since

PLAN_AGE = Duration(15 * 60_000)
"""A plan older than this is not begun: the world it was made for is gone."""


def pin(thought: Thought, pinned: Plan, earlier: tuple[StepRecord, ...]) -> Thought:
    """The tick's thought with `pinned` for its plan, while it may be and goes well.

    `earlier`: what the journal has of it. What is in flight and not part of it is finished or undone first; once a step of it failed, so
    is what it began, and the rest is dropped. Too old or of another world: the thought as it was.
    """
    before = thought.past.commitments
    if diverged(before, pinned, earlier) or (not begun(before, pinned) and _in_flight(before, pinned)):
        return replace(think(calm(thought.policies), thought.observation, thought.past), own=thought)
    if begun(before, pinned) or not stale(thought, pinned):
        return replace(thought, plan=pinned, own=thought)
    return thought


def begun(commitments: Commitments, pinned: Plan) -> bool:
    """Whether it is the plan being carried out."""
    return commitments.plan is not None and commitments.plan.id == pinned.id


def diverged(commitments: Commitments, pinned: Plan, earlier: tuple[StepRecord, ...]) -> bool:
    """Whether a step of it failed, or it was given up for another plan already."""
    failed = any(one.plan == pinned.id and one.status is StepStatus.FAILED for one in commitments.records)
    return failed or (bool(earlier) and not begun(commitments, pinned))


def stale(thought: Thought, pinned: Plan) -> str:
    """Why it may not be begun any more, or nothing."""
    if too_old(pinned, thought.observation.at):
        return f"the plan is older than {PLAN_AGE}"
    if _given_up(thought.past.commitments, pinned):
        return "what the plan goes on with was given up since it was made"
    changed = planning.fingerprint_of(pinned, thought.request) != pinned.fingerprint
    return "the cluster or the policies changed since the plan was made" if changed else ""


def too_old(plan: Plan, now: Instant) -> bool:
    """Whoever agreed to it may be long gone."""
    return since(plan.made_at, now) > PLAN_AGE


def calm(policies: ClusterPolicies) -> ClusterPolicies:
    """The same promises to every workload, but nobody wants another count."""
    return replace(
        policies,
        policies=tuple(replace(one, mode=Mode.OFF) for one in policies.policies),
        selectors=tuple(replace(one, template=replace(one.template, mode=Mode.OFF)) for one in policies.selectors),
    )


def _given_up(commitments: Commitments, pinned: Plan) -> bool:
    """Whether a step that it carries on from an earlier plan was taken back, dropped or forgotten meanwhile."""
    going = {one.planned.id for one in commitments.records if one.status in OPEN | BEGUN}
    return any(step.id not in going for step in pinned.steps if not step.id.startswith(f"{pinned.id}."))


def _in_flight(commitments: Commitments, pinned: Plan) -> bool:
    """Steps begun, and awaited still, that the plan does not name."""
    named = {step.id for step in pinned.steps}
    return any(one.status in OPEN & BEGUN and one.planned.id not in named for one in commitments.records)
