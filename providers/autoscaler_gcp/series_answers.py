"""From one answer of timeSeries.list to a value, or to the reason there is none. Pure.

https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list
"""

import re
from datetime import UTC, datetime

from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.moments import instant
from autoscaler_sources.numbers import Value, number

LONGEST = 200
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z", re.ASCII)
INTEGER = re.compile(r"-?[0-9]{1,19}")
NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
"""What protobuf's JSON writes as texts, for JSON has no such numbers."""
ODD = Unknown(Code.MALFORMED, "the answer is not as Cloud Monitoring's are")


def newest(answer: dict[str, object]) -> Value | Unknown:
    """The newest point of the one series; its time is the end of the interval it speaks of."""
    if answer.get("nextPageToken"):
        return Unknown(Code.TOO_LARGE, "the answer goes on over pages; narrow the filter, or reduce it")
    missing = _partial(answer)
    if missing:
        return Unknown(Code.CONTRADICTORY, missing)
    series = answer.get("timeSeries", [])
    if not isinstance(series, list):
        return ODD
    if not series:
        return Unknown(Code.MISSING, "the filter finds no time series")
    if len(series) > 1:
        words = "write reduce=sum, or another reducer, or narrow the filter"
        return Unknown(Code.CONTRADICTORY, f"the filter finds {len(series)} time series where one is meant: {words}")
    points = series[0].get("points", []) if isinstance(series[0], dict) else None
    return _newest(points) if isinstance(points, list) else ODD


def _partial(answer: dict[str, object]) -> str:
    """Why a part of the data is missing; empty when none is."""
    errors, regions = answer.get("executionErrors") or [], answer.get("unreachable") or []
    if not (isinstance(errors, list) and isinstance(regions, list)):
        return "what says that nothing is missing is not as Cloud Monitoring writes it"
    told = [str(one.get("message", one)) if isinstance(one, dict) else str(one) for one in errors]
    return "; ".join(["a part of the data is missing", *told, *map(str, regions)])[:LONGEST] if errors or regions else ""


def _newest(points: list[object]) -> Value | Unknown:
    read = [_point(one) for one in points]
    if None in read:
        return ODD
    found = [one for one in read if one is not None]
    if not found:
        return Unknown(Code.MISSING, "the time series has no point in that time")
    at = max(moment for moment, _ in found)
    values = [value for moment, value in found if moment == at]
    if len(values) > 1:
        return Unknown(Code.CONTRADICTORY, "the time series has two points of one time")
    number = _number(values[0])
    return number if isinstance(number, Unknown) else Value(number, at)


def _point(found: object) -> tuple[Instant, object] | None:
    match found:
        case {"interval": {"endTime": str() as text}, "value": value} if parts := TIME.fullmatch(text):
            return _instant(parts[1], parts[2] or ".0", value)
        case _:
            return None


def _instant(whole: str, fraction: str, value: object) -> tuple[Instant, object] | None:
    try:
        return Instant(instant(datetime.fromisoformat(whole).replace(tzinfo=UTC)) + int(f"{fraction[1:]:0<3}"[:3])), value
    except ValueError:
        return None


def _number(value: object) -> int | Unknown:
    match value:
        case {"int64Value": str() as text, **beside} if not beside and INTEGER.fullmatch(text):
            return number(text)
        case {"doubleValue": str() as text, **beside} if not beside and text in NO_NUMBERS:
            return Unknown(Code.NOT_A_NUMBER, text)
        case {"doubleValue": int() | float() as value, **beside} if not beside and not isinstance(value, bool):
            return number(repr(value))
        case {"distributionValue": _}:
            return Unknown(Code.MALFORMED, "the time series holds distributions; write align=p99, or another percentile")
        case _:
            return Unknown(Code.MALFORMED, "the time series holds no plain numbers")
