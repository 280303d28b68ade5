"""Windows open and close by the calendar of their own zone, also when the clocks change."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis.strategies import integers, sampled_from

from autoscaler.contracts.rule import Rule, Situation, Target
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.votes import Vote
from autoscaler.testing.rules import RuleContract
from autoscaler_policies.schedule import Schedule

BERLIN = "Europe/Berlin"
OFFICE = Schedule(cron="0 8 * * mon-fri", timezone=BERLIN, at_least=10, for_=Duration.parse("10h"))


def instant(text: str, zone: str = BERLIN, fold: int = 0) -> Instant:
    return Instant(int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000))


def vote(rule: Schedule, now: Instant) -> Vote:
    return rule.vote(Situation(target=Target(name="shop/web", replicas=3, ready=3), now=now))


def is_open(rule: Schedule, now: Instant) -> bool:
    return vote(rule, now).reasons[0].code is Code.IN_SCHEDULE


@pytest.mark.parametrize(
    ("now", "opened"),
    [
        pytest.param("2026-03-02T07:59:59.999", False, id="a millisecond before it opens"),
        pytest.param("2026-03-02T08:00:00", True, id="at the moment it opens"),
        pytest.param("2026-03-02T17:59:59.999", True, id="a millisecond before it closes"),
        pytest.param("2026-03-02T18:00:00", False, id="at the moment it closes"),
        pytest.param("2026-03-07T12:00:00", False, id="not on Saturday"),
    ],
)
def test_a_window_holds_its_start_and_not_its_end(now: str, *, opened: bool) -> None:
    assert is_open(OFFICE, instant(now)) is opened


@pytest.mark.parametrize(
    ("cron", "now", "fold", "opened"),
    [
        pytest.param("0 8 * * *", "2026-03-29T08:30:00", 0, True, id="after the change to summer time it follows the clock on the wall"),
        pytest.param("30 2 * * *", "2026-03-29T03:00:00", 0, True, id="a start that the change skips happens right after it"),
        pytest.param("30 2 * * *", "2026-03-29T01:59:59", 0, False, id="and not before"),
        pytest.param("30 2 * * *", "2026-10-25T02:45:00", 0, True, id="a start in the repeated hour happens the first time"),
        pytest.param("30 2 * * *", "2026-10-25T02:45:00", 1, False, id="and not a second time"),
        pytest.param("50 2 * * *", "2026-10-25T02:55:00", 1, False, id="nor for an edge that falls into the second time"),
        pytest.param("50 2 * * *", "2026-10-25T03:40:00", 0, False, id="nor when its window would begin in the second time"),
        pytest.param("50 1 * * *", "2026-10-25T02:40:00", 0, True, id="a window is open for time that passes"),
        pytest.param("50 1 * * *", "2026-10-25T02:40:00", 1, False, id="and closed by time that has passed"),
    ],
)
def test_clocks_change(cron: str, now: str, fold: int, *, opened: bool) -> None:
    rule = Schedule(cron=cron, timezone=BERLIN, at_least=1, for_=Duration.parse("1h"))
    assert is_open(rule, instant(now, fold=fold)) is opened


@pytest.mark.parametrize(
    ("rule", "kind", "count"),
    [
        pytest.param(Schedule(cron="* * * * *", for_=Duration(60_000), at_least=4), "at_least", 4, id="at least"),
        pytest.param(Schedule(cron="* * * * *", for_=Duration(60_000), at_most=4), "at_most", 4, id="at most"),
        pytest.param(Schedule(cron="* * * * *", for_=Duration(60_000), count=4), "want", 4, id="a count"),
        pytest.param(Schedule(cron="* * * * *", for_=Duration(60_000), count=0), "want", 0, id="a count of none"),
    ],
)
def test_an_open_window_asks_for_one_thing(rule: Schedule, kind: str, count: int) -> None:
    assert (vote(rule, Instant(0)).kind, vote(rule, Instant(0)).count) == (kind, count)


def test_a_closed_window_binds_nothing_and_says_when_it_opens() -> None:
    closed = vote(OFFICE, instant("2026-03-07T12:00:00"))
    assert (closed.kind, closed.count) == ("at_least", 0)
    assert closed.reasons[0].numbers == (instant("2026-03-09T08:00:00"),)


def test_an_open_window_says_when_it_closes() -> None:
    assert vote(OFFICE, instant("2026-03-02T09:00:00")).reasons[0].numbers == (instant("2026-03-02T18:00:00"),)


def test_within_one_window_the_vote_does_not_change() -> None:
    first, second = (vote(OFFICE, instant(f"2026-03-02T{hour}:00:00")) for hour in ("09", "17"))
    assert first == second


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        pytest.param({"cron": "0 8 * *"}, "five fields", id="four fields"),
        pytest.param({"cron": "0 0 8 * * mon"}, "five fields", id="six fields"),
        pytest.param({"cron": "0 25 * * *"}, "five fields", id="an hour that no day has"),
        pytest.param({"cron": "0 8 * * monday"}, "five fields", id="a day that is not short"),
        pytest.param({"cron": "0 0 30 2 *"}, "five fields", id="a day that no year has"),
        pytest.param({"timezone": "Berlin"}, "IANA", id="a city alone"),
        pytest.param({"timezone": "../../etc/passwd"}, "IANA", id="a path"),
        pytest.param({"timezone": "Europe"}, "IANA", id="a folder of zones"),
        pytest.param({"timezone": ""}, "IANA", id="no zone"),
        pytest.param({"timezone": "UTC\0"}, "IANA", id="a byte no zone has"),
        pytest.param({"for_": Duration(0)}, "more than 0s", id="a window of no time"),
        pytest.param({"for_": Duration.parse("367d")}, "366d", id="a window of more than a year"),
        pytest.param({"at_least": None}, "exactly one", id="asking for nothing"),
        pytest.param({"at_most": 3}, "exactly one", id="asking for two things"),
        pytest.param({"at_least": -1}, "0 or more", id="fewer than none"),
    ],
)
def test_settings_that_mean_nothing_are_refused_with_a_hint(settings: dict[str, object], hint: str) -> None:
    fine: dict[str, object] = {"cron": "0 8 * * *", "for_": Duration(1000), "timezone": "UTC", "at_least": 1}
    with pytest.raises(PolicyError) as refused:
        Schedule(**(fine | settings))  # type: ignore[arg-type]
    assert hint in refused.value.hint


@given(
    minute=integers(0, 366 * 1440),
    minutes=integers(1, 3000),
    zone=sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    cron=sampled_from(["0 8 * * *", "*/20 1-3 * * *", "30 2 * * sun", "0 0 1 * *", "15 */6 * * *"]),
)
def test_a_window_is_open_as_long_as_it_says(minute: int, minutes: int, zone: str, cron: str) -> None:
    rule = Schedule(cron=cron, timezone=zone, at_least=1, for_=Duration(minutes * 60_000))
    now = Instant(instant("2026-01-01T00:00:00", "UTC") + minute * 60_000)
    (edge,) = vote(rule, now).reasons[0].numbers
    assert now < edge
    assert is_open(rule, Instant(edge - 1)) is is_open(rule, now)


class TestSchedule(RuleContract):
    @pytest.fixture
    def rule(self) -> Rule:
        return OFFICE
