"""Lines of text: wrapped with a hanging indent, or in columns."""

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 100
NARROWEST = 40


def item(text: str, *, indent: int, width: int, mark: str = "- ") -> str:
    """One point of a list; further lines stand under its first word, and no name is torn apart."""
    first = " " * indent + mark
    if len(first) + len(text) <= max(width, NARROWEST) and text == " ".join(text.split()):
        return first + text  # as it is: most are short, and plans have thousands
    return textwrap.fill(
        text,
        max(width, NARROWEST),
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def items(texts: Iterable[str], *, indent: int, width: int) -> list[str]:
    """A list of points."""
    return [item(text, indent=indent, width=width) for text in texts]


def section(title: str, lines: Sequence[str]) -> list[str]:
    """A blank line, the title and its lines; nothing at all without lines."""
    return ["", title, *lines] if lines else []


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest cell, two blanks apart; nothing at all without rows."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (heads, *rows)]


def page(lines: Iterable[str]) -> str:
    """The lines as text that ends with a line's end."""
    return "\n".join(lines) + "\n"
