"""What no plan may do whatever is decided. A guard only takes away or makes smaller, and says so; growth of what is healthy goes on.

Each file is one guard. Counts are asked before placement, so that nothing rests on a change that will not come; operations after.
"""

from autoscaler.planning.guards.check import Guarded, guard, replicas_allowed, troubles, unfit, withheld_alone
from autoscaler.planning.guards.holding import held, hold_back

__all__ = ["Guarded", "guard", "held", "hold_back", "replicas_allowed", "troubles", "unfit", "withheld_alone"]
