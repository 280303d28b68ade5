"""What was learned, in words."""

from autoscaler.explaining import lesson_as_text
from autoscaler.model.history import Lesson
from autoscaler.model.quantities import Duration, Instant, Share

LESSON = Lesson(
    at=Instant(1_767_614_400_000),
    hold=Duration(120_000),
    ahead=Share(500),
    lead=Duration(60_000),
    reserve=Share(800),
    floor=7,
    short=Share(12),
    plain_short=Share(34),
    cost=Share(995),
    outlook=(5, 9, 6),
)


def test_how_it_runs_ahead_and_what_the_past_said_of_that() -> None:
    assert lesson_as_text(LESSON) == (
        "Learned at 2026-01-05 12:00:00 UTC\n"
        "  - the highest count of the last 2m stands, with 50% of each rise carried on over 1m\n"
        "  - at least 7 replicas: enough for 80% of the last hour\n"
        "  - what it needed a season ago, at today's level: up to 9 within the hour\n"
        "  - over the past this was short 1.2% of the time, the plain window 3.4%; it cost 99.5% of that one\n"
    )
