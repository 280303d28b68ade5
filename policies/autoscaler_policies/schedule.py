"""A bound, or a count, while a window of a calendar is open."""

from dataclasses import dataclass
from typing import ClassVar

from autoscaler.contracts.rule import Situation
from autoscaler.errors import PolicyError
from autoscaler.model.calendars import check, window
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.samples import MetricNeed
from autoscaler.model.votes import Vote, VoteKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Exactly one of `at_least`, `at_most` and `count`, for the time `for_` (in YAML `for`) after each instant `cron` names in `timezone`.

    `for` is time that passes, not time on the clock: ten hours stay ten hours when the clocks change. A start that the change skips
    happens right after it, one that it repeats happens once. Outside its windows the rule binds nothing.
    """

    ONE_OF: ClassVar[tuple[str, ...]] = ("at_least", "at_most", "count")

    cron: str
    for_: Duration
    timezone: str = "UTC"
    at_least: int | None = None
    at_most: int | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        """PolicyError for a calendar, zone, duration or count that means nothing."""
        check(self.cron, self.timezone, self.for_)
        given = [count for count in (self.at_least, self.at_most, self.count) if count is not None]
        if len(given) != 1:
            raise PolicyError("a schedule asks for one thing", hint="write exactly one of at_least, at_most and count")
        if given[0] < 0:
            raise PolicyError(f"{given[0]} is no count", hint="write 0 or more")

    def needs(self) -> tuple[MetricNeed, ...]:
        """None: it looks at the clock it is given."""
        return ()

    def vote(self, situation: Situation) -> Vote:
        """What the open window asks for; outside, at least 0, which binds nothing and lets the other rules have their way."""
        start, end = window(self.cron, self.timezone, self.for_, situation.now)
        names = (self.cron, self.timezone)
        if start > situation.now:
            return Vote.at_least(0, Reason(Code.OUT_OF_SCHEDULE, (start,), "instant", names))
        kind, count = self._asked()
        return Vote(kind, count, (Reason(Code.IN_SCHEDULE, (end,), "instant", names),))

    def _asked(self) -> tuple[VoteKind, int]:
        if self.at_least is not None:
            return VoteKind.AT_LEAST, self.at_least
        if self.at_most is not None:
            return VoteKind.AT_MOST, self.at_most
        return VoteKind.WANT, self.count or 0
