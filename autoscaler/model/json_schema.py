"""The JSON Schema of what `codec` reads and writes, from the same annotations: draft 2020-12, one definition per value."""

from collections.abc import Iterator
from dataclasses import MISSING
from enum import Enum
from inspect import getdoc
from typing import Any, get_args, get_origin

from autoscaler.model import codec

Json = codec.Json
Schema = dict[str, Json]

SCALARS: dict[type, Json] = {bool: "boolean", int: "integer", str: "string", type(None): "null"}


def schema_of(kind: Any, *, document: str) -> Schema:
    """The schema of a whole document that holds a `kind` under `value`; `document` is what it calls itself."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"poolkeeper {document}",
        "type": "object",
        "properties": {"format": {"const": codec.FORMAT}, "kind": {"const": document}, "value": _of(kind)},
        "required": ["format", "kind", "value"],
        "$defs": {each.__name__: _record(each) for each in sorted(_reached(kind), key=lambda each: each.__name__)},
    }


def _of(annotation: Any) -> Schema:
    annotation = codec.plain(annotation)
    alternatives = codec.alternatives(annotation)
    if len(alternatives) > 1:
        several = len(codec.classes(annotation)) > 1
        return {"anyOf": [_record(one, tagged=True) if several and codec.is_value(one) else _of(one) for one in alternatives]}
    if get_origin(annotation) in (tuple, frozenset):
        return _many(annotation)
    if codec.classes(annotation):
        return {"$ref": f"#/$defs/{annotation.__name__}"}
    if issubclass(annotation, Enum):
        return {"enum": [one.value for one in annotation]}
    return {"type": SCALARS[annotation]}


def _record(kind: Any, *, tagged: bool = False) -> Schema:
    """The fields of a value; `tagged` where its place may hold others, and so it tells its `type`."""
    found = list(codec.slots(kind))
    tag: Schema = {"type": {"const": kind.__name__}} if tagged else {}
    needed: list[Json] = [*tag, *(name for name, default, _ in found if default is MISSING)]
    return {
        "type": "object",
        "description": getdoc(kind) or "",
        "properties": {**tag, **{name: _of(annotation) for name, _, annotation in found}},
        "required": needed,
        "additionalProperties": False,
    }


def _many(annotation: Any) -> Schema:
    kinds = get_args(annotation)
    if get_origin(annotation) is frozenset or kinds[1:] == (Ellipsis,):
        return {"type": "array", "items": _of(kinds[0])}
    each: list[Json] = [_of(kind) for kind in kinds]
    return {"type": "array", "prefixItems": each, "items": False, "minItems": len(each), "maxItems": len(each)}


def _reached(kind: Any) -> set[Any]:
    """Every type with fields that a value of `kind` may hold, itself included."""
    found: set[Any] = set()
    waiting = list(_held(kind))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(held for _, _, annotation in codec.slots(one) for held in _held(annotation))
    return found


def _held(annotation: Any) -> Iterator[Any]:
    annotation = codec.plain(annotation)
    if codec.is_value(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from _held(inner)
