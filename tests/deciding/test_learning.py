"""What a policy learns from its own past, and what becomes of its count then."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.deciding.anticipate import EVERY, GRID
from autoscaler.deciding.learning import ENOUGH, WAYS, learn
from autoscaler.model.history import History, Lesson, Recommendation
from autoscaler.model.policies import Behaviour, Learning
from autoscaler.model.quantities import Duration, Instant, Share

NOW = Instant(10**12)
LEARNS = Behaviour(learn=Learning())
HOURS = 240
"""GRIDs in an hour."""


def past(counts: Sequence[int], ready: Callable[[int], int] = lambda count: count) -> History:
    """One recommendation per GRID, the last one now."""
    start = NOW - GRID * (len(counts) - 1)
    told = (Recommendation(Instant(start + GRID * place), count, ready(count)) for place, count in enumerate(counts))
    return History(subject="shop/web", began=Instant(start), recommendations=tuple(told))


def lesson(counts: Sequence[int], behaviour: Behaviour = LEARNS, ready: Callable[[int], int] = lambda count: count) -> Lesson:
    found = learn(past(counts, ready), behaviour, NOW)
    assert found
    return found


STEADY = [10] * 4 * HOURS
BURSTS = [(5, 8, 4, 10, 5, 7, 9, 4, 6, 10, 4, 8, 7)[place // 20 % 13] for place in range(6 * HOURS)]
"""Another level every five minutes."""

TIDE = [ceil(40 + 30 * sin(place / 40)) for place in range(6 * HOURS)]
"""Up and down within the hour, by a replica in twenty seconds."""


def test_nothing_is_learned_where_nothing_is_asked() -> None:
    assert learn(past(STEADY), Behaviour(), NOW) is None


def test_nothing_is_learned_from_less_than_half_an_hour() -> None:
    assert learn(past(STEADY[: ENOUGH - 1]), LEARNS, NOW) is None
    assert learn(past(STEADY[:ENOUGH]), LEARNS, NOW)


def test_a_steady_load_teaches_the_cheapest() -> None:
    found = lesson(STEADY)
    assert (found.short, found.plain_short, found.cost) == (Share(0), Share(0), Share(1000))


@pytest.mark.parametrize("counts", [pytest.param(BURSTS, id="bursts"), pytest.param(TIDE, id="a swelling load")])
def test_a_lesson_is_short_less_often_than_the_plain_window(counts: list[int]) -> None:
    found = lesson(counts)
    assert found.short < found.plain_short


def test_levels_that_come_again_teach_a_reserve() -> None:
    found = lesson(BURSTS)
    assert found.reserve.milli
    assert min(BURSTS) < found.floor <= max(BURSTS)


def test_a_load_that_swells_teaches_to_look_ahead() -> None:
    assert lesson(TIDE).ahead == Share(1000)


def test_what_was_overspent_is_saved_again() -> None:
    assert lesson(BURSTS, ready=lambda _: 40).cost < lesson(BURSTS).cost


def test_a_larger_budget_is_never_short_more_often() -> None:
    dear = Behaviour(learn=Learning(cost=Share(1500)))
    assert lesson(BURSTS, dear).short <= lesson(BURSTS).short


DAILY = Behaviour(learn=Learning(season=Duration(86_400_000), cost=Share(1050)))
DAY = 24 * HOURS


def daily(days: int, *, last: int = 100) -> list[int]:
    """A jump at every full hour, back after a quarter; the last seven hours at `last` percent."""
    whole = [24 if place % HOURS < 60 else 6 for place in range(days * DAY)]
    return [*whole[: -7 * HOURS], *(count * last // 100 for count in whole[-7 * HOURS :])]


def test_what_comes_again_each_day_teaches_to_be_ready_for_it() -> None:
    counts = daily(2)[: -HOURS // 12]
    found, plain = lesson(counts, DAILY), lesson(counts, Behaviour(learn=replace(Learning(), cost=Share(1050))))
    assert found.short < plain.short
    assert max(found.outlook[:2]) < 10
    assert max(found.outlook[2:8]) >= 20


def test_todays_level_is_heeded() -> None:
    counts = daily(2, last=50)[: -HOURS // 12]
    assert 10 <= max(lesson(counts, DAILY).outlook) < 16


def test_a_season_that_does_not_come_again_is_not_followed() -> None:
    counts = [*daily(1), *STEADY, *([10] * 3 * HOURS)]
    assert lesson(counts, DAILY).outlook == ()


@pytest.mark.parametrize(
    "hours", [pytest.param(29, id="a day, and not all that is learned from"), pytest.param(5, id="less than a season")]
)
def test_without_a_whole_season_of_past_there_is_none(hours: int) -> None:
    counts = daily(2)[-hours * HOURS :]
    assert lesson(counts, DAILY) == lesson(counts, Behaviour(learn=replace(Learning(), cost=Share(1050))))


COUNTS = st.lists(st.integers(0, 60), min_size=ENOUGH, max_size=400)


@given(COUNTS)
@settings(max_examples=40)
def test_a_lesson_is_one_of_the_ways_and_the_same_each_time(counts: list[int]) -> None:
    found = lesson(counts)
    assert any((one.hold, one.ahead, one.reserve) == (found.hold, found.ahead, found.reserve) for one in WAYS)
    assert found.floor <= max(counts)
    assert found == lesson(counts)


@given(COUNTS, st.integers(1, 9))
@settings(max_examples=25)
def test_only_the_past_that_is_asked_for_is_looked_at(counts: list[int], hours: int) -> None:
    """What lies before it may have been anything."""
    behaviour = Behaviour(learn=Learning(over=Duration(3_600_000)))
    recent = (counts * 3)[:241]
    assert lesson([*([hours] * 500), *recent], behaviour) == lesson([*([hours + 7] * 500), *recent], behaviour)


def test_a_lesson_lasts_until_the_next_is_due() -> None:
    assert EVERY.ms < ENOUGH * GRID
