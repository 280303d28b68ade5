"""Frozen values to JSON and back, by their type annotations; the same value always gives the same bytes.

A dataclass is an object of its fields; where a field's type is a union of dataclasses, `type` names which. Fields that hold
their default are left out, so that a value written before a field existed reads as if it had it. `FORMAT` heads every document.
"""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from autoscaler.errors import AutoscalerError

FORMAT = "autoscaler/v1"
"""Format version: fields may be added within v1; a newer engine reads every older v1, and refuses another major."""

NEWER = "read it with the version that wrote it"

SCALARS = frozenset({bool, int, str})
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
    if value is None or type(value) in SCALARS:
        return cast("Json", value)
    if isinstance(value, Enum):
        return cast("str", value.value)
    if isinstance(value, int | str):
        return value
    if isinstance(value, tuple | frozenset):
        return _encode_many(value, annotation)
    body = _encode_fields(value)
    return {"type": type(value).__name__, **body} if _ambiguous(annotation) else body


def decode(data: Any, expected: type[T], at: str = "value") -> T:
    """The value `data` stands for; FormatError names the place (`value.steps[3].step`)."""
    return cast("T", _decoder(cast("Any", expected))(data, at))


def _encode_fields(value: Any) -> dict[str, Json]:
    body: dict[str, Json] = {}
    kind: Any = type(value)
    for name, default, annotation in slots(kind):
        held = getattr(value, name)
        if held != default:
            body[name] = encode(held, annotation)
    return body


@cache
def slots(kind: Any) -> tuple[tuple[str, object, Any], ...]:
    """Name, default and declared type of each field; asked for with every value, so looked up once."""
    hints = _hints(kind)
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} has no JSON form")
    return tuple((field.name, _default(field), hints[field.name]) for field in fields(kind))


@cache
def _ambiguous(annotation: Any) -> bool:
    """Whether its place does not tell what the value is."""
    return len(classes(annotation)) > 1


@cache
def _kinds(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation)


def _default(field: Field[Any]) -> object:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _encode_many(value: tuple[Any, ...] | frozenset[Any], annotation: Any) -> Json:
    kinds = _kinds(annotation)
    if isinstance(value, frozenset):
        return [encode(item, kinds[0] if kinds else None) for item in sorted(value)]
    alike = len(kinds) == 2 and kinds[1] is Ellipsis  # noqa: PLR2004 - tuple[T, ...] has two arguments
    if alike and plain(kinds[0]) in SCALARS:
        return list(value)
    each = [kinds[0]] * len(value) if alike else list(kinds) or [None] * len(value)
    return [encode(item, kind) for item, kind in zip(value, each, strict=True)]


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
    """The dataclasses among them."""
    return [kind for kind in alternatives(annotation) if isinstance(kind, type) and is_dataclass(kind)]


def _short(data: object) -> str:
    """As Python writes it, at most 40 characters: a broken file may hold anything in any size."""
    return repr(data)[:40]


def _fail(at: str, wanted: str, data: object) -> FormatError:
    seen = type(data).__name__
    return FormatError(f"{at}: {wanted} wanted, {seen} found", hint="the file was changed by hand or cut short; write it again")


Decoder = Callable[[Any, str], Any]


@cache
def _decoder(annotation: Any) -> Decoder:
    annotation = plain(annotation)
    if len(alternatives(annotation)) > 1:
        return _union_decoder(annotation)
    if get_origin(annotation) in (tuple, frozenset):
        return _many_decoder(annotation)
    if isinstance(annotation, type) and is_dataclass(annotation):
        return lambda data, at: _object(annotation, data, at)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return lambda data, at: _member(annotation, data, at)
    return lambda data, at: _scalar(annotation, data, at)


def _scalar(kind: type, data: object, at: str) -> object:
    if kind is type(None) and data is None:
        return None
    if type(data) is not kind:
        raise _fail(at, kind.__name__, data)
    return data


def _member(kind: type[Enum], data: object, at: str) -> Enum:
    try:
        return kind(data)
    except ValueError as error:
        raise FormatError(f"{at}: {_short(data)} is no {kind.__name__}", hint=NEWER) from error


def _many_decoder(annotation: Any) -> Decoder:
    kinds, build = get_args(annotation), cast("type[Any]", get_origin(annotation))
    alike = build is frozenset or (len(kinds) == 2 and kinds[1] is Ellipsis)  # noqa: PLR2004 - as above

    def read(data: Any, at: str) -> Any:
        if not isinstance(data, list) or not (alike or len(data) == len(kinds)):
            raise _fail(at, "list", data)
        each = [kinds[0]] * len(data) if alike else list(kinds)
        return build(_decoder(kind)(item, f"{at}[{i}]") for i, (item, kind) in enumerate(zip(data, each, strict=True)))

    return read


def _union_decoder(annotation: Any) -> Decoder:
    named = {kind.__name__: kind for kind in classes(annotation)}
    scalars = [plain(kind) for kind in alternatives(annotation) if kind not in named.values()]

    def read(data: Any, at: str) -> Any:
        if isinstance(data, dict):
            return _tagged(named, data, at)
        if any(type(data) is kind for kind in scalars):
            return data
        raise _fail(at, " or ".join(kind.__name__ for kind in scalars), data)

    return read


def _tagged(classes: Mapping[str, type], data: dict[str, Any], at: str) -> object:
    name = data.get("type") if len(classes) > 1 else next(iter(classes), None)
    kind = classes.get(str(name))
    if kind is None:
        raise FormatError(f"{at}: type {_short(name)} is none of {', '.join(classes)}", hint=NEWER)
    return _object(kind, {key: part for key, part in data.items() if key != "type" or len(classes) == 1}, at)


def _object(kind: type, data: Any, at: str) -> object:
    if not isinstance(data, dict):
        raise _fail(at, kind.__name__, data)
    hints, known = _hints(kind), {field.name: field for field in fields(kind)}
    absent = [name for name, field in known.items() if name not in data and _default(field) is MISSING]
    if absent:
        raise FormatError(f"{at}: {kind.__name__} lacks {', '.join(absent)}", hint="the file was cut short; write it again")
    if strange := sorted(data.keys() - known.keys()):
        raise FormatError(f"{at}: {kind.__name__} has no {_short(strange[0])}", hint=NEWER)
    return kind(**{name: _decoder(hints[name])(data[name], f"{at}.{name}") for name in known if name in data})
