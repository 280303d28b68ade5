"""The most that any moment of the last minutes needed, and no more gone at once than is allowed: the autoscaler of Google Cloud's MIGs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from autoscaler.contracts.rule import Situation
from autoscaler.errors import PolicyError
from autoscaler.model.history import Note
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import MetricNeed
from autoscaler.model.votes import Vote
from autoscaler_policies.amounts import check_share, size_of
from autoscaler_policies.raw import raw_count
from autoscaler_policies.target_tracking import Per, TargetTracking

HOUR = 3_600_000
Moment = tuple[int, int]
"""An instant, and the count the load asked for then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleIn:
    """At most so many, or such a share, below the most there were `within` that time."""

    at_most: int | Share
    within: Duration

    def __post_init__(self) -> None:
        """PolicyError for a control that lets nothing ever go, or looks at no time."""
        if (self.at_most.milli if isinstance(self.at_most, Share) else self.at_most) < 1:
            raise PolicyError(f"with at most {self.at_most} nothing ever goes", hint="write at_most: 1 or more, or 10%")
        if not 0 < self.within.ms <= HOUR:
            raise PolicyError(f"a control within {self.within} looks at nothing, or too far back", hint="write within: 20m, at most 1h")


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowMax:
    """The count that brings `metric` to `target` (as in `target_tracking`, without tolerance), the highest of the last `window`.

    `scale_in` bounds how far below the largest size of its time the count may go.
    """

    metric: MetricName
    target: Share | Number
    per: Per | None = None
    window: Duration = Duration(600_000)
    scale_in: ScaleIn | None = None

    LONGEST: ClassVar[Duration] = Duration(3_600_000)

    def __post_init__(self) -> None:
        """PolicyError for a target that `target_tracking` refuses, and for a window that is none, or longer than an hour."""
        TargetTracking(metric=self.metric, target=self.target, per=self.per)
        check_share(self.metric, self.target, "60%")
        if not 0 < self.window.ms <= self.LONGEST.ms:
            raise PolicyError(f"a window of {self.window} holds nothing, or too much", hint="write up to 1h, such as 10m")

    def needs(self) -> tuple[MetricNeed, ...]:
        """The one metric; an average over replicas where the target is a share."""
        return (MetricNeed(metric=self.metric, per_replica=isinstance(self.target, Share)),)

    def vote(self, situation: Situation) -> Vote:
        """A want, or unknown; the note is every moment that may still be the highest of the window."""
        count = raw_count(self.metric, self.target, self.per, situation)
        past = [one for one in _moments(situation.note) if one[0] > situation.now - self.window.ms]
        if isinstance(count, Reason):
            return replace(Vote.unknown(count), note=_flat(past))
        kept = [*(one for one in past if one[1] > count), (situation.now, count)]
        most = kept[0][1]
        why = Reason(Code.MOST_OF_WINDOW, (count, most), "replicas", (str(self.window),))
        return replace(self._controlled(most, why, situation), asks=count, note=_flat(kept))

    def _controlled(self, count: int, why: Reason, situation: Situation) -> Vote:
        if self.scale_in is None:
            return Vote.want(count, why)
        peak = _peak(situation, Instant(situation.now - self.scale_in.within.ms))
        least = min(situation.target.replicas, peak - size_of(self.scale_in.at_most, peak))
        if least <= count:
            return Vote.want(count, why)
        return Vote.want(least, why, Reason(Code.HELD_BY_CONTROL, (least,), "replicas", (str(self.scale_in.within),)))


def _moments(note: Note | None) -> Iterator[Moment]:
    """As noted: instants and counts in turn, the counts falling."""
    numbers = note.numbers if note else ()
    yield from zip(numbers[::2], numbers[1::2], strict=False)


def _flat(moments: list[Moment]) -> tuple[int, ...]:
    return tuple(number for moment in moments for number in moment)


def _peak(situation: Situation, since: Instant) -> int:
    """The most there were after `since`, whoever changed it."""
    size = peak = situation.target.replicas
    for event in sorted((one for one in situation.history.events if one.at > since), key=lambda one: one.at, reverse=True):
        size -= event.change
        peak = max(peak, size)
    return peak
