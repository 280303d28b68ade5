"""The end of every recipe: the empty machine goes back to its cloud, then its orchestrator forgets it."""

from autoscaler.model.steps import ReleaseInstance, RemoveNode
from autoscaler.planning.drafts import START, DraftStep
from autoscaler.planning.recipes.parts import Emptying


def give_away(emptying: Emptying, steps: list[DraftStep]) -> tuple[DraftStep, ...]:
    """Add the end. A machine in no pool of ours stays, emptied."""
    if emptying.pool is None or emptying.instance is None:
        return tuple(steps)
    node = emptying.node.ref
    waited = {place for one in steps for place in one.after}
    ends = tuple(place for place in range(len(steps)) if place not in waited)
    release = ReleaseInstance(pool=emptying.pool, instance=emptying.instance, node=node)
    steps.append(DraftStep(step=release, after=ends, timeout=START))
    # Only then: orchestrators refuse to forget a machine that still answers.
    steps.append(DraftStep(step=RemoveNode(node=node), after=(len(steps) - 1,), timeout=START))
    return tuple(steps)
