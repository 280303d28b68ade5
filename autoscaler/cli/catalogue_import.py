"""`autoscaler catalogue import`: types and prices from a file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import rich_click as click

from autoscaler.catalogue import Folder, from_rows
from autoscaler.cli import files
from autoscaler.cli.catalogue import folder, folder_option
from autoscaler.cli.catalogue_keep import keep
from autoscaler.cli.options import IN_FILE, command
from autoscaler.config import installed
from autoscaler.contracts.catalogue import Saved
from autoscaler.errors import UsageError
from autoscaler.model import codec
from autoscaler.model.catalogue import Catalogue, joined, quoted
from autoscaler.service.runtime import SystemRuntime

KNOWN = "a table, what `show --output json` printed, or an answer of the cloud's API: docs/catalogue.md lists them"


@command(
    "autoscaler catalogue import prices.csv --cloud aws --region eu-central-1",
    "autoscaler catalogue import types.json --cloud aws --region eu-central-1  # of: aws ec2 describe-instance-types",
    "autoscaler catalogue import kept.json  # what show --output json printed",
)
@click.argument("file", type=IN_FILE)
@click.option("--cloud", metavar="NAME", help="Of which cloud it is, where the file does not say so.")
@click.option("--region", metavar="NAME", help="Of which region it is, where the file does not say so.")
@folder_option
def import_(file: Path, cloud: str | None, region: str | None, where: Path | None) -> None:
    """Take types and prices from a file.

    FILE is a table in CSV or a JSON list, with values as in a policy file: name,cpu,memory,gpus,gpu,architecture,zones,price,spot_price; or
    what `show --output json` printed; or an answer of the cloud's API. What was kept of the region and is not in the file stays.
    """
    place, content = folder(where), files.read(file, "catalogue")
    found = _object(content)
    if found is not None and "format" in found:
        for one in _ours(content):
            keep(place, joined(place.loaded(one.cloud, one.region), one))
        return
    if not (cloud and region):
        raise UsageError("the file does not say of which region it is", hint="say --cloud aws --region eu-central-1")
    keep(place, _taken(place, file.name, _saved(file.name, content, found, (cloud, region)), (cloud, region)))


def _taken(place: Folder, name: str, saved: Saved, of: tuple[str, str]) -> Catalogue:
    """With what was kept; UsageError for prices of nothing that is."""
    cloud, region = of
    old = place.loaded(cloud, region)
    new = Catalogue(cloud=cloud, region=region, at=SystemRuntime().now(), source=name, types=saved.types)
    made = quoted(joined(old, new) if saved.types or old is None else old, saved.prices)
    if not made.types:
        raise UsageError(f"{name} has prices of types, and no types are kept of {cloud} {region}", hint="import or update the types first")
    return made


def _saved(name: str, content: bytes, found: dict[str, Any] | None, of: tuple[str, str]) -> Saved:
    now = SystemRuntime().now()
    if found is None:
        return Saved(types=from_rows(content, name, now))
    understand = installed().provider(of[0]).answers
    try:
        saved = understand(found, of[1], now) if understand else None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{name} is cut short, or no answer of {of[0]} ({type(error).__name__})", hint=f"give {KNOWN}") from error
    if saved is None:
        raise UsageError(f"{name} is no answer of {of[0]} that means types or prices", hint=f"give {KNOWN}")
    return saved


def _object(content: bytes) -> dict[str, Any] | None:
    """The JSON object that it is; None for anything else."""
    try:
        found = json.loads(content) if content.lstrip().startswith(b"{") else None
    except (ValueError, RecursionError) as error:
        raise codec.FormatError(f"not JSON: {str(error)[:200]}", hint=f"give {KNOWN}") from error
    return found if isinstance(found, dict) else None


def _ours(content: bytes) -> Iterator[Catalogue]:
    """One region, or several."""
    if b'"catalogues"' in content[:400]:
        yield from codec.loads(content, tuple[Catalogue, ...], kind="catalogues")
    else:
        yield codec.loads(content, Catalogue, kind="catalogue")
