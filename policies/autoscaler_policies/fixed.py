"""A count that load has no say in."""

from dataclasses import dataclass

from autoscaler.contracts.rule import Situation
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.samples import MetricNeed
from autoscaler.model.votes import Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Always `count`. Beside other rules it is what they fall back to while they want less; the highest want wins."""

    count: int

    def needs(self) -> tuple[MetricNeed, ...]:
        """None."""
        return ()

    def vote(self, situation: Situation) -> Vote:
        """A want, whatever the situation."""
        del situation
        return Vote.want(self.count, Reason(Code.FIXED_COUNT, (self.count,), "replicas"))
