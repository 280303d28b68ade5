"""What a value holds, as one text to make a name of: its JSON form as Python writes it, without making that form first.

The text never changes for a value that is the same: plans under way are known by names made of it. Many values of one type are told field
by field, and what several of them hold is told once: most of a large plan is moves and steps that name the same few objects.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING
from enum import Enum
from functools import cache
from itertools import chain, islice
from operator import attrgetter
from typing import Any, get_args

from autoscaler.model.codec import SCALARS, alike, classes, is_value, plain, slots

Teller = Callable[[Any], str]

MANY = 64
"""Values from which on it takes less time to tell them field by field."""


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

    def each(self, values: Sequence[Any]) -> list[str]:
        """The texts of several values."""
        kinds = set(map(type, values)) if len(values) >= MANY else set()
        if len(kinds) != 1:
            return [self[type(one)](one) for one in values]
        kind = kinds.pop()
        if is_value(kind):
            return _rows(kind, self.annotation, values)
        return _lists(self.annotation, values) if issubclass(kind, tuple) else list(map(self[kind], values))

    def column(self, label: str, default: object, values: Sequence[Any]) -> list[str]:
        """The texts of a field of several values after its label, nothing where it holds the default; no text at all where all do."""
        once = dict(zip(map(id, values), values, strict=True))
        held = {key: one for key, one in once.items() if default is MISSING or (one is not default and one != default)}
        if len(held) == len(values):
            return [label + text for text in self.each(values)]
        texts = dict.fromkeys(once, "")
        texts.update(zip(held, [label + text for text in self.each(list(held.values()))], strict=True))
        return [texts[key] for key in map(id, values)] if held else []


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
    return _fields_teller(kind, annotation)


def _tag(kind: type, annotation: Any) -> list[str]:
    return [f"'type': {kind.__name__!r}"] if len(classes(annotation)) > 1 else []


@cache
def _parts(kind: Any) -> list[tuple[str, str, object, _Place]]:
    """Of each field its name, its label in the text, its default and how it is told."""
    return [(name, f"{name!r}: ", default, _place(annotation)) for name, default, annotation in slots(kind)]


def _fields_teller(kind: Any, annotation: Any) -> Teller:
    tag, parts = _tag(kind, annotation), _parts(kind)

    def tell(value: Any) -> str:
        found = tag.copy()
        for name, label, default, place in parts:
            held = getattr(value, name)
            if default is MISSING or (held is not default and held != default):
                found.append(label + (repr(held) if type(held) in SCALARS else place[type(held)](held)))
        return f"{{{', '.join(found)}}}"

    return tell


def _rows(kind: Any, annotation: Any, values: Sequence[Any]) -> list[str]:
    """Many values of one type."""
    columns = [[tag] * len(values) for tag in _tag(kind, annotation)]
    columns += [place.column(label, default, list(map(attrgetter(name), values))) for name, label, default, place in _parts(kind)]
    told = [column for column in columns if column]
    rows = zip(*told, strict=True) if told else [()] * len(values)
    texts = map(", ".join, rows if all(map(all, told)) else (filter(None, row) for row in rows))
    return [f"{{{text}}}" for text in texts]


def _many_teller(kind: type, annotation: Any) -> Teller:
    kinds = get_args(annotation)
    first = _place(kinds[0] if kinds else None)
    if issubclass(kind, frozenset):
        return lambda value: _list(first.each(sorted(value)))
    if kinds and not alike(kinds):
        each = tuple(map(_place, kinds))
        return lambda value: _list(place[type(item)](item) for item, place in zip(value, each, strict=True))
    if kinds and plain(kinds[0]) in SCALARS:
        return lambda value: repr(list(value))
    return lambda value: _list(first.each(value))


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"


def _lists(annotation: Any, values: Sequence[tuple[Any, ...]]) -> list[str]:
    """Many lists, their items all together."""
    kinds = get_args(annotation)
    if plain(kinds[0]) is str and alike(kinds):
        return _names(values)
    if not alike(kinds):
        columns = (_place(kind).column("", MISSING, held) for kind, held in zip(kinds, zip(*values, strict=True), strict=True))
        return list(map(_list, zip(*columns, strict=True)))
    items = iter(_place(kinds[0]).each(list(chain.from_iterable(values))))
    return [_list(islice(items, len(one))) for one in values]


def _names(values: Sequence[tuple[str, ...]]) -> list[str]:
    """The same of names; put together at once where nothing has to be escaped: hundreds of steps may wait for the same ones."""
    clear = all(repr(one) == f"'{one}'" for one in set(chain.from_iterable(values)))
    return ["['" + "', '".join(one) + "']" if clear and one else repr(list(one)) for one in values]
