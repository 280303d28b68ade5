"""Typed looks into an engine's JSON: absent is the type's zero, another type than meant is an error that names the field."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, TypeVar

from autoscaler.errors import ProviderError
from autoscaler.model.quantities import Instant

Json: TypeAlias = dict[str, Any]
Kind = TypeVar("Kind")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_ENGINE = "is this a Docker engine? see what answers at the cluster's `endpoint`"


def text(of: Json, *path: str) -> str:
    """The string at `path`; empty when absent."""
    return _at(of, path, str, "")


def number(of: Json, *path: str) -> int:
    """The integer at `path`; 0 when absent."""
    return _at(of, path, int, 0)


def table(of: Json, *path: str) -> Json:
    """The object at `path`; empty when absent."""
    return _at(of, path, dict, {})


def rows(of: Json, *path: str) -> list[Json]:
    """The list of objects at `path`; empty when absent."""
    found: list[Json] = _at(of, path, list, [])
    return [_typed(row, dict, ".".join(path)) for row in found]


def words(of: Json, *path: str) -> list[str]:
    """The list of strings at `path`; empty when absent."""
    found: list[str] = _at(of, path, list, [])
    return [_typed(word, str, ".".join(path)) for word in found]


def moment(of: Json, *path: str) -> Instant:
    """The time at `path`; 0 when absent, and for the year 1 that Go writes for none."""
    found = text(of, *path)
    if not found:
        return Instant(0)
    try:
        spoken = datetime.fromisoformat(found)
    except ValueError as error:
        raise _malformed(".".join(path), found) from error
    return Instant(max(0, (spoken - EPOCH) // timedelta(milliseconds=1)))


def array(answer: object, what: str) -> list[Json]:
    """The whole answer as a list of objects."""
    return [_typed(row, dict, what) for row in _typed(answer, list, what)]


def whole(answer: object, what: str) -> Json:
    """The whole answer as one object."""
    return _typed(answer, dict, what)


def _at(of: Json, path: tuple[str, ...], kind: type[Kind], absent: Kind) -> Kind:
    found: object = of
    for part in path:
        found = _typed(found, dict, part).get(part)
        if found is None:
            return absent
    return _typed(found, kind, ".".join(path))


def _typed(found: object, kind: type[Kind], where: str) -> Kind:
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise _malformed(where, found)
    return found


def _malformed(where: str, found: object) -> ProviderError:
    # The type alone: the value may be an environment or a command.
    return ProviderError(f"the engine's answer has a {type(found).__name__} nobody can read in {where!r}", hint=NO_ENGINE)
