"""Colours, and words on stderr: stdout belongs to data."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from autoscaler.errors import AutoscalerError, UsageError

CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
"""Names come from other people's clusters: one with an escape sequence in it must not drive the reader's terminal."""


@dataclass(slots=True)
class Invocation:
    """What holds for one call of the command, whichever command it is. `color` None: as the stream is a terminal or not."""

    color: bool | None = None
    traceback: bool = False


class NotAgreedError(AutoscalerError):
    """The person who was asked said no."""


def color_of(choice: str, environ: Mapping[str, str]) -> bool | None:
    """What `--color` means here; `auto` heeds NO_COLOR, FORCE_COLOR and TERM=dumb, in this order."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return False if environ.get("TERM") == "dumb" else None


def colours(color: bool | None) -> dict[str, Any]:  # noqa: FBT001 - click's own three-valued flag
    """What a click context must be told, for its texts and its help alike."""
    return {"color": color, "rich_help_config": {"force_terminal": color, "color_system": None if color is False else "auto"}}


def printable(text: str) -> str:
    """The text with control characters made visible."""
    return text.translate(CONTROL)


def say(words: str, *, color: bool | None = None) -> None:
    """A line for the reader, on stderr."""
    click.echo(words, err=True, color=color)


def tell(error: AutoscalerError) -> None:
    """An error that does not end the command."""
    tell_problem(str(error), error.hint)


def tell_problem(problem: str, hint: str, *, color: bool | None = None) -> None:
    """What is wrong, and what to do next."""
    say(click.style("error: ", fg="red", bold=True) + printable(problem), color=color)
    if hint:
        say(click.style("hint: ", fg="cyan") + printable(hint), color=color)


def progress(words: str) -> None:
    """A line that only someone who watches wants; silent elsewhere."""
    if watched():
        say(click.style(words, dim=True))


def watched() -> bool:
    """Whether a person looks at stderr."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def agreed(question: str) -> None:
    """Ask on stderr, where a person can be asked; anything but `y` or `yes` ends the command with nothing changed."""
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("nobody is there to agree", hint="look at the plan, then say --yes")
    click.echo(f"{question} [y/N] ", nl=False, err=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise NotAgreedError("not agreed to: nothing was changed", hint="answer y to go on")
