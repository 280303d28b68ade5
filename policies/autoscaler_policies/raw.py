"""What the load alone asks for: the count that brings a metric exactly to its target, without any tolerance."""

from functools import lru_cache

from autoscaler.contracts.rule import Situation
from autoscaler.model.quantities import Number, Share
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import MetricName
from autoscaler.model.votes import VoteKind
from autoscaler_policies.target_tracking import Per, TargetTracking


def raw_count(metric: MetricName, target: Share | Number, per: Per | None, situation: Situation) -> int | Reason:
    """The count, or why it cannot be told. Replicas without a sample are filled in as `target_tracking` does it."""
    vote = _tracking(metric, target, per).vote(situation)
    if vote.kind is VoteKind.UNKNOWN:
        return vote.reasons[0]
    if vote.count is not None:
        return vote.count
    return situation.target.replicas if vote.asks is None else vote.asks


@lru_cache(maxsize=1024)
def _tracking(metric: MetricName, target: Share | Number, per: Per | None) -> TargetTracking:
    return TargetTracking(metric=metric, target=target, per=per, tolerance=Share(0))
