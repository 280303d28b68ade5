"""A count that somebody else has worked out already: as many replicas as a metric says."""

from dataclasses import dataclass

from autoscaler.contracts.rule import Situation
from autoscaler.errors import PolicyError
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import BUILT_IN_METRICS, MetricName
from autoscaler.model.samples import MetricNeed
from autoscaler.model.votes import Vote
from autoscaler_policies.amounts import readable

WHOLE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """As many replicas as `metric` says, a part of one counting as a whole one: partitions, tenants, another planner's answer.

    Nomad's pass-through cuts the fraction off; what asks for 2.5 gets 3 here, as everywhere else.
    """

    metric: MetricName

    def __post_init__(self) -> None:
        """PolicyError for a metric that is a share: a count it is not."""
        if self.metric in BUILT_IN_METRICS:
            raise PolicyError(f"{self.metric} is a share of what the replicas request, not a count", hint="write target_tracking for it")

    def needs(self) -> tuple[MetricNeed, ...]:
        """The one metric, as a total."""
        return (MetricNeed(metric=self.metric, per_replica=False),)

    def vote(self, situation: Situation) -> Vote:
        """A want, or unknown; a count below zero is no count."""
        sample = readable(self.metric, situation.samples[self.metric])
        if isinstance(sample, Reason):
            return Vote.unknown(sample)
        return Vote.want(-(-sample.milli // WHOLE), Reason(Code.FOLLOWED, (sample.milli,), "milli", (self.metric,)))
