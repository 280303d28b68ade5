"""Out when any threshold is passed, in when all allow it and it would not come back at once: the rules of Azure Monitor."""

from collections.abc import Iterator
from dataclasses import dataclass

from autoscaler.contracts.rule import Situation
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Number, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import MetricNeed, Sample
from autoscaler.model.votes import Vote
from autoscaler_policies.amounts import check_share, readable, size_of, unit_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """While `metric` is above this, `add` so many replicas, or such a share of them."""

    metric: MetricName
    above: Share | Number
    add: int | Share = 1

    def __post_init__(self) -> None:
        """PolicyError for a number where the metric is a share."""
        check_share(self.metric, self.above, "70%")

    def passed(self, sample: Sample) -> bool:
        """Whether it is."""
        return sample.milli > self.above.milli


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """While `metric` is below this, so many replicas, or such a share of them, may go."""

    metric: MetricName
    below: Share | Number
    remove: int | Share = 1

    def __post_init__(self) -> None:
        """PolicyError for a number where the metric is a share."""
        check_share(self.metric, self.below, "30%")

    def passed(self, sample: Sample) -> bool:
        """Whether it is."""
        return sample.milli < self.below.milli


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Any of `out` that is passed adds, the one that adds most; all of `in` must be passed for any to go, and the least goes.

    Nothing goes that would have to come back: each metric is taken to spread over those who stay, and where that would pass a
    threshold out, fewer go, or none.
    """

    out: tuple[Above, ...] = ()
    in_: tuple[Below, ...] = ()

    def __post_init__(self) -> None:
        """PolicyError for a rule without thresholds, and for a metric that is a share here and a number there."""
        kinds = [(one.metric, type(edge)) for one, edge in self._edges()]
        if not kinds:
            raise PolicyError("a rule without thresholds never does anything", hint="write out: [{metric: cpu, above: 70%, add: 1}]")
        for metric, kind in kinds:
            if any(name == metric and other is not kind for name, other in kinds):
                raise PolicyError(f"{metric} is a share here and a number there", hint="write all its thresholds as 70%, or all as 70")

    def needs(self) -> tuple[MetricNeed, ...]:
        """Every metric once; an average over replicas where its thresholds are shares."""
        found = {one.metric: isinstance(edge, Share) for one, edge in self._edges()}
        return tuple(MetricNeed(metric=metric, per_replica=shared) for metric, shared in found.items())

    def vote(self, situation: Situation) -> Vote:
        """A want; a bound where something is passed and something else cannot be seen; a hold between; or unknown."""
        read = {need.metric: readable(need.metric, situation.samples[need.metric]) for need in self.needs()}
        seen = {metric: one for metric, one in read.items() if isinstance(one, Sample)}
        unseen = tuple(one for one in read.values() if isinstance(one, Reason))
        current = situation.target.replicas
        passed = [one for one in self.out if one.metric in seen and one.passed(seen[one.metric])]
        if passed:
            most = max(passed, key=lambda one: size_of(one.add, current))
            why = Reason(Code.STEP_OUT, (seen[most.metric].milli, most.above.milli), unit_of(most.above), (most.metric,))
            wanted = current + size_of(most.add, current)
            return Vote.at_least(wanted, why) if unseen else Vote.want(wanted, why)
        if unseen:
            return Vote.unknown(*unseen)
        return self._in(seen, current)

    def _in(self, seen: dict[MetricName, Sample], current: int) -> Vote:
        left = next((one for one in self.in_ if not one.passed(seen[one.metric])), None)
        if left or not self.in_ or not current:
            metric = left.metric if left else next(iter(seen))
            unit = unit_of(next(edge for one, edge in self._edges() if one.metric == metric))
            return Vote.hold(Reason(Code.BETWEEN_STEPS, (seen[metric].milli,), unit, (metric,)))
        least = min(self.in_, key=lambda one: size_of(one.remove, current))
        why = Reason(Code.STEP_IN, (seen[least.metric].milli, least.below.milli), unit_of(least.below), (least.metric,))
        asked = max(0, current - size_of(least.remove, current))
        wanted = next((count for count in range(asked, current) if not self._comes_back(seen, current, count)), current)
        if wanted == current:
            return Vote.hold(why, Reason(Code.WOULD_COME_BACK, (asked,), "replicas"))
        return Vote.want(wanted, why)

    def _comes_back(self, seen: dict[MetricName, Sample], current: int, count: int) -> bool:
        """Whether those who stay would pass a threshold out, each bearing its part of what all bear now."""
        return any(seen[one.metric].milli * current > one.above.milli * count for one in self.out if one.metric in seen)

    def _edges(self) -> Iterator[tuple[Above | Below, Share | Number]]:
        yield from ((one, one.above) for one in self.out)
        yield from ((one, one.below) for one in self.in_)
