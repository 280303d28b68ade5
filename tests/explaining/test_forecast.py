"""What is foreseen, in words."""

from dataclasses import replace

import pytest

from autoscaler.explaining import forecast_as_text
from autoscaler.model.forecasts import Forecast, ForecastNeed
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.refs import MetricName

DAY = Duration(86_400_000)
NEED = ForecastNeed(
    metric=MetricName("rps"),
    target=Number(200_000),
    season=DAY,
    quantile=Share(900),
    lead=Duration(120_000),
    over=DAY,
    cost=Share(1050),
)
FORECAST = Forecast(
    rule="predictive[1]",
    need=NEED,
    at=Instant(1_767_614_400_000),
    expected=(1_000_000, 1_250_500, 1_100_000),
    upper=(1_100_000, 1_400_000, 1_400_500),
    margin=Share(1120),
    short=Share(12),
    plain_short=Share(34),
    cost=Share(1031),
    coverage=Share(912),
    better=True,
)


def test_what_is_expected_how_good_that_was_and_that_it_is_followed() -> None:
    assert forecast_as_text(FORECAST, width=200) == (
        "Foreseen for predictive[1] at 2026-01-05 12:00:00 UTC\n"
        "  - rps: up to 1250.5 within 3m, and 90% of the time no more than 1400.5 at a time\n"
        "  - at the level of the last minutes, 90% of the time 112% of what is expected within 2m suffices; "
        "91.2% of a past it was not fitted to stayed within that\n"
        "  - there this was short 1.2% of the time, reacting alone 3.4%; it cost 103.1% of that\n"
        "  - so it is followed\n"
    )


def test_less_than_was_asked_for_where_that_costs_too_much() -> None:
    told = forecast_as_text(replace(FORECAST, quantile=Share(600)), width=200)
    assert "60% of the time 112% of what is expected within 2m suffices" in told
    assert "90% of the time would cost more than 105%: 60% was tried" in told


def test_what_a_season_is_expected_to_be_like() -> None:
    told = forecast_as_text(replace(FORECAST, profile="smoothed weekday")).splitlines()[1]
    assert told == "  - what a season is like is told by its profile: smoothed weekday"


@pytest.mark.parametrize(
    ("forecast", "why"),
    [
        pytest.param(replace(FORECAST, better=False, short=Share(34)), "it would not have been short for less time", id="no better"),
        pytest.param(replace(FORECAST, better=False, cost=Share(1051)), "it may cost 105% at most", id="too dear"),
    ],
)
def test_why_it_is_not_followed(forecast: Forecast, why: str) -> None:
    assert f"so it is not followed: {why}\n" in forecast_as_text(forecast)
