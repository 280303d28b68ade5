"""How old a value is, by whose clock."""

import pytest

from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Sample
from autoscaler_sources.freshness import fresh
from autoscaler_sources.moments import clock
from autoscaler_sources.numbers import Value

MINUTE = Duration(60_000)
NOW = Instant(1_767_225_600_000)
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


@pytest.mark.parametrize(
    ("ahead", "age", "date", "found"),
    [
        pytest.param(0, 1000, DATE, 1000, id="young"),
        pytest.param(0, 61_000, DATE, Code.STALE, id="old"),
        pytest.param(20_000, 1000, "Thu, 01 Jan 2026 00:00:20 GMT", 1000, id="a clock ahead does not make it younger"),
        pytest.param(-20_000, 1000, "Wed, 31 Dec 2025 23:59:40 GMT", 1000, id="a clock behind does not make it older"),
        pytest.param(0, 0, "Thu, 01 Jan 2026 00:00:31 GMT", Code.SKEWED, id="clocks too far apart"),
        pytest.param(0, -1000, DATE, 0, id="a moment ahead is now"),
        pytest.param(0, -31_000, DATE, Code.SKEWED, id="far ahead of its own clock"),
        pytest.param(0, 1000, "", 500, id="no Date header: our own clock"),
        pytest.param(0, 1000, "yesterday", 500, id="no date in the Date header: our own clock"),
    ],
)
def test_freshness(ahead: int, age: int, date: str, found: int | Code) -> None:
    # Half a second of truncation is put back into every Date.
    value = Value(7, Instant(NOW + ahead - age + 500))
    reading = fresh(value, clock=clock(date), now=NOW, stale_after=MINUTE)
    assert (NOW - reading.at if isinstance(reading, Sample) else reading.why) == found


def test_what_was_counted_as_it_was_asked_for_is_of_now() -> None:
    assert fresh(Value(7), clock=Instant(NOW + 20_000), now=NOW, stale_after=MINUTE) == Sample(7, NOW)
