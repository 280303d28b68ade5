"""The closed set of shapes a setting can have.

A dataclass's annotations become shapes once; the binder reads YAML by them and the JSON Schema is written from them, so the two
cannot disagree.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from autoscaler.config.markers import Section, Spelt

LARGEST = 10**12 - 1
"""No whole number of a file is larger, nor below zero: beyond is a slip of the keyboard."""


class Parsed(Protocol):
    """A class with one text form, as the quantities have: `PATTERN`, `HINT` and a `parse` that raises PolicyError."""

    @classmethod
    def parse(cls, text: str) -> object:
        """The value `text` stands for."""
        ...


@dataclass(frozen=True, slots=True)
class Nothing:
    """No value: `null`, or nothing after the colon."""


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` on."""

    least: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """Text. `names`: what it is the name of, when it is one. `defines`: writing it here defines that name."""

    names: str = ""
    defines: bool = False
    spelt: tuple[Spelt, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """Text that a class of its own parses. `bare`: it may be written as a plain number."""

    kind: type[Parsed]
    pattern: str
    hint: str
    bare: bool
    sensitive: bool = False
    defines: str = ""
    spelt: tuple[Spelt, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    values: tuple[tuple[str, object], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words, as written."""
        return tuple(word for word, _ in self.values)


@dataclass(frozen=True, slots=True)
class Many:
    """A list of `item`, at least `least` of them; becomes a tuple."""

    item: "Shape"
    least: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """A map from names to values; `pairs`: becomes a sorted tuple of pairs, else a dict."""

    key: Text
    value: "Shape"
    pairs: bool
    least: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """One key of a record and the dataclass field behind it."""

    key: str
    field: str
    shape: "Shape"
    required: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A dataclass. `one_of`: exactly one of these keys must be given. `plugin`: the member whose key is a plugin's name."""

    kind: type[object]
    members: tuple[Member, ...]
    one_of: tuple[str, ...] = ()
    plugin: Member | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A map with one key that names a plugin, its value being the plugin's own settings; becomes a `Chosen`."""

    section: Section
    beside: bool = False


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Whichever of these the value looks like."""

    shapes: tuple["Shape", ...]


Shape: TypeAlias = Nothing | Flag | Whole | Text | Quantity | Choice | Many | Named | Record | Slot | AnyOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A plugin as a file names it: its kind, and its own typed settings."""

    kind: str
    settings: object


def advice(shape: Shape) -> str:
    """What to write where `shape` is wanted."""
    match shape:
        case Whole(least):
            return f"write a whole number from {least} on, such as {max(least, 4)}"
        case Text(spelt=(first, *_)):
            return first.hint
        case Quantity():
            return shape.hint
        case Choice():
            return f"write {' or '.join(shape.words)}"
        case AnyOf():
            return ", or ".join(advice(each) for each in shape.shapes if not isinstance(each, Nothing))
        case _:
            return _advice_of_parts(shape)


def _advice_of_parts(shape: Shape) -> str:
    match shape:
        case Record():
            return f"write a map with {_keys(shape)}"
        case Slot():
            return f"write a map whose one key names a {shape.section.value}"
        case _:
            return _ADVICE[type(shape)]


def wanted(shape: Shape) -> str:
    """What `shape` is called in a sentence."""
    match shape:
        case Text(names=names):
            return f"a {names} name" if names else "text"
        case Quantity(kind=kind):
            return f"a {_CALLED.get(kind.__name__, kind.__name__.lower())}"
        case AnyOf():
            return " or ".join(wanted(each) for each in shape.shapes if not isinstance(each, Nothing))
        case _:
            return _WANTED[type(shape)]


def word_of(member: Enum) -> str:
    """How an enum's member is written."""
    return str(member.value)


_CALLED = {
    "Cpu": "cpu quantity",
    "Memory": "memory quantity",
    "Money": "price",
    "Place": "path or URL",
    "Url": "URL",
    "WorkloadRef": "workload",
}
"""Classes whose own name is not what an author would call their values."""

_ADVICE: dict[type[object], str] = {
    Nothing: "write null",
    Flag: "write true or false",
    Text: 'write text; in quotes if it looks like something else, as in "5"',
    Many: "write a list: [one, another], or lines that begin with a dash",
    Named: "write a map: {name: value}, or lines of `name: value`",
}

_WANTED: dict[type[object], str] = {
    Nothing: "nothing",
    Flag: "true or false",
    Whole: "a whole number",
    Choice: "one of a few words",
    Many: "a list",
    Named: "a map",
    Record: "a map",
    Slot: "a map",
}


def _keys(shape: Record) -> str:
    required = [member.key for member in shape.members if member.required]
    return ", ".join(required or shape.one_of or [member.key for member in shape.members][:4]) or "nothing in it: {}"
