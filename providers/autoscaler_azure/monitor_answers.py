"""From one answer of Azure Monitor to a value, or to the reason there is none. Pure.

https://learn.microsoft.com/rest/api/monitor/metrics/list
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.moments import instant
from autoscaler_sources.numbers import Value, number

LONGEST = 200
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.0{1,7})?Z", re.ASCII)
ODD = Unknown(Code.MALFORMED, "the answer is not as Azure Monitor's are")
Point = tuple[Instant, object]


def newest(
    answer: Mapping[str, object], metric: str, aggregation: str, *, period: Duration, interval: str, over: Instant
) -> Value | Unknown:
    """The value of the last period that had ended at `over`, by Azure's own clock; its time is its period's end."""
    if answer.get("interval", interval) != interval:
        return Unknown(Code.CONTRADICTORY, f"the answer is of periods of {str(answer['interval'])[:20]}, not {interval}")
    found = _metric(answer.get("value"), metric)
    if isinstance(found, Unknown):
        return found
    points = [_point(one, aggregation, period) for one in found]
    if None in points:
        return ODD
    return _last([one for one in points if one is not None and one[1] is not None and one[0] <= over])


def _metric(found: object, metric: str) -> list[object] | Unknown:
    """The points of the one metric's one time series."""
    match found:
        case [{"name": {"value": str() as name}, "timeseries": list() as series, **beside}] if name.lower() == metric.lower():
            error = beside.get("errorCode", "Success")
            if error != "Success":
                return Unknown(Code.UNAVAILABLE, f"{error}: {beside.get('errorMessage', '')}"[:LONGEST])
            return _series(series)
        case []:
            return Unknown(Code.MISSING, "the answer holds no metric")
        case [_, _, *_]:
            return Unknown(Code.CONTRADICTORY, f"the answer holds {len(found)} metrics where one is meant")
        case _:
            return ODD


def _series(series: list[object]) -> list[object] | Unknown:
    match series:
        case []:
            return Unknown(Code.MISSING, "the metric has no time series")
        case [{"data": list() as points}]:
            return points
        case [_, _, *_]:
            words = "let the filter name one value of each dimension"
            return Unknown(Code.CONTRADICTORY, f"the filter finds {len(series)} time series where one is meant: {words}")
        case _:
            return ODD


def _point(found: object, aggregation: str, period: Duration) -> Point | None:
    """A period's end and value; the value is None where Azure has none yet."""
    match found:
        case {"timeStamp": str() as text, **values} if parts := TIME.fullmatch(text):
            try:
                return Instant(instant(datetime.fromisoformat(parts[1]).replace(tzinfo=UTC)) + period.ms), values.get(aggregation)
            except ValueError:
                return None
        case _:
            return None


def _last(points: list[Point]) -> Value | Unknown:
    if not points:
        return Unknown(Code.MISSING, "no period that is over has a value")
    at = max(moment for moment, _ in points)
    values = [value for moment, value in points if moment == at]
    if len(values) > 1:
        return Unknown(Code.CONTRADICTORY, "the time series has two values of one time")
    match values[0]:
        case bool():
            return ODD
        case int() | float() as value:
            found = number(repr(value))
            return found if isinstance(found, Unknown) else Value(found, at)
        case _:
            return Unknown(Code.MALFORMED, "the time series holds no plain numbers")
