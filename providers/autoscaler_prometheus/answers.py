"""From one answer of the query API to a value, or to the reason there is none. Pure."""

import json
from collections.abc import Mapping
from decimal import Decimal

from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import LONGEST, Unknown
from autoscaler_prometheus.selectors import TIME_LABEL
from autoscaler_sources.http_faults import HTTP_OK, fault
from autoscaler_sources.numbers import LARGEST, Value, number

REMARKS = ("PromQL info:", "PromQL warning:")
"""Warnings that speak of the query's style. All others say that a part of the data is missing."""

NO_SERIES = Unknown(Code.MISSING, "the query gives no series")


def parse(status: int, body: bytes) -> Value | Unknown:
    """The one value an instant query means."""
    data = _data(status, body)
    return data if isinstance(data, Unknown) else _value(data)


def parse_each(status: int, body: bytes, label: str) -> Mapping[str, Value | Unknown] | Unknown:
    """The one value each that an instant query means for the values of a label."""
    data = _data(status, body)
    if isinstance(data, Unknown):
        return data
    kind, result = data.get("resultType"), data.get("result")
    if kind != "vector" or not isinstance(result, list):
        return Unknown(Code.MALFORMED, f"the query gives a {str(kind)[:20]}, not one series for each {label}")
    sorted_out: dict[str, list[object]] = {}
    for series in result:
        labels = series.get("metric") if isinstance(series, dict) else None
        name = labels.get(label) if isinstance(labels, dict) else None
        if not isinstance(name, str):
            return Unknown(Code.MALFORMED, f"the query gives a series without {label}")
        sorted_out.setdefault(name, []).append(series)
    return {name: _value({"resultType": kind, "result": found}) for name, found in sorted_out.items()}


def _data(status: int, body: bytes) -> dict[str, object] | Unknown:
    answer = _object(body)
    if status != HTTP_OK:
        return fault(status, _error(answer) if answer else "")
    if answer is None:
        return Unknown(Code.MALFORMED, "the answer is no JSON object; is this a Prometheus?")
    if answer.get("status") != "success":
        return Unknown(Code.REFUSED, _error(answer) or "the answer says no success")
    missing = _partial(answer)
    if missing:
        return Unknown(Code.CONTRADICTORY, missing)
    data = answer.get("data")
    return data if isinstance(data, dict) else Unknown(Code.MALFORMED, "the answer holds no data")


def _object(body: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _error(answer: dict[str, object]) -> str:
    words = (str(answer[key]) for key in ("errorType", "error") if isinstance(answer.get(key), str))
    return ": ".join(words)[:LONGEST]


def _partial(answer: dict[str, object]) -> str:
    warnings = answer.get("warnings")
    if not isinstance(warnings, list):
        return ""
    return "; ".join(str(one) for one in warnings if not str(one).startswith(REMARKS))[:LONGEST]


def _value(data: dict[str, object]) -> Value | Unknown:
    kind, result = data.get("resultType"), data.get("result")
    if kind == "scalar":
        return _pair(result)
    if kind != "vector" or not isinstance(result, list):
        return Unknown(Code.MALFORMED, f"the query gives a {str(kind)[:20]}, not a number; sum or average it")
    times = [one for one in result if _is_time(one)]
    series = [one for one in result if not _is_time(one)]
    if not series:
        return NO_SERIES
    if len(series) > 1:
        return Unknown(Code.CONTRADICTORY, f"the query gives {len(series)} series where one is meant; sum or average them")
    return _at_own_time(_single(series[0]), [_single(one) for one in times])


def _is_time(series: object) -> bool:
    labels = series.get("metric") if isinstance(series, dict) else None
    return isinstance(labels, dict) and TIME_LABEL in labels


def _at_own_time(value: Value | Unknown, times: list[Value | Unknown]) -> Value | Unknown:
    match value, times:
        case Value(), [Value(milli=own)]:
            return Value(value.milli, Instant(own))  # a time in seconds, in milli-units: milliseconds
        case _:
            return value


def _single(series: object) -> Value | Unknown:
    return _pair(series.get("value") if isinstance(series, dict) else None)


def _pair(found: object) -> Value | Unknown:
    match found:
        case [int() | float() as at, str() as text] if not isinstance(at, bool):
            return _number(text, at)
        case _:
            return Unknown(Code.MALFORMED, "the series has no plain value")


def _number(text: str, at: float) -> Value | Unknown:
    milli, moment = number(text), Decimal(str(at))
    if isinstance(milli, Unknown):
        return milli
    if not moment.is_finite() or not 0 <= moment < LARGEST:
        return Unknown(Code.NOT_A_NUMBER, f"{text[:40]} at {str(at)[:40]} is beyond all bounds")
    return Value(milli, Instant(int(moment * 1000)))
