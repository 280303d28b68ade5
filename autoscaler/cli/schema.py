"""`autoscaler schema`: what an editor needs to know of policy files."""

from pathlib import Path

import click

from autoscaler.cli.files import write
from autoscaler.cli.options import command
from autoscaler.cli.terminal import say


@command(
    "autoscaler schema",
    "autoscaler schema --out autoscaler-v1.schema.json",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it there, not on stdout.")
def schema(out: Path | None) -> None:
    """Print the JSON Schema of policy files, for your editor.

    It is composed from the plugins installed here: install one more, and write it again.
    """
    text = schema_text()
    if out is None:
        click.echo(text)
    else:
        write(out, text + "\n")
        say(f"wrote {out}")


def schema_text() -> str:
    """The schema as JSON, indented."""
    import json

    from autoscaler import config

    return json.dumps(config.schema(config.installed()), indent=2)
