"""Where something stands: a file of which we keep the lines, and a mark in it."""

import re
from dataclasses import dataclass
from typing import Self

LINE_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""What libyaml counts as the end of a line; with fewer, every later line number would be off."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file's name as the user gave it, its text, and its lines."""

    name: str
    text: str
    lines: tuple[str, ...]

    @classmethod
    def of(cls, name: str, text: str) -> Self:
        """Split `text` into lines."""
        return cls(name, text, tuple(LINE_BREAK.split(text)))

    def line(self, number: int) -> str:
        """Line `number`, counted from 1; empty beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file: line and column from 1, and how many characters the caret underlines."""

    source: Source
    line: int = 1
    column: int = 1
    width: int = 1

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"
