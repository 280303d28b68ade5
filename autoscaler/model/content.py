"""What a value holds, as one text to make a name of: the same text for values that are alike in every field, another for any other.

Told field by field for all values of a type at once: a large plan has ten thousand moves, whose sources are one column, and whose
counts are another.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any

from autoscaler.model.codec import SCALARS, is_value, slots

PARTED = "\0"
"""In hardly any text: what has none is told as it is, with one of these after each."""


def content(value: object) -> str:
    """The value's text. It is not read back: the JSON form is for that."""
    return _told([value])


def digest(value: object) -> str:
    """A hash of the value's text, in hexadecimal. Half characters, as a terminal gives them for broken bytes, are as good as any."""
    return hashlib.sha256(content(value).encode("utf-8", "surrogatepass")).hexdigest()


def _told(values: Sequence[Any]) -> str:
    """So many values, in order."""
    kinds = set(map(type, values))
    if len(kinds) > 1:
        return repr(values) if kinds <= SCALARS else _mixed(values, kinds)
    if kinds <= SCALARS:
        return _scalars(values)
    (kind,) = kinds
    return f"{kind.__name__}{_alike(kind, values)}"


def _scalars(values: Sequence[Any]) -> str:
    """All of one type: one value where all are the same; texts as they are, where what parts them is in none of them."""
    if len(values) > 1 and values.count(values[0]) == len(values):
        return f"{len(values)}*{values[0]!r}"
    if values and isinstance(values[0], str):
        told = PARTED.join(values)
        if told.count(PARTED) == len(values) - 1:
            return f"{len(values)}{PARTED}{told}{PARTED}"
    return repr(values)


def _mixed(values: Sequence[Any], kinds: set[type]) -> str:
    """Which is of what type, then those of each."""
    each = {kind.__name__: [one for one in values if type(one) is kind] for kind in kinds}
    parts = [f"{name}: {_told(some)}" for name, some in sorted(each.items())]
    return f"{[type(one).__name__ for one in values]}{{{', '.join(parts)}}}"


def _alike(kind: type, values: Sequence[Any]) -> str:
    """All of them of this type."""
    if is_value(kind):
        names = [name for name, _, _ in slots(kind)]
        fields: Iterable[Callable[[Any], Any]] = map(itemgetter, range(len(names))) if issubclass(kind, tuple) else map(attrgetter, names)
        return f"({', '.join([f'{name}={_told(list(map(field, values)))}' for name, field in zip(names, fields, strict=True)])})"
    if issubclass(kind, Enum):
        return repr([one.value for one in values])
    if issubclass(kind, tuple | frozenset):
        items = values if issubclass(kind, tuple) else map(sorted, values)
        return f"{list(map(len, values))}{_told(list(chain.from_iterable(items)))}"
    return repr(values)
