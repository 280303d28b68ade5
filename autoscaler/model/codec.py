"""Frozen values to JSON and back, by their type annotations; the same value always gives the same bytes.

A dataclass or a named tuple is an object of its fields; where a field's type is a union of them, `type` names which. Fields that hold
their default are left out, so that a value written before a field existed reads as if it had it. `FORMAT` heads every document.
"""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from itertools import repeat
from operator import attrgetter
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from autoscaler.errors import AutoscalerError

FORMAT = "autoscaler/v1"
"""Format version: fields may be added within v1; a newer engine reads every older v1, and refuses another major."""

NEWER = "read it with the version that wrote it"

SCALARS = frozenset({bool, int, str, type(None)})
"""Written as they are."""

T = TypeVar("T")

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


class FormatError(AutoscalerError):
    """A document is not what its place asks for."""


def dumps(value: object, *, kind: str) -> str:
    """One document: `{"format":…,"kind":…,"value":…}`, keys sorted, ASCII, no spaces."""
    document = {"format": FORMAT, "kind": kind, "value": encode(value, type(value))}
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def loads(text: str | bytes, expected: type[T], *, kind: str) -> T:
    """Read what `dumps` wrote; FormatError says what is wrong and where."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not JSON: {error}", hint=f"give a {kind} file written by autoscaler") from error
    if not isinstance(document, dict) or document.get("kind") != kind:
        raise FormatError(f"not a {kind} file", hint=f"give a {kind} file written by autoscaler")
    if document.get("format") != FORMAT:
        raise FormatError(f"format {_short(document.get('format'))} is not {FORMAT}", hint=NEWER)
    return decode(document.get("value"), expected)


def encode(value: object, annotation: Any = None) -> Json:
    """The value as JSON; `annotation` is the type its place declares, which decides whether `type` must be told."""
    if type(value) in SCALARS:
        return cast("Json", value)
    return _place(annotation)[type(value)](value)


def decode(data: Any, expected: type[T], at: str = "value") -> T:
    """The value `data` stands for; FormatError names the place (`value.steps[3].step`)."""
    try:
        return cast("T", _decoder(cast("Any", expected))(data))
    except _Misfit as error:
        raise FormatError(f"{at}{''.join(reversed(error.places))}: {error.problem}", hint=error.hint) from error


@cache
def slots(kind: Any) -> tuple[tuple[str, object, Any], ...]:
    """Name, default and declared type of each field; asked for with every value, so looked up once."""
    hints = _hints(kind)
    if is_dataclass(kind):
        return tuple((field.name, _default(field), hints[field.name]) for field in fields(kind))
    if not is_value(kind):
        raise TypeError(f"{kind.__name__} has no JSON form")
    return tuple((name, kind._field_defaults.get(name, MISSING), hints[name]) for name in kind._fields)


def is_value(kind: Any) -> bool:
    """Whether it is a type whose values have fields: a dataclass, or a named tuple."""
    return isinstance(kind, type) and (is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields")))


def _default(field: Field[Any]) -> object:
    return field.default_factory() if field.default_factory is not MISSING else field.default


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def plain(annotation: Any) -> Any:
    """A NewType's own type: `Instant` is an int."""
    while hasattr(annotation, "__supertype__"):
        annotation = annotation.__supertype__
    return annotation


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """What a place may hold: the members of a union, else the one type."""
    annotation = plain(annotation)
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def classes(annotation: Any) -> list[type]:
    """Those among them that have fields."""
    return [kind for kind in alternatives(annotation) if is_value(kind)]


Encoder = Callable[[Any], Json]
Decoder = Callable[[Any], Any]


class _Place(dict[type, Encoder]):
    """How a value of each type is written where `annotation` is declared."""

    def __init__(self, annotation: Any) -> None:
        super().__init__()
        self.annotation = annotation

    def __missing__(self, kind: type) -> Encoder:
        self[kind] = found = _encoder(kind, self.annotation)
        return found


@cache
def _place(annotation: Any) -> _Place:
    return _Place(annotation)


def _encoder(kind: type, annotation: Any) -> Encoder:
    if issubclass(kind, Enum):
        return attrgetter("value")
    if issubclass(kind, int | str):
        return lambda value: value
    if issubclass(kind, tuple | frozenset) and not is_value(kind):
        return _many_encoder(kind, annotation)
    # Told where the place alone does not say what the value is.
    tag: dict[str, Json] = {"type": kind.__name__} if len(classes(annotation)) > 1 else {}
    return _fields_encoder(kind, tag)


def _fields_encoder(kind: Any, tag: dict[str, Json]) -> Encoder:
    parts = [(name, default, _place(annotation)) for name, default, annotation in slots(kind)]

    def write(value: Any) -> Json:
        body = tag.copy()
        for name, default, place in parts:
            held = getattr(value, name)
            if default is MISSING or held != default:
                body[name] = held if type(held) in SCALARS else place[type(held)](held)
        return body

    return write


def _many_encoder(kind: type, annotation: Any) -> Encoder:
    kinds = get_args(annotation)
    first = _place(kinds[0] if kinds else None)
    if issubclass(kind, frozenset):
        return lambda value: [item if type(item) in SCALARS else first[type(item)](item) for item in sorted(value)]
    if kinds and plain(kinds[0]) in SCALARS and alike(kinds):
        return list
    if kinds and not alike(kinds):
        each = tuple(map(_place, kinds))
        return lambda value: [item if type(item) in SCALARS else place[type(item)](item) for item, place in zip(value, each, strict=True)]
    return lambda value: [item if type(item) in SCALARS else first[type(item)](item) for item in value]


def alike(kinds: tuple[Any, ...]) -> bool:
    """Of a tuple's arguments, whether they stand for any number of the first."""
    return len(kinds) == 2 and kinds[1] is Ellipsis  # noqa: PLR2004 - tuple[T, ...] has two arguments


class _Misfit(Exception):  # noqa: N818 - told as a FormatError, once all of its place is known
    """What is wrong with a part of a document; each part around it adds its own to `places`, the innermost first."""

    def __init__(self, problem: str, *, hint: str) -> None:
        super().__init__(problem)
        self.problem, self.hint, self.places = problem, hint, list[str]()


def _short(data: object) -> str:
    """As Python writes it, at most 40 characters: a broken file may hold anything in any size."""
    return repr(data)[:40]


def _other(wanted: str, data: object) -> _Misfit:
    seen = type(data).__name__
    return _Misfit(f"{wanted} wanted, {seen} found", hint="the file was changed by hand or cut short; write it again")


@cache
def _decoder(annotation: Any) -> Decoder:
    annotation = plain(annotation)
    if len(alternatives(annotation)) > 1:
        return _union_decoder(annotation)
    if get_origin(annotation) in {tuple, frozenset}:
        return _many_decoder(annotation)
    if is_value(annotation):
        return _object_decoder(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _member_decoder(annotation)
    return _scalar_decoder(annotation)


def _scalar_decoder(kind: type) -> Decoder:
    def read(data: object) -> object:
        if type(data) is not kind:
            raise _other(kind.__name__, data)
        return data

    return read


def _member_decoder(kind: type[Enum]) -> Decoder:
    members = {one.value: one for one in kind}

    def read(data: Any) -> Enum:
        try:
            return members[data]
        except (KeyError, TypeError) as error:
            raise _Misfit(f"{_short(data)} is no {kind.__name__}", hint=NEWER) from error

    return read


def _many_decoder(annotation: Any) -> Decoder:
    kinds, build = get_args(annotation), cast("type[Any]", get_origin(annotation))
    any_number = build is frozenset or alike(kinds)
    each = tuple(_decoder(kind) for kind in kinds[: 1 if any_number else None])

    def read(data: Any) -> Any:
        if not isinstance(data, list) or not (any_number or len(data) == len(each)):
            raise _other("list", data)
        made: list[Any] = []
        try:
            for item, reader in zip(data, repeat(each[0]) if any_number else each, strict=False):
                made.append(reader(item))
        except _Misfit as error:
            error.places.append(f"[{len(made)}]")
            raise
        return build(made)

    return read


def _union_decoder(annotation: Any) -> Decoder:
    named = {kind.__name__: kind for kind in classes(annotation)}
    scalars = tuple(plain(kind) for kind in alternatives(annotation) if kind not in named.values())
    only = _object_decoder(next(iter(named.values()))) if len(named) == 1 else None

    def read(data: Any) -> Any:
        if isinstance(data, dict):
            return only(data) if only else _tagged(named, data)
        if type(data) in scalars:
            return data
        raise _other(" or ".join(kind.__name__ for kind in scalars), data)

    return read


def _tagged(named: Mapping[str, type], data: dict[str, Any]) -> object:
    kind = named.get(str(data.get("type")))
    if kind is None:
        raise _Misfit(f"type {_short(data.get('type'))} is none of {', '.join(named)}", hint=NEWER)
    return _object_decoder(kind)({key: part for key, part in data.items() if key != "type"})


@cache
def _object_decoder(kind: type) -> Decoder:
    def read(data: Any) -> object:
        if not isinstance(data, dict):
            raise _other(kind.__name__, data)
        readers, needed = _readers(kind)
        if not needed <= data.keys() <= readers.keys():
            raise _unlike(kind, data)
        made, name = {}, ""
        try:
            for name, part in data.items():
                scalar, reader = readers[name]
                made[name] = part if type(part) is scalar else reader(part)
        except _Misfit as error:
            error.places.append(f".{name}")
            raise
        return kind(**made)

    return read


@cache
def _readers(kind: Any) -> tuple[dict[str, tuple[Any, Decoder]], frozenset[str]]:
    """How each field is read, with its type where that is a plain one, and those that must be there. Asked late: a type may hold itself."""
    readers = {name: (plain(annotation), _decoder(annotation)) for name, _, annotation in slots(kind)}
    scalars = {name: (one if one in SCALARS else None, reader) for name, (one, reader) in readers.items()}
    return scalars, frozenset(name for name, default, _ in slots(kind) if default is MISSING)


def _unlike(kind: type, data: dict[str, Any]) -> _Misfit:
    readers, needed = _readers(kind)
    if absent := [name for name in readers if name in needed and name not in data]:
        return _Misfit(f"{kind.__name__} lacks {', '.join(absent)}", hint="the file was cut short; write it again")
    return _Misfit(f"{kind.__name__} has no {_short(min(data.keys() - readers.keys()))}", hint=NEWER)
