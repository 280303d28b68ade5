"""What is foreseen for a rule, and whether it is followed, in words."""

from autoscaler.explaining.amounts import amount, moment
from autoscaler.explaining.layout import WIDTH, items, page
from autoscaler.model.forecasts import Forecast
from autoscaler.model.quantities import Duration


def forecast_as_text(forecast: Forecast, *, width: int = WIDTH) -> str:
    """What is expected, how well such forecasts suited the past, and what came of following them."""
    return page([f"Foreseen for {forecast.rule} at {moment(forecast.at)}", *items(_points(forecast), indent=2, width=width)])


def _points(forecast: Forecast) -> list[str]:
    need, span = forecast.need, Duration(len(forecast.expected) * forecast.step.ms)
    highest, most = (amount(max(values, default=0), "milli") for values in (forecast.expected, forecast.upper))
    asked = f"{forecast.suffices} of the time {forecast.margin} of what is expected within {need.lead} suffices"
    points = [
        *([f"what a season is like is told by its profile: {forecast.profile}"] if forecast.profile else []),
        f"{need.metric}: up to {highest} within {span}, and {need.quantile} of the time no more than {most} at a time",
        f"at the level of the last minutes, {asked}; {forecast.coverage} of a past it was not fitted to stayed within that",
        f"there this was short {forecast.short} of the time, reacting alone {forecast.plain_short}; it cost {forecast.cost} of that",
    ]
    if forecast.suffices < need.quantile:
        points.append(f"{need.quantile} of the time would cost more than {need.cost}: {forecast.suffices} was tried")
    return [*points, "so it is followed" if forecast.better else f"so it is not followed: {_why_not(forecast)}"]


def _why_not(forecast: Forecast) -> str:
    if forecast.short >= forecast.plain_short:
        return "it would not have been short for less time"
    return f"it may cost {forecast.need.cost} at most"
