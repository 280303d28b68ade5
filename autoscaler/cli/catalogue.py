"""`autoscaler catalogue`: what clouds sell, where, and at what price, as it is kept on this machine."""

from pathlib import Path

import rich_click as click

from autoscaler.catalogue import PLACE, Folder, usual
from autoscaler.cli.lazy import LazyGroup, Listing
from autoscaler.cli.options import Function

EXAMPLES = (
    "autoscaler catalogue update --cloud aws --region eu-central-1",
    "autoscaler catalogue show --region eu-central-1 'm7g.*'",
    "autoscaler catalogue import prices.csv --cloud aws --region eu-central-1",
)

LISTINGS = {
    name: Listing(target=f"autoscaler.cli.catalogue_{target}", summary=summary)
    for name, target, summary in (
        ("show", "show:show", "Show types of machines, their zones and prices."),
        ("update", "update:update", "Read a region's types and prices from its cloud."),
        ("import", "import:import_", "Take types and prices from a file."),
    )
}


@click.group(
    cls=LazyGroup,
    listings=LISTINGS,
    examples=EXAMPLES,
    entries="autoscaler.catalogue",
    short_help="Keep what clouds sell, and at what price.",
)
def catalogue() -> None:
    """Keep what clouds sell, and at what price.

    Pools take from it what the policy file does not say of their machines: what a type has, and what it costs on demand and spot. It is a
    folder with a file for each region; nothing here changes anything at a cloud.
    """


def folder_option(function: Function) -> Function:
    """--catalogue."""
    return click.option(
        "--catalogue",
        "where",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="FOLDER",
        envvar=PLACE,
        show_envvar=True,
        help="Where it is kept; else in the user's cache.",
    )(function)


def folder(where: Path | None) -> Folder:
    """The one meant."""
    return Folder(where or usual())
