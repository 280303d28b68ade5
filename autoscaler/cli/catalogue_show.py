"""`autoscaler catalogue show`: what is kept."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import rich_click as click

from autoscaler.cli.catalogue import folder, folder_option
from autoscaler.cli.options import command, output_option
from autoscaler.cli.output import emit_each
from autoscaler.cli.terminal import say
from autoscaler.errors import AutoscalerError, SetupError
from autoscaler.explaining import catalogue_as_text, old_prices
from autoscaler.model.catalogue import Catalogue
from autoscaler.service.runtime import SystemRuntime

KINDS = ("catalogue", "catalogues")
UPDATE = "autoscaler catalogue update --cloud {cloud} --region {region}"


@command(
    "autoscaler catalogue show",
    "autoscaler catalogue show --cloud aws --region eu-central-1",
    "autoscaler catalogue show 'm7g.*' 'm7i.*' --output json",
)
@click.argument("types", nargs=-1, metavar="[TYPE]...")
@click.option("--cloud", metavar="NAME", help="Only of this cloud.")
@click.option("--region", metavar="NAME", help="Only of this region.")
@folder_option
@output_option
def show(types: tuple[str, ...], cloud: str | None, region: str | None, where: Path | None, output: str) -> None:
    """Show types of machines, their zones and prices.

    With each price stands who told it and on which day; those told over 30 days ago are warned of. TYPE may hold `*`. Reads only files.
    """
    read = list(folder(where).all())
    errors = [one for one in read if isinstance(one, AutoscalerError)]
    meant = [one for one in read if isinstance(one, Catalogue) and cloud in (None, one.cloud) and region in (None, one.region)]
    if not (meant or errors):
        hint = f"read one: {UPDATE.format(cloud=cloud or 'aws', region=region or 'eu-central-1')}"
        raise SetupError("nothing like that is kept", hint=hint)
    emit_each([_only(one, types) for one in meant], kinds=KINDS, output=output, text=catalogue_as_text, data=lambda one: one)
    _warn(meant)
    for error in errors:
        raise error


def _only(one: Catalogue, types: Sequence[str]) -> Catalogue:
    return replace(one, types=tuple(each for each in one.types if not types or any(fnmatchcase(each.name, kind) for kind in types)))


def _warn(catalogues: Sequence[Catalogue]) -> None:
    now = SystemRuntime().now()
    for one in catalogues:
        if told := old_prices(one, now):
            say(f"{click.style('warning: ', fg='yellow', bold=True)}{told}: {UPDATE.format(cloud=one.cloud, region=one.region)}")
