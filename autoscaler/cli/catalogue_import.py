"""`autoscaler catalogue import`: types and prices from a file."""

from pathlib import Path

import rich_click as click

from autoscaler.catalogue import from_rows
from autoscaler.cli import files
from autoscaler.cli.catalogue import folder, folder_option
from autoscaler.cli.catalogue_keep import keep
from autoscaler.cli.options import IN_FILE, command
from autoscaler.errors import UsageError
from autoscaler.model import codec
from autoscaler.model.catalogue import Catalogue, joined
from autoscaler.service.runtime import SystemRuntime


@command(
    "autoscaler catalogue import prices.csv --cloud aws --region eu-central-1",
    "autoscaler catalogue import prices.json --cloud gcp --region europe-west4",
    "autoscaler catalogue import kept.json  # what show --output json printed",
)
@click.argument("file", type=IN_FILE)
@click.option("--cloud", metavar="NAME", help="Of which cloud it is, where the file does not say so.")
@click.option("--region", metavar="NAME", help="Of which region it is, where the file does not say so.")
@folder_option
def import_(file: Path, cloud: str | None, region: str | None, where: Path | None) -> None:
    """Take types and prices from a file.

    FILE is a table in CSV or a JSON list, with values as in a policy file: name,cpu,memory,gpus,gpu,architecture,zones,price,spot_price; or
    what `show --output json` printed. What was kept of that region stays where the file says nothing of it.
    """
    place = folder(where)
    for new in _read(file, cloud, region):
        keep(place, joined(place.loaded(new.cloud, new.region), new))


def _read(file: Path, cloud: str | None, region: str | None) -> tuple[Catalogue, ...]:
    content, now = files.read(file, "catalogue"), SystemRuntime().now()
    if content.lstrip().startswith(b"{"):
        return _ours(content)
    if not (cloud and region):
        raise UsageError("the file does not say of which region it is", hint="say --cloud aws --region eu-central-1")
    types = from_rows(content, file.name, now)
    return (Catalogue(cloud=cloud, region=region, at=now, source=file.name, types=types),)


def _ours(content: bytes) -> tuple[Catalogue, ...]:
    """One region, or several."""
    try:
        return (codec.loads(content, Catalogue, kind="catalogue"),)
    except codec.FormatError as error:
        if b'"catalogues"' not in content[:400]:
            raise error from None
        return codec.loads(content, tuple[Catalogue, ...], kind="catalogues")
