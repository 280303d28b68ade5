"""The model of statsforecast: what it carries on, that it says the same twice, and what is said where it is not installed."""

import sys

import numpy as np
import pytest
from statsforecast.models import DynamicOptimizedTheta

from autoscaler.deciding.profiles import Values
from autoscaler.errors import SetupError
from autoscaler.model.forecasts import SeasonModel
from autoscaler.seasons import model_of

PERIOD = 24


def seasons(count: int) -> Values:
    return 10 + 5 * np.sin(2 * np.pi * np.arange(count * PERIOD) / PERIOD)


def carried(past: Values, count: int = PERIOD) -> Values:
    model = model_of(SeasonModel.THETA)
    assert model is not None
    return model(past, PERIOD, count)


def test_profiles_need_no_model() -> None:
    assert model_of(SeasonModel.PROFILES) is None


@pytest.mark.parametrize("count", [PERIOD, 3 * PERIOD + 5])
def test_a_season_goes_on(count: int) -> None:
    assert carried(seasons(10), count) == pytest.approx(seasons(14)[10 * PERIOD :][:count], abs=0.2)


def test_what_grows_goes_on_growing() -> None:
    past = seasons(14) + np.arange(14 * PERIOD) / 20
    assert carried(past).mean() > past[-PERIOD:].mean()


def test_the_same_past_goes_on_alike_when_it_is_asked_anew() -> None:
    past = seasons(15) * np.random.default_rng(1).uniform(0.8, 1.2, 15 * PERIOD)
    first = carried(past)
    model_of.cache_clear()
    assert np.array_equal(first, carried(past))


@pytest.mark.parametrize(
    "past",
    [
        pytest.param(np.zeros(4 * PERIOD), id="nothing"),
        pytest.param(np.full(4 * PERIOD, 7.0), id="always the same"),
        pytest.param(np.where(np.arange(4 * PERIOD) == 50, 1e15, 0.0), id="one huge value"),
    ],
)
def test_a_strange_past_ends_well(past: Values) -> None:
    found = carried(past)
    assert found.size == PERIOD
    assert np.isnan(found).all() or found == pytest.approx(past[-PERIOD:], abs=past.max() / 4)


def test_where_it_has_no_answer_it_gives_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(DynamicOptimizedTheta, "forecast", broken)
    model_of.cache_clear()
    assert np.isnan(carried(seasons(5))).all()
    model_of.cache_clear()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsforecast.models", None)
    model_of.cache_clear()
    with pytest.raises(SetupError) as caught:
        model_of(SeasonModel.THETA)
    assert "pip install 'poolkeeper[statsforecast]'" in caught.value.hint
