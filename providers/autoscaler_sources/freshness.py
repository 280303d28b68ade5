"""Whether a value is young enough, by its own time and its source's clock. Pure."""

from autoscaler.model.quantities import Duration, Instant, since
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Sample, Unknown
from autoscaler_sources.numbers import Value

MOST_SKEW = Duration(30_000)


def fresh(value: Value, *, clock: Instant | None, now: Instant, stale_after: Duration) -> Sample | Unknown:
    """The value with its time by our clock. `clock`: what the source's showed at `now`; None takes the two to agree."""
    skew = 0 if clock is None else clock - now
    at = now if value.at is None else Instant(value.at - skew)
    if abs(skew) > MOST_SKEW.ms:
        return Unknown(Code.SKEWED, f"the source's clock is {skew // 1000} s off ours; set both by NTP")
    if at > now + MOST_SKEW.ms:
        return Unknown(Code.SKEWED, f"the sample is {(at - now) // 1000} s ahead of its source's own clock")
    if since(at, now).ms > stale_after.ms:
        return Unknown(Code.STALE, f"the sample is {since(at, now)} old; {stale_after} is the most")
    return Sample(value.milli, min(at, now))
