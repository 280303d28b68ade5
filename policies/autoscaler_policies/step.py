"""Steps by how far a metric is off: little for a little, much for much. The arithmetic is that of AWS step scaling."""

from dataclasses import dataclass

from autoscaler.contracts.rule import Situation
from autoscaler.errors import PolicyError
from autoscaler.model.history import History
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import MetricNeed, Sample
from autoscaler.model.votes import Vote
from autoscaler_policies.amounts import check_share, readable, size_of, unit_of

HINT = "write add: 2, add: 30% or exact: 8 for a step out; remove: 1, remove: 10% or exact: 2 for one in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """From this value on, the value included: `add` so many or such a share of the present count, or go to `exact`."""

    from_: Share | Number
    add: int | Share | None = None
    exact: int | None = None

    def __post_init__(self) -> None:
        """PolicyError unless it says exactly one thing to do."""
        _check_one(self.add, self.exact)


@dataclass(frozen=True, slots=True, kw_only=True)
class In:
    """Down to this value, the value included: `remove` so many or such a share of the present count, or go to `exact`."""

    to: Share | Number
    remove: int | Share | None = None
    exact: int | None = None

    def __post_init__(self) -> None:
        """PolicyError unless it says exactly one thing to do."""
        _check_one(self.remove, self.exact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The farthest step of `out` that `metric` has reached, or of `in`; between them the present count is right.

    A share of the count is cut to whole replicas, and is at least one, or `least`. What was added within `warm_up` does its work only
    afterwards: till then a step adds what it asks for beyond that, and nothing is removed.
    """

    metric: MetricName
    out: tuple[Out, ...] = ()
    in_: tuple[In, ...] = ()
    least: int = 1
    warm_up: Duration = Duration(0)

    def __post_init__(self) -> None:
        """PolicyError for no steps, steps of two kinds, steps that overlap, and numbers where the metric is a share."""
        edges = [one.from_ for one in self.out] + [one.to for one in self.in_]
        if not edges:
            raise PolicyError("a rule without steps never does anything", hint="write out: [{from: 70%, add: 1}]")
        if len({type(one) for one in edges}) > 1:
            raise PolicyError("some steps are shares and some are numbers", hint="write all as 70%, or all as 70")
        check_share(self.metric, edges[0], "70%")
        if self.out and self.in_ and max(one.to.milli for one in self.in_) >= min(one.from_.milli for one in self.out):
            raise PolicyError("a value would be out and in at once", hint="let the steps in end below where the steps out begin")

    def needs(self) -> tuple[MetricNeed, ...]:
        """The one metric; an average over replicas where the steps are shares."""
        return (MetricNeed(metric=self.metric, per_replica=isinstance(self._edge, Share)),)

    def vote(self, situation: Situation) -> Vote:
        """A want, a hold between the steps or while warming up, or unknown."""
        sample, current = readable(self.metric, situation.samples[self.metric]), situation.target.replicas
        if isinstance(sample, Reason):
            return Vote.unknown(sample)
        warming = _added(situation.history, Instant(situation.now - self.warm_up.ms))
        out = max((one for one in self.out if one.from_.milli <= sample.milli), key=lambda one: one.from_.milli, default=None)
        if out:
            return self._out(out, sample, current, warming)
        within = min((one for one in self.in_ if one.to.milli >= sample.milli), key=lambda one: one.to.milli, default=None)
        if within:
            return self._in(within, sample, current, warming)
        return Vote.hold(Reason(Code.BETWEEN_STEPS, (sample.milli,), self._unit, (self.metric,)))

    def _out(self, step: Out, sample: Sample, current: int, warming: int) -> Vote:
        why = Reason(Code.STEP_OUT, (sample.milli, step.from_.milli), self._unit, (self.metric,))
        base = max(0, current - warming)
        wanted = step.exact if step.exact is not None else base + size_of(step.add or 0, base, self.least)
        if wanted <= current:
            return Vote.hold(why, *_still(warming))
        return Vote.want(wanted, why)

    def _in(self, step: In, sample: Sample, current: int, warming: int) -> Vote:
        why = Reason(Code.STEP_IN, (sample.milli, step.to.milli), self._unit, (self.metric,))
        wanted = step.exact if step.exact is not None else max(0, current - size_of(step.remove or 0, current, self.least))
        if warming or wanted >= current:
            return Vote.hold(why, *_still(warming))
        return Vote.want(wanted, why)

    @property
    def _edge(self) -> Share | Number:
        return self.out[0].from_ if self.out else self.in_[0].to

    @property
    def _unit(self) -> str:
        return unit_of(self._edge)


def _added(history: History, since: Instant) -> int:
    """By how much we raised the count after `since`."""
    return sum(event.change for event in history.events if event.at > since and event.change > 0 and not event.foreign)


def _still(warming: int) -> tuple[Reason, ...]:
    return (Reason(Code.WARMING_UP, (warming,), "replicas"),) if warming else ()


def _check_one(change: int | Share | None, exact: int | None) -> None:
    if (change is None) == (exact is None):
        raise PolicyError("a step does exactly one thing", hint=HINT)
