"""What each kind of step rests on and must bring about: pure, asked with the world of now, whoever planned the step.

The safety rules of a change stand here and nowhere else: floor, room, exact victims, observed emptiness, foreign changes. A plan may be
wrong or old; a step that would break a rule does not begin.
"""

from autoscaler.planning.conditions.context import Context
from autoscaler.planning.conditions.landing import Landing
from autoscaler.planning.conditions.table import WAITING_ONLY, concluded, failed, landed, overruled, postcondition, precondition, resolve

__all__ = ["WAITING_ONLY", "Context", "Landing", "concluded", "failed", "landed", "overruled", "postcondition", "precondition", "resolve"]
