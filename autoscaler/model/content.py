"""What a value holds, as one text to make a name of: its JSON form as Python writes it, without making that form first.

The text never changes for a value that is the same: plans under way are known by names made of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import MISSING
from enum import Enum
from functools import cache
from typing import Any, get_args

from autoscaler.model.codec import SCALARS, alike, alternatives, classes, is_value, plain, slots

Teller = Callable[[Any], str]


def content(value: object) -> str:
    """`repr(encode(value, type(value)))`, of a dataclass's value."""
    kind: type = type(value)
    return _place(kind)[kind](value)


class _Place(dict[type, Teller]):
    """How a value of each type is told where `annotation` is declared."""

    def __init__(self, annotation: Any) -> None:
        super().__init__()
        self.annotation = annotation

    def __missing__(self, kind: type) -> Teller:
        self[kind] = found = _teller(kind, self.annotation)
        return found


@cache
def _place(annotation: Any) -> _Place:
    return _Place(annotation)


def _teller(kind: type, annotation: Any) -> Teller:
    if issubclass(kind, Enum):
        return {one: repr(one.value) for one in kind}.__getitem__
    if kind in SCALARS or issubclass(kind, int | str):
        return repr
    if issubclass(kind, tuple | frozenset) and not is_value(kind):
        return _many_teller(kind, annotation)
    return _fields_teller(kind, [f"'type': {kind.__name__!r}"] if len(classes(annotation)) > 1 else [])


def _fields_teller(kind: Any, tag: list[str]) -> Teller:
    parts = [(name, f"{name!r}: ", default, _place(annotation)) for name, default, annotation in slots(kind)]
    small = _small(kind)
    last: tuple[Any, str] = (None, "")

    def tell(value: Any) -> str:
        nonlocal last  # steps and moves name the same objects, mostly one after the other
        known, told = last
        if known is value:
            return told
        found = tag.copy()
        for name, label, default, place in parts:
            held = getattr(value, name)
            if default is MISSING or (held is not default and held != default):
                found.append(label + (repr(held) if type(held) in SCALARS else place[type(held)](held)))
        told = "{" + ", ".join(found) + "}"
        if small:  # nothing large is held on to
            last = value, told
        return told

    return tell


def _small(kind: Any) -> bool:
    """Whether a value has nothing in it but a few plain ones."""
    kind = plain(kind)
    if kind in SCALARS or (isinstance(kind, type) and issubclass(kind, Enum)):
        return True
    several = alternatives(kind)
    return all(map(_small, several)) if len(several) > 1 else is_value(kind) and all(_small(annotation) for _, _, annotation in slots(kind))


def _many_teller(kind: type, annotation: Any) -> Teller:
    kinds = get_args(annotation)
    first = _place(kinds[0] if kinds else None)
    if issubclass(kind, frozenset):
        return lambda value: _list(first[type(item)](item) for item in sorted(value))
    if kinds and not alike(kinds):
        each = tuple(map(_place, kinds))
        return lambda value: _list(place[type(item)](item) for item, place in zip(value, each, strict=True))
    if kinds and plain(kinds[0]) in SCALARS:
        return lambda value: repr(list(value))
    return lambda value: _list([first[type(item)](item) for item in value])


def _list(items: Iterable[str]) -> str:
    return "[" + ", ".join(items) + "]"
