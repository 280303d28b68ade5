"""Azure's published model, as its own SDK carries it: which properties a body may and must have, and of what type."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from azure.mgmt.compute import models

Json = Any
Published = Any
"""A class of the SDK's models."""
INCOMPLETE = (models.VirtualMachineSizeTypes,)
"""Lists of values that Azure itself says to be old."""


class BrokenModelError(Exception):
    """The stand-in itself said what Azure never would."""


def parsed(body: bytes, model: Published) -> tuple[Json, list[str]]:
    """A request's body, and what is wrong with it."""
    try:
        value = json.loads(body)
    except ValueError as error:
        return {}, [f"the body is no JSON: {error}"]
    return value, list(_problems(value, model, "", sent=True))


def checked(value: Json, model: Published) -> Json:
    """The same; BrokenModelError where it is no answer of Azure's."""
    problems = list(_problems(value, model, "", sent=False))
    if problems:
        raise BrokenModelError("; ".join(problems))
    return value


@cache
def _fields(model: Published) -> Mapping[str, tuple[Any, bool]]:
    """By its name in JSON: the type of each property, and whether only Azure writes it."""
    model.__new__(model)  # the SDK reckons the names at the first instance
    hints = get_type_hints(model, localns={"_models": sys.modules[model.__module__.rpartition(".")[0]]})
    return {
        field._rest_name: (hints[name], field._visibility == ["read"])  # noqa: SLF001 - the SDK tells this nowhere else
        for name, field in model._attr_to_rest_field.items()  # noqa: SLF001
    }


def _problems(value: Json, kind: Any, where: str, *, sent: bool) -> Iterator[str]:  # noqa: ANN401 - any annotation of the SDK's
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        yield from _of_union(value, parts, where, sent=sent)
    elif origin is list:
        yield from _of_list(value, parts[0], where, sent=sent)
    elif origin is Literal:
        yield from () if value in parts else (f"{where} is {value!r}, none of {', '.join(parts)}",)
    elif origin is dict:
        yield from () if isinstance(value, dict) else (f"{where} is no map",)
    elif hasattr(kind, "_is_model"):
        yield from _of_model(value, kind, where, sent=sent)
    elif not _fits(value, kind):
        yield f"{where} is {value!r}, not {getattr(kind, '__name__', kind)}"


def _of_union(value: Json, parts: tuple[Any, ...], where: str, *, sent: bool) -> Iterator[str]:
    enums = [one for one in parts if isinstance(one, type) and issubclass(one, Enum)]
    if enums and enums[0] not in INCOMPLETE:
        known = {member.value for one in enums for member in one}
        yield from () if value in known else (f"{where} is {value!r}, none of {', '.join(sorted(known))}",)
        return
    kind = next(one for one in parts if one is not NoneType)
    yield from _problems(value, kind, where, sent=sent)


def _of_list(value: Json, kind: Any, where: str, *, sent: bool) -> Iterator[str]:  # noqa: ANN401 - as _problems
    if not isinstance(value, list):
        yield f"{where} is no list"
        return
    for place, one in enumerate(value):
        yield from _problems(one, kind, f"{where}[{place}]", sent=sent)


def _of_model(value: Json, model: Published, where: str, *, sent: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is no object"
        return
    fields = _fields(model)
    for name, (kind, _) in fields.items():
        if name not in value and NoneType not in get_args(kind):
            yield f"{where}.{name} is missing"
    for name, one in value.items():
        if name not in fields:
            yield f"{where}.{name}: could not find member on object of type {model.__name__}"
        elif sent and fields[name][1]:
            yield f"{where}.{name} is read-only"
        else:
            yield from _problems(one, fields[name][0], f"{where}.{name}", sent=sent)


def _fits(value: Json, kind: Any) -> bool:  # noqa: ANN401 - as _problems
    if kind is datetime:
        try:
            return datetime.fromisoformat(value).tzinfo is not None
        except (TypeError, ValueError):
            return False
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return kind is Any or type(value) is kind
