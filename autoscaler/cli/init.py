"""`autoscaler init`: a policy file to start from, and the schema that makes an editor explain it."""

from pathlib import Path

import click

from autoscaler.cli.files import write
from autoscaler.cli.options import command
from autoscaler.cli.policies import USUAL
from autoscaler.cli.schema import schema_text
from autoscaler.cli.terminal import say
from autoscaler.errors import SetupError, UsageError

SCHEMA = "autoscaler-v1.schema.json"


@command(
    "autoscaler init",
    "autoscaler init policies/",
)
@click.argument("folder", type=click.Path(path_type=Path), default=".", metavar="[FOLDER]")
def init(folder: Path) -> None:
    """Write a first policy file to start from.

    It names a simulated cluster, so that `autoscaler plan` works at once. Nothing that is there already is overwritten.
    """
    starter = (Path(__file__).with_name("starter.yaml")).read_text(encoding="utf-8")
    for name in (USUAL.name, SCHEMA):
        if (folder / name).exists():
            raise UsageError(f"{folder / name} is there already", hint="name another folder, or move it away first")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"{folder}: {error.strerror}", hint="name a folder you may write to") from error
    write(folder / SCHEMA, schema_text() + "\n")
    write(folder / USUAL.name, starter)
    say(f"wrote {folder / USUAL.name} and {folder / SCHEMA}; next: autoscaler plan {'' if folder == Path() else folder}".rstrip())
