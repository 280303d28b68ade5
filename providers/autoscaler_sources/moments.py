"""From the text of a time to an instant: seconds or milliseconds since 1970, or ISO 8601 with its zone. Pure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime

from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.numbers import PLAIN, SHOWN
from autoscaler_sources.wording import unknown

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_MILLISECONDS = Decimal(10**11)
"""From here on a number counts milliseconds: as seconds it would be the year 5138, as milliseconds it is 1973."""

LATEST = Decimal(10**14)
HALF_A_SECOND = 500
"""A Date header is cut to whole seconds."""


def moment(text: str) -> Instant | Unknown:
    """The instant; MALFORMED for what is no time, or has no zone."""
    if PLAIN.fullmatch(text):
        return _since_1970(Decimal(text), text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return unknown(Code.MALFORMED, f"{text[:SHOWN]!r} is no time; 2026-01-31T08:00:00Z or seconds since 1970 are")
    return instant(found) if found.tzinfo else unknown(Code.MALFORMED, f"the time {text[:SHOWN]!r} has no zone; end it with Z or +01:00")


def instant(at: datetime) -> Instant:
    """Of a time with a zone."""
    return Instant((at - EPOCH) // timedelta(milliseconds=1))


def clock(date: str) -> Instant | None:
    """What a source's clock showed, by its Date header; None without a readable one."""
    try:
        return Instant(instant(parsedate_to_datetime(date)) + HALF_A_SECOND)
    except (TypeError, ValueError, OverflowError):
        return None


def _since_1970(found: Decimal, text: str) -> Instant | Unknown:
    if not 0 <= found < LATEST:
        return unknown(Code.MALFORMED, f"{text[:SHOWN]} is no time since 1970")
    return Instant(int(found if found >= FIRST_MILLISECONDS else found * 1000))
