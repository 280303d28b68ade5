"""Follow a metric: as many replicas as bring it to its target. The arithmetic is that of Kubernetes HPA v2.

Where the orchestrator tells each replica's lifecycle, it is that to the letter (`per_replica.py`). Where all there is to know is one
average and how many are ready, it is the same in integers, with the others filled in.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from autoscaler.contracts.rule import Situation
from autoscaler.contracts.rule import Target as Subject
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import BUILT_IN_METRICS, MetricName
from autoscaler.model.samples import MetricNeed, PerReplica, Sample
from autoscaler.model.votes import Vote, VoteKind
from autoscaler_policies import per_replica
from autoscaler_policies.amounts import readable, unit_of
from autoscaler_policies.averages import Tolerance
from autoscaler_policies.grouping import Settling

TEN_PERCENT = Share(100)
WHOLE = 1000
MEANT = range(10_000, 100_001)
"""Milli-units of a resource that are a share without its %: nobody gives a replica so many bytes, and few so many cores."""

LEAST_TARGET = 10
"""Milli-units: below 1% an average, itself rounded to a milli-unit, is mostly rounding."""


class Per(StrEnum):
    """REPLICA: the metric is a total, and `target` is what one replica takes of it."""

    REPLICA = "replica"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTracking:
    """Keep `metric` near `target`.

    A share (60%): the replicas' average, as of the built-ins cpu and memory. A number of those: what each replica uses, in cores or bytes,
    where that is told. A number `per: replica`: the metric is a total, divided
    by the target. A number alone: the metric grows with the load of the present replicas, and its ratio to the target is theirs.
    Within `tolerance` of the target, both ends included, the present count is right; `tolerance_up` and `tolerance_down` set its two ends
    apart. Replicas without a sample are filled in against the direction of the change. `docs/rules/target_tracking.md` has the formulas.

    Only where the orchestrator tells each replica's lifecycle: `container` names the one to look at, and `cpu_initialisation` and
    `readiness_delay` are how long a young replica's CPU says nothing.
    """

    metric: MetricName
    target: Share | Number
    per: Per | None = None
    tolerance: Share = TEN_PERCENT
    tolerance_up: Share | None = None
    tolerance_down: Share | None = None
    container: str = ""
    cpu_initialisation: Duration = Duration(300_000)
    readiness_delay: Duration = Duration(30_000)

    def __post_init__(self) -> None:
        """PolicyError for a target nothing can be divided by, and for a share counted per replica."""
        if isinstance(self.target, Share) and self.target.milli < LEAST_TARGET:
            raise PolicyError(f"a target of {self.target} is never met", hint="write 1% or more")
        if self.target.milli < 1:
            raise PolicyError("a target of 0 is never met", hint="write a number above 0, such as 200")
        if not isinstance(self.target, Share):
            _check_amount(self.metric, self.target, self.per)
        if isinstance(self.target, Share) and self.per:
            raise PolicyError("a share is an average over the replicas already", hint="leave out `per: replica`, or write a number")
        for tolerance in (self.tolerance, self.tolerance_up, self.tolerance_down):
            if tolerance is not None and tolerance.milli >= WHOLE:
                raise PolicyError(f"with a tolerance of {tolerance} nothing is ever done", hint="write less than 100%, such as 10%")

    def needs(self) -> tuple[MetricNeed, ...]:
        """The one metric; an average over replicas where the target is a share."""
        each = isinstance(self.target, Share) or self.metric in BUILT_IN_METRICS
        return (MetricNeed(metric=self.metric, per_replica=each, container=self.container),)

    def vote(self, situation: Situation) -> Vote:
        """A want, a hold near the target, or unknown."""
        reading = situation.samples[self.metric]
        if isinstance(reading, PerReplica):
            return per_replica.of_each(self._goal, reading, situation)
        sample = readable(self.metric, reading)
        if isinstance(sample, Reason):
            return Vote.unknown(sample)
        if self.metric in BUILT_IN_METRICS and not isinstance(self.target, Share):
            return Vote.unknown(Reason(Code.TOLD_AS_SHARE, names=(self.metric,)))
        if situation.target.observed is not None and not isinstance(self.target, Share):
            return self._told(sample, situation, situation.target.observed)
        if self.per is Per.REPLICA:
            return self._of_total(sample, situation.target.replicas)
        return self._of_average(sample, situation.target, _ready_at(sample.at, situation))

    @property
    def _goal(self) -> per_replica.Goal:
        return per_replica.Goal(
            metric=self.metric,
            target=self.target,
            tolerance=Tolerance(down=_part(self.tolerance_down, self.tolerance), up=_part(self.tolerance_up, self.tolerance)),
            container=self.container,
            settling=Settling(initialisation=self.cpu_initialisation, delay=self.readiness_delay),
        )

    def _told(self, sample: Sample, situation: Situation, observed: int) -> Vote:
        """Judged by what the orchestrator tells of the replicas, as HPA judges metrics of an object and external ones."""
        if self.per is Per.REPLICA:
            return per_replica.of_total(self._goal, sample, observed)
        return per_replica.of_value(self._goal, sample, situation)

    def _of_total(self, sample: Sample, replicas: int) -> Vote:
        """The total is shared out anew among as many replicas as it needs, however many there are now."""
        return self._vote(sample.milli, sample, replicas, replicas)

    def _of_average(self, sample: Sample, subject: Subject, ready_then: int) -> Vote:
        """The average of those counted, judged a second time with all the others filled in: the two must agree on the direction."""
        if subject.replicas == 0 and subject.ready == 0:
            return self._vote(sample.milli, sample, 0, 0)
        counted = sample.covers or subject.ready or subject.replicas
        load, goal = sample.milli * counted, self.target.milli * _of_ours(counted, subject)
        filled, holders = _filled(load, counted, subject, self._filler(load - goal))
        turned = (load - goal) * (filled - self.target.milli * holders) < 0
        near = Vote.hold(self._reason(Code.NEAR_TARGET, sample))
        vote = near if turned else self._vote(filled, sample, holders, subject.replicas)
        return _asking(vote, -(-load // self.target.milli), max(0, ready_then - counted), subject.replicas)

    def _filler(self, over: int) -> int | None:
        """What a replica without a sample is taken to use: nothing when more are wanted, a full 100% when fewer are; None: leave it out."""
        if over == 0:
            return None
        return 0 if over > 0 else max(WHOLE, self.target.milli) if isinstance(self.target, Share) else self.target.milli

    def _vote(self, load: int, sample: Sample, holders: int, current: int) -> Vote:
        """Judge `load`, the sum over `holders`, against as many times the target; `current` is the count to be changed."""
        goal = self.target.milli * holders
        tolerance = self.tolerance_up if load > goal else self.tolerance_down
        # An average is rounded to a milli-unit: closer than that it cannot tell, and would go to and fro.
        slack = max((self.tolerance if tolerance is None else tolerance).milli * goal, WHOLE * holders if self.per is None else 0)
        wanted = -(-load // self.target.milli)
        if current and abs(load - goal) * WHOLE <= slack:
            return Vote.hold(self._reason(Code.NEAR_TARGET, sample), asks=wanted)
        if current and (load - goal) * (wanted - current) < 0:
            return Vote.hold(self._reason(Code.OFF_TARGET, sample), asks=wanted)
        return Vote.want(wanted, self._reason(Code.OFF_TARGET if current else Code.NO_REPLICAS, sample))

    def _reason(self, code: Code, sample: Sample) -> Reason:
        return Reason(code, (sample.milli, self.target.milli), unit_of(self.target), (self.metric,))


def _asking(vote: Vote, seen: int, unseen: int, current: int) -> Vote:
    """With what the load alone asks for, where that is less: `seen` for those sampled, and one each for the `unseen`.

    Those without a sample are there for something, so what was seen alone is never heard as less. One that has become ready since the
    sample was taken is none of them: taken to be busy as well, counts would follow our own growth.
    """
    asks = seen + unseen
    if vote.kind is VoteKind.HOLD:
        return Vote.hold(*vote.reasons, asks=min(current, asks) if unseen else asks)
    return replace(vote, asks=asks) if vote.count is not None and asks < vote.count <= current else vote


def _ready_at(at: Instant, situation: Situation) -> int:
    """How many of those ready now were so by then, as far as is remembered: one that came since can have no sample."""
    then = next((one.ready for one in reversed(situation.history.recommendations) if one.at <= at), situation.target.ready)
    return min(then, situation.target.ready)


def _part(own: Share | None, common: Share) -> float:
    """HPA has the common one from a flag, as a float, and an object's own from a quantity: so many times 0.001, which for 0.7 is more."""
    return common.milli / WHOLE if own is None else own.milli * 0.001


def _check_amount(metric: MetricName, target: Number, per: Per | None) -> None:
    """PolicyError for what must be a slip: 60 cores for each replica, or 60 bytes, would lead every workload to its minimum or maximum."""
    if metric not in BUILT_IN_METRICS:
        return
    if per:
        raise PolicyError(f"{metric} is told for each replica already", hint="leave out `per: replica`")
    if target.milli in MEANT:
        what = "cores" if metric == "cpu" else "bytes"
        raise PolicyError(
            f"{metric} of {target} {what} for each replica is taken for a slip", hint=f"write a share of its request, {target}%"
        )


def _filled(load: int, counted: int, subject: Subject, filler: int | None) -> tuple[int, int]:
    """The load with those filled in that have no sample, and over how many it is shared out.

    Replicas that are not ready yet take their part of a load that is too high; they do not excuse one that is low.
    """
    without = 0 if filler is None else max(0, subject.ready - counted)
    starting = max(0, subject.replicas - max(subject.ready, counted)) if subject.ready and filler == 0 else 0
    return load + (filler or 0) * without, _of_ours(counted + without + starting, subject)


def _of_ours(holders: int, subject: Subject) -> int:
    """More than wanted serve while replicas move or go: what counts is the load they leave to the wanted ones."""
    return min(holders, subject.replicas) or holders
