"""Windows of a calendar: they open when a cron schedule says so, and stay open for a while."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Instant, later

FIELDS = 5
LONGEST = Duration(366 * 86_400_000)
ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)
"""Where to look from when only asking whether a schedule ever begins."""
CRON_HINT = 'write five fields: minute hour day month weekday, as in "0 8 * * mon-fri"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Open for the time `for_` (in YAML `for`) after each instant `cron` names in `timezone`.

    `for` is time that passes, not time on the clock: ten hours stay ten hours when the clocks change. A start that the change skips
    happens right after it, one that it repeats happens once.
    """

    cron: str
    for_: Duration
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        """PolicyError for a calendar, zone or duration that means nothing."""
        check(self.cron, self.timezone, self.for_)

    def open_until(self, now: Instant) -> Instant | None:
        """When the window that is open at `now` closes; None where none is open."""
        start, end = window(self.cron, self.timezone, self.for_, now)
        return end if start <= now else None


def check(cron: str, timezone: str, open_for: Duration) -> None:
    """PolicyError for a calendar, zone or duration that means nothing."""
    _check_zone(timezone)
    _check_cron(cron)
    if not 0 < open_for.ms <= LONGEST.ms:
        raise PolicyError(f"a window cannot be open for {open_for}", hint="write more than 0s and at most 366d, such as 10h")


def window(cron: str, timezone: str, open_for: Duration, now: Instant) -> tuple[Instant, Instant]:
    """The first window that is not over at `now`: when it opens, and when it closes. It holds its start and not its end."""
    edge = Instant(now - open_for.ms)
    starts = CronSim(cron, _local(edge, ZoneInfo(timezone)))
    # In the hour that a change of clocks repeats, the first answer may lie before the edge.
    start = next(start for start in map(_instant, starts) if start > edge)
    return start, later(start, open_for)


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
