"""Colours for texts that `explaining` makes plain; who reads without colour misses nothing."""

import re

import click

from autoscaler.cli.terminal import printable

PAINTS = (
    (re.compile(r"^(Withheld by guards|Warnings|Not done, and why|What to know)$"), {"fg": "yellow", "bold": True}),
    (re.compile(r"^[A-Z][^:.]*$"), {"bold": True}),
    (re.compile(r"^(Plan|Decided): .*"), {"bold": True}),
    (re.compile(r"^  \+ "), {"fg": "green"}),
    (re.compile(r"^  - (?=pool |dropped|taken back)"), {"fg": "red"}),
    (re.compile(r"^  ! "), {"fg": "red", "bold": True}),
    (re.compile(r"^  [~>] "), {"fg": "yellow"}),
)


def painted(text: str) -> str:
    """The text, safe to print, with its titles and marks coloured."""
    return "\n".join(_line(line) for line in printable(text).rstrip("\n").split("\n"))


def _line(line: str) -> str:
    for pattern, style in PAINTS:
        found = pattern.match(line)
        if found:
            return click.style(found[0], fg=style.get("fg"), bold=bool(style.get("bold"))) + line[found.end() :]
    return line
