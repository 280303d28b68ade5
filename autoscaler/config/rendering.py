"""A problem as a reader sees it: the place, the line, a caret, and what to write instead."""

import re
from typing import Protocol

WIDEST = 120
AHEAD = 40
"""A long line is cut to `WIDEST` characters, beginning at most this far before the caret."""

PASSWORD = re.compile(r"(://[^\s/@:]*:)[^\s@]+@")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Would move the caret, or the reader's terminal."""


class Shown(Protocol):
    """What of a problem is shown under its headline."""

    @property
    def line(self) -> int:
        """Counted from 1."""
        ...

    @property
    def column(self) -> int:
        """Counted from 1."""
        ...

    @property
    def width(self) -> int:
        """Characters to underline."""
        ...

    @property
    def text(self) -> str:
        """The source line; empty when it must not be shown."""
        ...

    @property
    def hint(self) -> str:
        """What to write instead."""
        ...


def show(headline: str, problem: Shown) -> str:
    """The headline, the line with a caret under it if there is one, and the hint."""
    gutter = " " * len(str(problem.line))
    lines = [headline]
    if problem.text.strip():
        text, column = _window(problem.text, problem.column)
        caret = "^" * max(1, min(problem.width, len(text) - column + 1))
        lines += [f"  {problem.line} | {text}", f"  {gutter} | {' ' * (column - 1)}{caret}"]
    return "\n".join([*lines, f"  {gutter} = {problem.hint}"])


def mask(line: str) -> str:
    """`line` as long as before, with a URL's password starred out, and without what a terminal would obey."""
    starred = PASSWORD.sub(lambda found: found[1] + "*" * (len(found[0]) - len(found[1]) - 1) + "@", line)
    return UNPRINTABLE.sub(" ", starred)


def _window(text: str, column: int) -> tuple[str, int]:
    """At most `WIDEST` characters around `column`, and where the column is now."""
    if len(text) <= WIDEST:
        return text.rstrip(), column
    start = max(0, min(column - 1 - AHEAD, len(text) - WIDEST))
    head, tail = "…" if start else "", "…" if start + WIDEST < len(text) else ""
    return head + text[start + len(head) : start + WIDEST] + tail, column - start
