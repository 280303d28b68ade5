"""From one answer of the query API to a value, or to the reason there is none. Pure."""

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_prometheus.selectors import TIME_LABEL

LONGEST = 200
LARGEST = Decimal(10**12)
HTTP_OK = 200
FIRST_REDIRECT, FIRST_FAULT, FIRST_SERVER_FAULT = 300, 400, 500
BY_STATUS = {404: Code.NOT_FOUND, 429: Code.UNAVAILABLE}
REMARKS = ("PromQL info:", "PromQL warning:")
"""Warnings that speak of the query's style. All others say that a part of the data is missing."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number in milli-units, at its own time by the source's clock."""

    milli: int
    at: Instant


def parse(status: int, body: bytes) -> Value | Unknown:
    """The one value an instant query means."""
    answer = _object(body)
    if status != HTTP_OK:
        return _fault(status, answer)
    if answer is None:
        return Unknown(Code.MALFORMED, "the answer is no JSON object; is this a Prometheus?")
    if answer.get("status") != "success":
        return Unknown(Code.REFUSED, _error(answer) or "the answer says no success")
    missing = _partial(answer)
    if missing:
        return Unknown(Code.CONTRADICTORY, missing)
    data = answer.get("data")
    return _value(data) if isinstance(data, dict) else Unknown(Code.MALFORMED, "the answer holds no data")


def _object(body: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _fault(status: int, answer: dict[str, object] | None) -> Unknown:
    said = f"HTTP {status} {_error(answer) if answer else ''}".strip()
    if FIRST_REDIRECT <= status < FIRST_FAULT:
        return Unknown(Code.REFUSED, f"{said}: it redirects; name the address it redirects to")
    if status < FIRST_REDIRECT:
        return Unknown(Code.MALFORMED, said)
    default = Code.UNAVAILABLE if status >= FIRST_SERVER_FAULT else Code.REFUSED
    return Unknown(BY_STATUS.get(status, default), said[:LONGEST])


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
        return Unknown(Code.MISSING, "the query gives no series")
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
    try:
        number, moment = Decimal(text), Decimal(str(at))
    except InvalidOperation:
        return Unknown(Code.NOT_A_NUMBER, text[:40])
    if not number.is_finite() or not moment.is_finite() or (number.is_signed() and number.is_zero()):
        return Unknown(Code.NOT_A_NUMBER, text[:40])
    if abs(number) > LARGEST or not 0 <= moment < LARGEST:
        return Unknown(Code.NOT_A_NUMBER, f"{text[:40]} at {at} is beyond all bounds")
    return Value(int((number * 1000).to_integral_value(ROUND_HALF_EVEN)), Instant(int(moment * 1000)))
