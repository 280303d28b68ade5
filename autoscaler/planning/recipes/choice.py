"""Which recipe: asked of capabilities only."""

from autoscaler.model.observations import Capabilities, Moves
from autoscaler.planning.recipes.parts import Recipe
from autoscaler.planning.recipes.replace_each import replace_each
from autoscaler.planning.recipes.surge_and_empty import surge_and_empty

SURGE_AND_EMPTY = Recipe(name="surge_and_empty", doubles=True, expand=surge_and_empty)
REPLACE_EACH = Recipe(name="replace_each", doubles=False, expand=replace_each)


def recipe_for(capabilities: Capabilities) -> Recipe | None:
    """`replace_each` where we place and stop each replica; `surge_and_empty` where the orchestrator does; else none is proven."""
    if capabilities.moves is Moves.REPLICA:
        return REPLACE_EACH if capabilities.bound and capabilities.stops else None
    return None if capabilities.stops else SURGE_AND_EMPTY
