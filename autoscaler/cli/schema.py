"""`autoscaler schema`: what an editor needs to know of policy files, and a program of what we record and decide."""

from pathlib import Path

import click

from autoscaler.cli.files import write
from autoscaler.cli.options import command
from autoscaler.cli.terminal import say

KINDS = ("policy", "recording", "decisions")


@command(
    "autoscaler schema",
    "autoscaler schema --out autoscaler-v1.schema.json",
    "autoscaler schema recording",
)
@click.argument("kind", type=click.Choice(KINDS), default="policy", metavar="[KIND]")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it there, not on stdout.")
def schema(kind: str, out: Path | None) -> None:
    """Print the JSON Schema of policy files, for your editor.

    It is composed from the plugins installed here: install one more, and write it again. KIND is policy (the default), recording (what
    `--record` writes and `--from` reads) or decisions (what `decide --output json` prints).
    """
    text = schema_text(kind)
    if out is None:
        click.echo(text)
    else:
        write(out, text + "\n")
        say(f"wrote {out}")


def schema_text(kind: str = "policy") -> str:
    """The schema as JSON, indented."""
    import json

    return json.dumps(_policy() if kind == "policy" else _document(kind), indent=2)


def _policy() -> object:
    from autoscaler import config

    return config.schema(config.installed())


def _document(kind: str) -> object:
    from autoscaler.engine.sequence import Decided
    from autoscaler.model.json_schema import schema_of
    from autoscaler.model.recordings import Recording

    return schema_of(Recording if kind == "recording" else tuple[Decided, ...], document=kind)
