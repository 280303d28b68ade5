"""Whether a value is young enough, by its own time and its source's clock. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from autoscaler.model.quantities import Duration, Instant, since
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Sample, Unknown
from autoscaler_prometheus.answers import Value

MOST_SKEW = Duration(30_000)
HALF_A_SECOND = 500
"""A Date header is cut to whole seconds."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fresh(value: Value, *, date: str, now: Instant, stale_after: Duration) -> Sample | Unknown:
    """The value with its time by our clock. `date`: the answer's Date header; without one the clocks are taken to agree."""
    skew = _skew(date, now)
    at = Instant(value.at - skew)
    if abs(skew) > MOST_SKEW.ms:
        return Unknown(Code.SKEWED, f"the source's clock is {skew // 1000} s off ours; set both by NTP")
    if at > now + MOST_SKEW.ms:
        return Unknown(Code.SKEWED, f"the sample is {(at - now) // 1000} s ahead of its source's own clock")
    if since(at, now).ms > stale_after.ms:
        return Unknown(Code.STALE, f"the sample is {since(at, now)} old; {stale_after} is the most")
    return Sample(value.milli, min(at, now))


def _skew(date: str, now: Instant) -> int:
    try:
        theirs = (parsedate_to_datetime(date) - EPOCH) // timedelta(milliseconds=1)
    except (TypeError, ValueError):
        return 0
    return theirs + HALF_A_SECOND - now
