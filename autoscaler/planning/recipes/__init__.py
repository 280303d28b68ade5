"""How a node is emptied, by what its orchestrator can do and never by its name: pure expansions into steps."""

from autoscaler.planning.recipes.choice import recipe_for
from autoscaler.planning.recipes.parts import Emptying, Part, Recipe

__all__ = ["Emptying", "Part", "Recipe", "recipe_for"]
