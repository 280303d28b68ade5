"""What a value holds, as one text to make a name of: its JSON form as Python writes it, without making that form first.

The text never changes for a value that is the same: plans under way are known by names made of it. Values of one type are told together,
field by field, and what several of them hold is told once: most of a large plan is moves and steps that name the same few objects.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING
from enum import Enum
from functools import cache
from itertools import chain, compress, islice
from operator import attrgetter
from typing import Any, get_args

from autoscaler.model.codec import SCALARS, alike, classes, is_value, plain, slots

Teller = Callable[[Sequence[Any]], list[str]]
"""The text of each of several values of one type."""


def content(value: object) -> str:
    """`repr(encode(value, type(value)))`, of a dataclass's value."""
    kind: type = type(value)
    return _place(kind).tell([value])[0]


class _Place(dict[type, Teller]):
    """How values of each type are told where `annotation` is declared."""

    def __init__(self, annotation: Any) -> None:
        super().__init__()
        self.annotation = annotation

    def __missing__(self, kind: type) -> Teller:
        self[kind] = found = _teller(kind, self.annotation)
        return found

    def tell(self, values: Sequence[Any]) -> list[str]:
        """The text of each."""
        each = set(map(type, values))
        if len(each) == 1:
            return self[each.pop()](values)
        texts = {kind: iter(self[kind]([one for one in values if type(one) is kind])) for kind in each}
        return [next(texts[type(one)]) for one in values]

    def column(self, label: str, default: object, values: Sequence[Any]) -> list[str]:
        """The text of each after the field's label, nothing where it holds the default."""
        once = dict(zip(map(id, values), values, strict=True))
        if 2 * len(once) > len(values):
            return self._labelled(label, default, values)
        texts = dict(zip(once, self._labelled(label, default, list(once.values())), strict=True))
        return list(texts.values()) * len(values) if len(texts) == 1 else [texts[key] for key in map(id, values)]

    def _labelled(self, label: str, default: object, values: Sequence[Any]) -> list[str]:
        if default is MISSING:
            return [label + text for text in self.tell(values)]
        held = [one is not default and one != default for one in values]
        texts = iter(self.tell(list(compress(values, held))))
        return [label + next(texts) if here else "" for here in held]


@cache
def _place(annotation: Any) -> _Place:
    return _Place(annotation)


def _teller(kind: type, annotation: Any) -> Teller:
    if issubclass(kind, Enum):
        return lambda values: [repr(one.value) for one in values]
    if kind in SCALARS or issubclass(kind, int | str):
        return lambda values: list(map(repr, values))
    if issubclass(kind, tuple | frozenset) and not is_value(kind):
        return _many_teller(kind, annotation)
    return _fields_teller(kind, f"'type': {kind.__name__!r}" if len(classes(annotation)) > 1 else "")


def _fields_teller(kind: Any, tag: str) -> Teller:
    parts = [(attrgetter(name), f"{name!r}: ", default, _place(annotation)) for name, default, annotation in slots(kind)]

    def tell(values: Sequence[Any]) -> list[str]:
        columns = [place.column(label, default, list(map(held, values))) for held, label, default, place in parts]
        told = [column for column in ([tag] * len(values), *columns) if any(column)]
        rows = zip(*told, strict=True) if told else [()] * len(values)
        texts = map(", ".join, rows if all(map(all, told)) else (filter(None, row) for row in rows))
        return [f"{{{text}}}" for text in texts]

    return tell


def _many_teller(kind: type, annotation: Any) -> Teller:
    kinds = get_args(annotation)
    first = _place(kinds[0] if kinds else None)
    if issubclass(kind, frozenset):
        return lambda values: _lists(first, [sorted(one) for one in values])
    if kinds and not alike(kinds):
        return _row_teller([_place(one) for one in kinds])
    if kinds and plain(kinds[0]) is str:
        return _names
    if kinds and plain(kinds[0]) in SCALARS:
        return lambda values: [repr(list(one)) for one in values]
    return lambda values: _lists(first, values)


def _row_teller(places: list[_Place]) -> Teller:
    """Of tuples that have something else in each place."""

    def tell(values: Sequence[Any]) -> list[str]:
        columns = [place.tell(held) for place, held in zip(places, zip(*values, strict=True), strict=True)]
        return [f"[{', '.join(row)}]" for row in zip(*columns, strict=True)]

    return tell


def _lists(items: _Place, values: Sequence[Sequence[Any]]) -> list[str]:
    """Of several lists, the texts of all their items made together."""
    told = iter(items.tell(list(chain.from_iterable(values))))
    return [f"[{', '.join(islice(told, len(one)))}]" for one in values]


def _names(values: Sequence[Sequence[str]]) -> list[str]:
    """Of several lists of names; put together at once where nothing has to be escaped: hundreds of steps may wait for the same ones."""
    clear = all(repr(one) == f"'{one}'" for one in set(chain.from_iterable(values)))
    return ["['" + "', '".join(one) + "']" if clear and one else repr(list(one)) for one in values]
