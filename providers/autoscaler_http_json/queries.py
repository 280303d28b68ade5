"""From a query's text to the path that is asked and the places of the number and its time. Pure."""

import re
from dataclasses import dataclass

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.query_words import SHOWN, split
from autoscaler_sources.wording import unknown

PATH = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?")
UP = re.compile(r"(^|/)(\.|%2[Ee]){1,2}(/|\?|$)")
"""A segment that would be walked, not sent."""

STRAY = re.compile(r"~(?![01])")
EXAMPLE = "write /queue/depth, or /path#/queue/depth, or either with ` at /queue/time`"

Pointer = tuple[str, ...]
"""The keys and indices from the whole to a part."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`path` is added to the source's URL. `number` and `time` are places in what it answers."""

    path: str
    number: Pointer
    time: Pointer | None = None


def asked(query: str) -> Asked | Unknown:
    """`[PATH#]POINTER [at POINTER]`; REFUSED says at which character it goes wrong."""
    words = split(query)
    if isinstance(words, Unknown):
        return words
    match words:
        case [(target, begins)]:
            return _of(target, begins, None)
        case [(target, begins), ("at", _), (time, at)]:
            place = _pointer(time, at)
            return place if isinstance(place, Unknown) else _of(target, begins, place)
        case [_, (word, at), *_]:
            return unknown(Code.REFUSED, f"{word[:SHOWN]!r} at character {at} is out of place; {EXAMPLE}")
        case _:
            return unknown(Code.REFUSED, f"the query is empty; {EXAMPLE}")


def _of(target: str, begins: int, time: Pointer | None) -> Asked | Unknown:
    path, hash_sign, pointer = target.partition("#")
    if not hash_sign:
        path, pointer = "", target
    if not PATH.fullmatch(path) or UP.search(path):
        return unknown(Code.REFUSED, f"{path[:SHOWN]!r} at character {begins} is no path that can be asked; {EXAMPLE}")
    number = _pointer(pointer, begins + len(path) + len(hash_sign))
    return number if isinstance(number, Unknown) else Asked(path, number, time)


def _pointer(text: str, at: int) -> Pointer | Unknown:
    """As RFC 6901 has it: `~1` stands for a slash in a key, `~0` for a tilde."""
    if text and not text.startswith("/"):
        return unknown(Code.REFUSED, f"{text[:SHOWN]!r} at character {at} is no JSON pointer; {EXAMPLE}")
    if stray := STRAY.search(text):
        return unknown(Code.REFUSED, f"the ~ at character {at + stray.start()} is neither ~0 (a tilde) nor ~1 (a slash)")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])
