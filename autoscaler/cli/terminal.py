"""Colours, and words on stderr: stdout belongs to data."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import click

CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
"""Names come from other people's clusters: one with an escape sequence in it must not drive the reader's terminal."""


@dataclass(slots=True)
class Invocation:
    """What holds for one call of the command, whichever command it is. `color` None: as the stream is a terminal or not."""

    color: bool | None = None
    traceback: bool = False


def color_of(choice: str, environ: Mapping[str, str]) -> bool | None:
    """What `--color` means here; `auto` heeds NO_COLOR, FORCE_COLOR and TERM=dumb, in this order."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return False if environ.get("TERM") == "dumb" else None


def printable(text: str) -> str:
    """The text with control characters made visible."""
    return text.translate(CONTROL)


def say(words: str, *, color: bool | None = None) -> None:
    """A line for the reader, on stderr."""
    click.echo(words, err=True, color=color)


def progress(words: str) -> None:
    """A line that only someone who watches wants; silent elsewhere."""
    if watched():
        say(click.style(words, dim=True))


def watched() -> bool:
    """Whether a person looks at stderr."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def answers() -> bool:
    """Whether a person can be asked: they see the question and can type."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def confirmed(question: str) -> bool:
    """Ask on stderr; only `yes` or `y` is yes, and the end of input is no."""
    click.echo(f"{question} [y/N] ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
