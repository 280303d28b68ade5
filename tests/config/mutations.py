"""Slips of the pen, made on purpose: one key of a policy file changed at a time, and bytes anywhere. Seeded, so that they repeat."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import yaml

WRONG_VALUES = ("-5", "yes", "[1, 2]", "{oops: 1}", "17parsecs", "null", '"quoted text"', "1e9", "0.0001", "60 %", "3 USD", "12GB", "true")
NAMED_BY_USER = ("clusters", "sources", "metrics", "traffic", "pools", "policies", "labels", "engines")
"""Under these keys the author chooses the names: another name is no slip, and is missed only where it is used."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A file with one slip in it; `line`: where an author should be sent."""

    kind: str
    text: str
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Spot:
    """One `key: value` of the file: where both begin and end, in characters, and its parent's key."""

    key: yaml.Node
    value: yaml.Node
    parent: yaml.Node | None
    siblings: int
    flow: bool
    own: bool

    @property
    def line(self) -> int:
        return self.key.start_mark.line + 1

    def parent_line(self, text: str) -> int:
        """The parent's key; of the whole file its first key, as `text` has it now."""
        return (self.parent or spots(text)[0].key).start_mark.line + 1


def dice(*seed: object) -> int:
    """A number that looks random and is the same every time."""
    return zlib.crc32(repr(seed).encode())


@lru_cache(maxsize=100)
def spots(text: str) -> tuple[Spot, ...]:
    """Every key of the file."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    return tuple(_spots(root, None)) if root else ()


def _spots(node: yaml.Node, parent: yaml.Node | None) -> Iterator[Spot]:
    if isinstance(node, yaml.MappingNode):
        own = parent is not None and parent.value in NAMED_BY_USER
        for key, value in node.value:
            yield Spot(key, value, parent, len(node.value), bool(node.flow_style), own)
            yield from _spots(value, key)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _spots(item, item)


def single_key_slips(text: str, seed: int) -> Iterator[Slip]:
    """One slip of each kind at a key chosen by `seed`, where that kind is possible."""
    every = spots(text)
    spot = every[dice("spot", seed) % len(every)]
    yield from _renamed(text, spot, seed)
    yield from _wrong(text, spot, seed)
    yield _doubled(text, spot)
    yield from _removed(text, spot)


def _renamed(text: str, spot: Spot, seed: int) -> Iterator[Slip]:
    if spot.own:
        return
    word, at = str(spot.key.value), dice("letter", seed) % len(str(spot.key.value))
    changed = (word[:at] + word[at + 1 :] or "q", word[:at] + "x" + word[at:], word[:at] + word[at].upper() + word[at + 1 :])[seed % 3]
    if changed != word:
        start, end = spot.key.start_mark.index, spot.key.end_mark.index
        yield Slip("renamed", text[:start] + changed + text[end:], spot.line, f"{word} -> {changed}")


def _wrong(text: str, spot: Spot, seed: int) -> Iterator[Slip]:
    """Only values that stand on their key's line: of a whole block no single line is the mutated one."""
    if spot.value.end_mark.line != spot.key.start_mark.line:
        return
    value = WRONG_VALUES[dice("value", seed) % len(WRONG_VALUES)]
    start, end = spot.value.start_mark.index, spot.value.end_mark.index
    if text[start:end] != value:
        yield Slip("wrong", text[:start] + value + text[end:], spot.line, f"{spot.key.value}: {text[start:end]} -> {value}")


def _doubled(text: str, spot: Spot) -> Slip:
    start, end = spot.key.start_mark.index, spot.value.end_mark.index
    pair = text[start:end].rstrip()
    end = start + len(pair)
    again = f", {pair}" if spot.flow else f"\n{' ' * spot.key.start_mark.column}{pair}"
    line = spot.line + (0 if spot.flow else pair.count("\n") + 1)
    return Slip("doubled", text[:end] + again + text[end:], line, str(spot.key.value))


def _removed(text: str, spot: Spot) -> Iterator[Slip]:
    """Missing is what its parent lacks; what the author named may be missed anywhere, and is no key of ours."""
    if spot.own:
        return
    start, end = spot.key.start_mark.index, spot.value.end_mark.index
    end = start + len(text[start:end].rstrip())
    if spot.flow:
        rest = text[end:].lstrip(", ") if spot.siblings > 1 else text[end:]
        head = text[:start].rstrip(" ,") if rest.startswith("}") else text[:start]
        yield Slip("removed", head + rest, spot.parent_line(text), str(spot.key.value))
    elif text[:start].rpartition("\n")[2].strip() == "":
        left = text[:start] + text[end:]
        yield Slip("removed", left, spot.parent_line(left), str(spot.key.value))


def torn(data: bytes, seed: int) -> bytes:
    """The file with up to four accidents to its bytes: some changed, cut out, put in, doubled, or the end lost."""
    for accident in range(1 + seed % 4):
        at = dice("at", seed, accident) % max(1, len(data))
        length = 1 + dice("length", seed, accident) % 12
        junk = bytes((dice("junk", seed, accident, place) >> 3) % 256 for place in range(length))
        ways = (
            data[:at] + junk + data[at + length :],
            data[:at] + data[at + length :],
            data[:at] + INDICATORS[dice("indicator", seed, accident) % len(INDICATORS)] + data[at:],
            data[:at] + data[at : at + 40] * 2 + data[at + 40 :],
            data[:at],
        )
        data = ways[dice("way", seed, accident) % len(ways)]
    return data


INDICATORS = (
    b"[",
    b"{",
    b"}",
    b": ",
    b"- ",
    b"&a ",
    b"*a",
    b"!!x ",
    b"'",
    b'"',
    b"|",
    b">",
    b"%",
    b"\t",
    b"#",
    b"---\n",
    b"? ",
    b"\n",
    b"<<: ",
)
