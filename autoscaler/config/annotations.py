"""From a dataclass's type annotations to shapes."""

import re
import types
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, NewType, Union, cast, get_args, get_origin, get_type_hints

from autoscaler.config.markers import Beside, Defines, Least, Section, Spelt
from autoscaler.config.names import yaml_key
from autoscaler.config.shapes import (
    AnyOf,
    Choice,
    Chosen,
    Flag,
    Many,
    Member,
    Named,
    Nothing,
    Parsed,
    Quantity,
    Record,
    Shape,
    Slot,
    Text,
    Whole,
    word_of,
)
from autoscaler.errors import SetupError
from autoscaler.model.refs import ClusterName, MetricName, PolicyName, PoolName, QueueName, SourceName, TrafficName, WorkloadRef

NAMES: dict[object, str] = {
    ClusterName: "cluster",
    MetricName: "metric",
    PolicyName: "policy",
    PoolName: "pool",
    QueueName: "queue of notices",
    SourceName: "source",
    TrafficName: "traffic",
}
"""The types whose text names an object of the file, wherever they are met, in a plugin's settings too."""

_WORKLOAD = Quantity(cast("type[Parsed]", WorkloadRef), r"[^/]+/[\s\S]+", "write cluster/name, as in shop/web", bare=False)


@cache
def shape_of(annotation: Hashable) -> Shape:
    """The shape of one annotation; SetupError for a type no file can hold."""
    if get_origin(annotation) is Annotated:
        kind, *marks = get_args(annotation)
        return _marked(kind, tuple(marks))
    if isinstance(annotation, NewType):
        return _new_type(annotation)
    if get_origin(annotation) in (Union, types.UnionType):
        return AnyOf(tuple(shape_of(each) for each in get_args(annotation)))
    if get_origin(annotation) is not None:
        return _generic(annotation)
    return _class(annotation)


def settings_shape(kind: type[object]) -> Record:
    """The record of one settings dataclass; SetupError names the field that no file can hold."""
    return cast("Record", shape_of(cast("Hashable", kind)))


def _new_type(annotation: NewType) -> Shape:
    base = shape_of(annotation.__supertype__)
    return replace(base, names=NAMES.get(annotation, "")) if isinstance(base, Text) else base


def _marked(kind: object, marks: tuple[object, ...]) -> Shape:
    section = next((mark for mark in marks if isinstance(mark, Section)), None)
    if section and kind is Chosen:
        return Slot(section, beside=any(isinstance(mark, Beside) for mark in marks))
    shape = shape_of(kind)
    for mark in marks:
        shape = _with(shape, mark)
    return shape


def _with(shape: Shape, mark: object) -> Shape:
    match shape, mark:
        case Whole() | Many() | Named(), Least(least):
            return replace(shape, least=least)
        case Text() | Quantity(), Spelt():
            return replace(shape, spelt=(*shape.spelt, mark))
        case Text(), Defines():
            return replace(shape, defines=True)
        case Quantity(), Defines(what):
            return replace(shape, defines=what)
        case _:
            return shape


def _generic(annotation: object) -> Shape:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal and all(isinstance(word, str) for word in parts):
        return Choice(tuple((word, word) for word in parts))
    if origin is tuple and len(parts) == 2 and parts[1] is Ellipsis:  # noqa: PLR2004 - tuple[T, ...] has two arguments
        return _many(parts[0])
    if origin in (Mapping, dict):
        return Named(_key(parts[0]), shape_of(parts[1]), pairs=False)
    raise _impossible(annotation)


def _many(item: object) -> Shape:
    """A tuple of items; a tuple of (text, value) pairs is written as a map."""
    pair = get_args(item) if get_origin(item) is tuple else ()
    if len(pair) == 2 and isinstance(shape_of(pair[0]), Text):  # noqa: PLR2004 - a pair
        return Named(_key(pair[0]), shape_of(pair[1]), pairs=True)
    return Many(shape_of(item))


def _key(annotation: object) -> Text:
    shape = shape_of(annotation)
    if not isinstance(shape, Text):
        raise _impossible(annotation)
    return shape


def _class(annotation: object) -> Shape:
    simple: dict[object, Shape] = {bool: Flag(), int: Whole(), str: Text(), type(None): Nothing(), None: Nothing(), WorkloadRef: _WORKLOAD}
    if annotation in simple:
        return simple[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Choice(tuple((word_of(member), member) for member in annotation))
    if isinstance(getattr(annotation, "PATTERN", None), str) and callable(getattr(annotation, "parse", None)):
        return _quantity(cast("type[Parsed]", annotation))
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _record(annotation)
    raise _impossible(annotation)


def _quantity(kind: type[Parsed]) -> Quantity:
    pattern = str(getattr(kind, "PATTERN", ""))
    hint = str(getattr(kind, "HINT", f"see {kind.__name__}"))
    bare = re.fullmatch(pattern, "1") is not None and re.fullmatch(pattern, "x") is None
    return Quantity(kind, pattern, hint, bare=bare, sensitive=bool(getattr(kind, "SENSITIVE", False)))


def _record(kind: type[object]) -> Record:
    try:
        hints = get_type_hints(kind, include_extras=True)
    except (NameError, TypeError) as error:
        problem = f"the annotations of {kind.__name__} cannot be read: {error}"
        raise SetupError(problem, hint="import its types at run time") from error
    told = [found for found in fields(cast("Any", kind)) if found.init]
    members = [Member(yaml_key(found.name), found.name, _member(kind, found, hints), _required(found)) for found in told]
    plugin = next((member for member in members if isinstance(member.shape, Slot) and member.shape.beside), None)
    plain = tuple(member for member in members if member is not plugin)
    return Record(kind, plain, tuple(getattr(kind, "ONE_OF", ())), plugin)


def _member(kind: type[object], found: Field[object], hints: Mapping[str, object]) -> Shape:
    try:
        return shape_of(hints[found.name])
    except SetupError as error:
        raise SetupError(f"{kind.__name__}.{found.name}: {error}", hint=error.hint) from error


def _required(found: Field[object]) -> bool:
    return found.default is MISSING and found.default_factory is MISSING


def _impossible(annotation: object) -> SetupError:
    name = getattr(annotation, "__name__", str(annotation))
    hint = "use str, int, bool, an Enum, a quantity, a dataclass, or tuples, unions and mappings of them"
    return SetupError(f"a policy file cannot hold a value of type {name}", hint=hint)
