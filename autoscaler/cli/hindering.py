"""Says why nothing happens: a drain that waits in silence looks like one that hangs."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from autoscaler.cli.terminal import say
from autoscaler.errors import AutoscalerError
from autoscaler.explaining import because
from autoscaler.model.commitments import Commitments
from autoscaler.model.plans import Plan
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Reason
from autoscaler.service.runtime import SystemRuntime

EVERY = Duration(10_000)
"""Between two looks at what stands in the way: each reads the whole cluster."""


@dataclass(slots=True, kw_only=True)
class Hindrance:
    """What keeps the node from being emptied."""

    node: str
    runtime: SystemRuntime
    said: str = ""
    again: int = 0

    def tell(self, commitments: Commitments, look: Callable[[], Plan]) -> None:
        """Say what is new, while no step of emptying it is under way. `look`: the plan as it would be made now."""
        under_way = any(one.planned.operation == f"close {self.node}" for one in commitments.open)
        if under_way or self.runtime.monotonic() < self.again:
            return
        self.again = self.runtime.monotonic() + EVERY.ms
        words = self.said
        with suppress(AutoscalerError):  # what cannot be read now is looked at again
            words = because(hindrances(look(), self.node))
        if words and words != self.said:
            say(f"waiting: {words}")
        self.said = words


def hindrances(plan: Plan, node: str) -> tuple[Reason, ...]:
    """Why the plan does not empty the node, each reason once."""
    remarks = (reason for one in plan.remarks if one.subject == f"node:{node}" for reason in one.reasons)
    withheld = (reason for one in plan.withheld if one.step.operation == f"close {node}" for reason in one.reasons)
    return tuple(dict.fromkeys((*remarks, *withheld)))
