"""Data on stdout: text for people, or one document (`format`, `kind`, `value`) for programs."""

import json
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from autoscaler.cli.paint import painted
from autoscaler.model import codec

T = TypeVar("T")

Kinds = tuple[str, str]
"""What one is called, and several."""


def emit(value: T, *, kind: str, output: str, text: Callable[[T], str]) -> None:
    """Print `value` as `output` asks."""
    click.echo(painted(text(value)) if output == "table" else document(value, kind=kind, output=output))


def emit_each(values: Sequence[T], *, kinds: Kinds, output: str, text: Callable[[T], str], data: Callable[[T], object]) -> None:
    """Print several: texts one after the other, or one document."""
    if output == "table":
        click.echo("\n\n".join(painted(text(value)) for value in values))
    else:
        click.echo(document_of([data(value) for value in values], kinds, output=output))


def document_of(values: Sequence[object], kinds: Kinds, *, output: str = "json") -> str:
    """One value as its kind; none or several as a list of that kind's plural."""
    one, many = kinds
    if len(values) == 1:
        return document(values[0], kind=one, output=output)
    return document(tuple(values), kind=many, output=output)


def document(value: object, *, kind: str, output: str = "json") -> str:
    """The value as one JSON or YAML document that `codec.loads` reads again."""
    compact = codec.dumps(value, kind=kind)
    if output == "yaml":
        import yaml

        return str(yaml.safe_dump(json.loads(compact), sort_keys=False)).rstrip("\n")
    return json.dumps(json.loads(compact), indent=2)
