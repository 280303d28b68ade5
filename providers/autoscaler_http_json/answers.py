"""From an answer to a value at its own time, or to the reason there is none. Pure."""

from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_http_json.queries import Asked, Pointer
from autoscaler_sources.http_faults import HTTP_OK, fault
from autoscaler_sources.json_values import JsonNumber, counted, load, member
from autoscaler_sources.moments import moment
from autoscaler_sources.numbers import Value
from autoscaler_sources.wording import unknown


def told(status: int, body: bytes) -> object | Unknown:
    """The JSON of an answer."""
    return load(body) if status == HTTP_OK else fault(status)


def value(whole: object, asked: Asked) -> Value | Unknown:
    """The number that stands where the query says, with its time."""
    milli = counted(_at(whole, asked.number), texts=True)
    at = None if asked.time is None else _moment(_at(whole, asked.time))
    if isinstance(milli, Unknown):
        return milli
    return at if isinstance(at, Unknown) else Value(milli, at)


def _at(whole: object, pointer: Pointer) -> object | Unknown:
    for key in pointer:
        if isinstance(whole, Unknown):
            break
        whole = member(whole, key)
    return whole


def _moment(found: object) -> Instant | Unknown:
    match found:
        case Unknown():
            return found
        case JsonNumber(text) | str(text):
            return moment(text)
        case _:
            return unknown(Code.MALFORMED, "the value's time is no time")
