"""From a number at a time by the source's clock to a sample by ours, or to why there is none. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from email.utils import parsedate_to_datetime

from autoscaler.model.quantities import Duration, Instant, since
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Sample, Unknown

LARGEST = 10**12
NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?")
"""Narrower than what Decimal reads: no words, no underscores, no digits of other scripts, no exponent it cannot reckon with."""

MOST_SKEW = Duration(30_000)
HALF_A_SECOND = 500
"""A Date header is cut to whole seconds."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Value:
    """A number in milli-units, at its own time by the source's clock."""

    milli: int
    at: Instant


def milli(number: float | str) -> int | Unknown:
    """A number in milli-units; one that is written down as a text is read strictly."""
    text = number if isinstance(number, str) else repr(number)
    if not NUMBER.fullmatch(text):
        return Unknown(Code.NOT_A_NUMBER, text[:40])
    found = Decimal(text)
    if found.is_signed() and found.is_zero():
        return Unknown(Code.NOT_A_NUMBER, text[:40])
    if found.copy_abs() > LARGEST:
        return Unknown(Code.NOT_A_NUMBER, f"{text[:40]} is beyond all bounds")
    return int((found * 1000).to_integral_value(ROUND_HALF_EVEN))


def instant(moment: datetime) -> Instant:
    """A time as milliseconds; one without a zone is UTC."""
    return Instant((moment.replace(tzinfo=moment.tzinfo or UTC) - EPOCH) // timedelta(milliseconds=1))


def skew(date: str, now: Instant) -> int:
    """Milliseconds the source's clock is ahead of ours by its Date header; without one the clocks are taken to agree."""
    try:
        return instant(parsedate_to_datetime(date)) + HALF_A_SECOND - now
    except (TypeError, ValueError, OverflowError):
        return 0


def fresh(value: Value, *, ahead: int, now: Instant, stale_after: Duration) -> Sample | Unknown:
    """The value with its time by our clock, if it is young enough. `ahead`: the source's `skew`."""
    at = Instant(value.at - ahead)
    if abs(ahead) > MOST_SKEW.ms:
        return Unknown(Code.SKEWED, f"the source's clock is {ahead // 1000} s off ours; set both by NTP")
    if at > now + MOST_SKEW.ms:
        return Unknown(Code.SKEWED, f"the sample is {(at - now) // 1000} s ahead of its source's own clock")
    if since(at, now).ms > stale_after.ms:
        return Unknown(Code.STALE, f"the sample is {since(at, now)} old; {stale_after} is the most")
    return Sample(value.milli, min(at, now))
