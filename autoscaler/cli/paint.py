"""Colours for texts that `explaining` makes plain; who reads without colour misses nothing."""

import re

import click

from autoscaler.cli.terminal import printable

PAINTS = (
    (re.compile(r"^(Withheld by guards|Warnings|Not done, and why|What to know)$"), "yellow", True),
    (re.compile(r"^[A-Z][^:.]*$"), None, True),
    (re.compile(r"^(Plan|Decided): .*"), None, True),
    (re.compile(r"^  \+ "), "green", False),
    (re.compile(r"^  - (?=pool |dropped|taken back)"), "red", False),
    (re.compile(r"^  ! "), "red", True),
    (re.compile(r"^  [~>] "), "yellow", False),
)


def painted(text: str) -> str:
    """The text, safe to print, with its titles and marks coloured."""
    return "\n".join(_line(line) for line in printable(text).rstrip("\n").split("\n"))


def _line(line: str) -> str:
    for pattern, colour, bold in PAINTS:
        found = pattern.match(line)
        if found:
            return click.style(found[0], fg=colour, bold=bold) + line[found.end() :]
    return line
