"""YAML text to a tree of our own, in which every value knows its place.

libyaml only splits the text into events; the tree is built here with a stack of our own, so that depth, aliases and growth are
counted exactly and nothing recurses. Scalars keep their text: what `no` or `0x10` means is decided where a type is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from autoscaler.config.limits import ALIASES, DEPTH, DEPTH_HINT, GROWTH, ParseError, check_characters, check_nesting
from autoscaler.config.places import Mark, Source
from autoscaler.config.problems import ProblemCode, Problems
from autoscaler.config.syntax import syntax_error

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where PyYAML was built with it, ten times as fast."""


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A single value as written; `plain` when it stands without quotes."""

    mark: Mark
    text: str
    plain: bool


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """`[a, b]`, or lines with dashes."""

    mark: Mark
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One `key: value` of a map."""

    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """`{a: b}`, or lines with keys; no key twice."""

    mark: Mark
    entries: tuple[Entry, ...]

    def get(self, key: str) -> Entry | None:
        """The entry of `key`."""
        return next((entry for entry in self.entries if entry.key.text == key), None)


Node: TypeAlias = Scalar | Listing | Mapping


def compose(source: Source, problems: Problems, empty: str = "write something, or remove the file") -> Node:
    """The one document of the file. What can be read on is noted in `problems`; ParseError where reading must stop.

    `empty`: what to write into a file that holds nothing.
    """
    check_characters(source)
    check_nesting(source)
    builder = _Builder(source, problems)
    try:
        for event in yaml.parse(source.text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise syntax_error(source, error) from error
    if builder.root is None:
        raise ParseError(ProblemCode.UNREADABLE, Mark(source), "the file is empty", hint=empty)
    return builder.root


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come; `size` counts all values below it, aliases expanded."""

    mark: Mark
    is_map: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    size: int = 1


@dataclass(slots=True)
class _Builder:
    source: Source
    problems: Problems
    root: Node | None = None
    documents: int = 0
    open: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int] | None] = field(default_factory=dict)
    aliases: int = 0
    grown: int = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._document(event)
            case _:
                pass

    def _document(self, event: yaml.Event) -> None:
        self.documents += 1
        if self.documents > 1:
            hint = "one file holds one document: put the rest into a file of its own in the same folder"
            raise ParseError(ProblemCode.UNSUPPORTED, self._mark(event), "a second document begins here", hint=hint)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        at = self._mark(event)
        self._no_tag(event, at)
        node = Scalar(at, event.value, event.implicit[0] and event.style in (None, ""))
        self._remember(event.anchor, node, 1)
        self._place(node, 1)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        at = self._mark(event)
        self._no_tag(event, at)
        if len(self.open) >= DEPTH:
            raise ParseError(ProblemCode.TOO_DEEP, at, f"nested deeper than {DEPTH} levels", hint=DEPTH_HINT)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.open.append(_Open(at, isinstance(event, yaml.MappingStartEvent), event.anchor))

    def _end(self) -> None:
        done = self.open.pop()
        node = Mapping(done.mark, tuple(self._entries(done.items))) if done.is_map else Listing(done.mark, tuple(done.items))
        self._remember(done.anchor, node, done.size)
        self._place(node, done.size)

    def _alias(self, event: yaml.AliasEvent) -> None:
        at = self._mark(event)
        self.aliases += 1
        if self.aliases > ALIASES:
            hint = "write the values out, or put what is common under defaults"
            raise ParseError(ProblemCode.TOO_LARGE, at, f"more than {ALIASES} aliases", hint=hint)
        node, size = self._aliased(event, at)
        self.grown += size
        if self.grown > GROWTH:
            problem = f"aliases repeat more than {GROWTH:,} values"
            raise ParseError(ProblemCode.TOO_LARGE, at, problem, hint="an alias of aliases grows without end: write the values out")
        self._place(node, size)

    def _aliased(self, event: yaml.AliasEvent, at: Mark) -> tuple[Node, int]:
        name = str(event.anchor)
        if name not in self.anchors:
            hint = f"write &{name[:40]} before the value it stands for, earlier in the same file"
            raise ParseError(ProblemCode.SYNTAX, at, f"no anchor named {name[:40]!r}", hint=hint)
        found = self.anchors[name]
        if found is None:
            raise ParseError(ProblemCode.UNSUPPORTED, at, "an alias inside the value it stands for", hint="write the value out")
        return found

    def _remember(self, anchor: str | None, node: Node, size: int) -> None:
        if anchor:
            self.anchors[anchor] = (node, size)

    def _place(self, node: Node, size: int) -> None:
        if self.open:
            self.open[-1].items.append(node)
            self.open[-1].size += size
        else:
            self.root = node

    def _entries(self, items: list[Node]) -> Iterator[Entry]:
        first: dict[str, Scalar] = {}
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, Scalar):
                self._add(ProblemCode.UNSUPPORTED, key.mark, "a key is a list or a map", "write a word, then a colon")
            elif key.text == "<<" and key.plain:
                hint = "write the keys out, or put what is common under defaults"
                self._add(ProblemCode.UNSUPPORTED, key.mark, "merge keys (<<) are not part of YAML 1.2", hint)
            elif key.text in first:
                self._twice(key, first[key.text])
            else:
                first[key.text] = key
                yield Entry(key, value)

    def _twice(self, key: Scalar, first: Scalar) -> None:
        problem = f"key {key.text[:60]!r} is given twice in one map"
        self._add(ProblemCode.DUPLICATE_KEY, key.mark, problem, f"the first is on line {first.mark.line}: keep one of the two")

    def _no_tag(self, event: yaml.NodeEvent, at: Mark) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._add(ProblemCode.UNSUPPORTED, at, f"tags such as {str(tag)[:40]!r} are not allowed", "remove it: the field knows its type")

    def _add(self, code: ProblemCode, at: Mark, problem: str, hint: str) -> None:
        self.problems.add(code, at, problem, hint)

    def _mark(self, event: yaml.Event) -> Mark:
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:  # libyaml always tells; the types allow for less
            return Mark(self.source)
        width = end.column - start.column if end.line == start.line else len(self.source.line(start.line + 1)) - start.column
        whole = isinstance(event, yaml.ScalarEvent | yaml.AliasEvent)
        return Mark(self.source, start.line + 1, start.column + 1, max(1, width) if whole else 1)
