"""A bound, or a count, while a window of a calendar is open."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from autoscaler.contracts.rule import Situation
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Instant, later
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.samples import MetricNeed
from autoscaler.model.votes import Vote, VoteKind

FIELDS = 5
LONGEST = Duration(366 * 86_400_000)
ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)
"""Where to look from when only asking whether a schedule ever begins."""
CRON_HINT = 'write five fields: minute hour day month weekday, as in "0 8 * * mon-fri"'


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
        _check_zone(self.timezone)
        _check_cron(self.cron)
        if not 0 < self.for_.ms <= LONGEST.ms:
            raise PolicyError(f"a window cannot be open for {self.for_}", hint="write more than 0s and at most 366d, such as 10h")
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
        start = self._start_after(Instant(situation.now - self.for_.ms))
        names = (self.cron, self.timezone)
        if start > situation.now:
            return Vote.at_least(0, Reason(Code.OUT_OF_SCHEDULE, (start,), "instant", names))
        kind, count = self._asked()
        return Vote(kind, count, (Reason(Code.IN_SCHEDULE, (later(start, self.for_),), "instant", names),))

    def _asked(self) -> tuple[VoteKind, int]:
        if self.at_least is not None:
            return VoteKind.AT_LEAST, self.at_least
        if self.at_most is not None:
            return VoteKind.AT_MOST, self.at_most
        return VoteKind.WANT, self.count or 0

    def _start_after(self, edge: Instant) -> Instant:
        """The first start later than `edge`."""
        starts = CronSim(self.cron, _local(edge, ZoneInfo(self.timezone)))
        # In the hour that a change of clocks repeats, the first answer may lie before the edge.
        return next(start for start in map(_instant, starts) if start > edge)


def _local(at: Instant, zone: ZoneInfo) -> datetime:
    seconds, milliseconds = divmod(at, 1000)
    return datetime.fromtimestamp(seconds, tz=zone).replace(microsecond=milliseconds * 1000)


def _instant(moment: datetime) -> Instant:
    return Instant(int(moment.timestamp()) * 1000)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # not found, no zone's name at all, a folder of zones
        raise PolicyError(f"{name[:40]!r} is no time zone", hint="write an IANA name, such as Europe/Berlin or UTC") from error


def _check_cron(text: str) -> None:
    if len(text.split()) != FIELDS:
        raise PolicyError(f"{text[:60]!r} is no cron schedule", hint=CRON_HINT)
    try:
        next(CronSim(text, ANY_DAY))
    except CronSimError as error:
        raise PolicyError(f"{text[:60]!r} is no cron schedule: {error}", hint=CRON_HINT) from error
    except StopIteration as error:
        raise PolicyError(f"{text[:60]!r} never begins", hint="name a day that exists") from error
