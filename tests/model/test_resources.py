"""Vectors of resources add up exactly and fit or do not."""

import pytest
from hypothesis import given
from hypothesis.strategies import builds, dictionaries, integers, sampled_from

from autoscaler.model.resources import NOTHING, Resources

AMOUNTS = integers(0, 10**6)
OTHERS = dictionaries(sampled_from(["gpu", "disk", "ports"]), integers(1, 9)).map(lambda found: tuple(sorted(found.items())))
SOME = builds(Resources, AMOUNTS, AMOUNTS, OTHERS)
GPU = (("gpu", 1),)


@pytest.mark.parametrize(
    ("asks", "room", "times"),
    [
        pytest.param(Resources(100, 10), Resources(1000, 50), 5, id="what runs out first binds"),
        pytest.param(Resources(100), Resources(99, 50), 0, id="a little less is not enough"),
        pytest.param(Resources(100, 0, GPU), Resources(1000, 50), 0, id="what the room does not have at all"),
        pytest.param(Resources(100, 0, GPU), Resources(1000, 0, (("gpu", 2),)), 2, id="a named resource binds too"),
        pytest.param(NOTHING, Resources(1), 1_000_000, id="what asks for nothing always fits"),
        pytest.param(Resources(1), Resources(-5), 0, id="no room at all"),
    ],
)
def test_how_many_fit(asks: Resources, room: Resources, times: int) -> None:
    assert asks.fits_times(room) == times


@given(one=SOME, other=SOME)
def test_what_was_added_can_be_taken_away(one: Resources, other: Resources) -> None:
    assert one + other - other == one
    assert one + other == other + one


@given(one=SOME, count=integers(0, 9))
def test_times_is_adding_as_often(one: Resources, count: int) -> None:
    assert one.times(count) == sum([one] * count, NOTHING)


@given(asks=SOME, room=SOME)
def test_what_fits_at_least_once_fits(asks: Resources, room: Resources) -> None:
    assert asks.fits(room) is (asks.fits_times(room) > 0)


@given(asks=SOME.filter(lambda one: one != NOTHING), room=SOME)
def test_exactly_as_many_fit_as_are_told(asks: Resources, room: Resources) -> None:
    count = asks.fits_times(room)
    assert asks.times(count).fits(room)
    assert not asks.times(count + 1).fits(room)


def test_no_zero_is_kept() -> None:
    assert (Resources(1, 1, GPU) - Resources(1, 1, GPU)) == NOTHING
    assert Resources(1, 1, GPU).times(0) == NOTHING
