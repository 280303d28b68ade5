"""Two windows: a long one for the usual, a short one that may panic, and then nothing goes down. The autoscaler of Knative Serving."""

from dataclasses import dataclass, replace

from autoscaler.contracts.rule import Situation
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import MetricNeed, averaged
from autoscaler.model.votes import Vote
from autoscaler_policies.amounts import check_share, unit_of
from autoscaler_policies.raw import raw_count
from autoscaler_policies.target_tracking import Per, TargetTracking

WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Spell:
    """`over`: when the short window last asked for too much; `peak`: the most that was wanted since it began."""

    over: Instant
    peak: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Panic:
    """As many as `metric`, an average over `window`, needs to be at `target`; `short` the same averaged over a tenth of that or so.

    Once `short` asks for `threshold` of those ready, the larger of both counts, and no less is wanted until it has asked for less for
    a whole `window`. At one tick the count rises at most `up` times those ready, and falls at most to 1/`down` of them.
    """

    metric: MetricName
    short: MetricName
    target: Share | Number
    per: Per | None = None
    window: Duration = Duration(60_000)
    threshold: Share = Share(2000)
    up: Number = Number(1_000_000)
    down: Number = Number(2000)

    def __post_init__(self) -> None:
        """PolicyError for a target that `target_tracking` refuses, and for rates and thresholds that would turn things round."""
        for metric in (self.metric, self.short):
            TargetTracking(metric=metric, target=self.target, per=self.per)
            check_share(metric, self.target, "60%")
        if self.metric == self.short:
            raise PolicyError("both windows are the same metric", hint="give short the same query over a shorter time, as [6s] for [1m]")
        if self.threshold.milli <= WHOLE:
            raise PolicyError(f"at a threshold of {self.threshold} it panics at its target", hint="write more than 100%, such as 200%")
        if self.up.milli <= WHOLE or self.down.milli <= WHOLE:
            raise PolicyError("at a rate of 1 or less nothing moves", hint="write more than 1, such as up: 1000 and down: 2")

    def needs(self) -> tuple[MetricNeed, ...]:
        """Both metrics; averages over replicas where the target is a share."""
        return tuple(MetricNeed(metric=name, per_replica=isinstance(self.target, Share)) for name in (self.metric, self.short))

    def vote(self, situation: Situation) -> Vote:
        """A want, or unknown while either cannot be read; the note is the panic it is in."""
        long, short = (raw_count(name, self.target, self.per, situation) for name in (self.metric, self.short))
        before = self._before(situation)
        if isinstance(long, Reason) or isinstance(short, Reason):
            unseen = tuple(one for one in (long, short) if isinstance(one, Reason))
            return replace(Vote.unknown(*unseen), note=_note(before))
        ready = max(1, situation.target.ready)
        stable, sudden = self._within(long, ready), self._within(short, ready)
        panic = self._panic(before, situation.now, over=short * WHOLE >= self.threshold.milli * ready, wanted=max(stable, sudden))
        if panic is None:
            return Vote.want(stable, self._reason(Code.STABLE_WINDOW, self.metric, situation))
        return replace(Vote.want(panic.peak, self._reason(Code.PANICS, self.short, situation)), asks=stable, note=_note(panic))

    def _before(self, situation: Situation) -> Spell | None:
        """The panic of the last vote."""
        numbers = situation.note.numbers if situation.note else ()
        if len(numbers) != 2:  # noqa: PLR2004 - an instant and a count
            return None
        return Spell(Instant(numbers[0]), numbers[1])

    def _panic(self, before: Spell | None, now: Instant, *, over: bool, wanted: int) -> Spell | None:
        """It is left at a vote that is not over, a whole window after the last that was."""
        if not over and (before is None or now > before.over + self.window.ms):
            return None
        peak = max(wanted, before.peak if before else 0)
        return Spell(now if over or before is None else before.over, peak)

    def _within(self, count: int, ready: int) -> int:
        highest = -(-ready * self.up.milli // WHOLE)
        return max(ready * WHOLE // self.down.milli, min(count, highest))

    def _reason(self, code: Code, metric: MetricName, situation: Situation) -> Reason:
        sample = averaged(situation.samples[metric])
        return Reason(code, (getattr(sample, "milli", 0), self.target.milli), unit_of(self.target), (metric,))


def _note(panic: Spell | None) -> tuple[int, ...]:
    return (panic.over, panic.peak) if panic else ()
