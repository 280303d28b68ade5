"""JSON as it was written: numbers keep their text, a key given twice is known as such. Pure."""

import json
import re
from dataclasses import dataclass

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.numbers import SHOWN, count
from autoscaler_sources.wording import unknown

INDEX = re.compile(r"0|[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """Its text, NaN and Infinity included, which Python's reader lets pass."""

    text: str


@dataclass(frozen=True, slots=True)
class Twice:
    """What stands under a key that one object has twice."""


def load(body: bytes | str) -> object | Unknown:
    """Maps, lists, texts, booleans, None, JsonNumber and Twice; MALFORMED when it is no JSON."""
    try:
        loaded: object = json.loads(body, parse_int=JsonNumber, parse_float=JsonNumber, parse_constant=JsonNumber, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return Unknown(Code.MALFORMED, "this is no JSON")
    return loaded


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        found[key] = Twice() if key in found else value
    return found


def member(found: object, key: str) -> object | Unknown:
    """What a map has under a key, or a list at an index; MISSING without it, CONTRADICTORY when it is there twice."""
    value: object = Unknown(Code.MISSING, f"there is no {key[:SHOWN]!r}")
    match found:
        case dict():
            value = found.get(key, value)
        case list() if INDEX.fullmatch(key) and int(key) < len(found):
            value = found[int(key)]
        case _:
            pass
    return Unknown(Code.CONTRADICTORY, f"{key[:SHOWN]!r} is given twice") if isinstance(value, Twice) else value


def counted(found: object, *, texts: bool = False) -> int | Unknown:
    """The count in milli-units that a number means; `texts`: or a text which is a plain number."""
    match found:
        case Unknown():
            return found
        case JsonNumber(text):
            return count(text)
        case str() if texts:
            return count(found)
        case None:
            return Unknown(Code.MISSING, "the value is null")
        case Twice():
            return Unknown(Code.CONTRADICTORY, "the value is given twice")
        case _:
            return unknown(Code.MALFORMED, f"the value is {_kind(found)}, not a number")


def _kind(found: object) -> str:
    kinds = {str: "a text", bool: "a boolean", dict: "a map", list: "a list"}
    return kinds.get(type(found), "of a strange kind")
