"""Puts a region's catalogue in the place of the one before."""

from autoscaler.catalogue import Folder
from autoscaler.cli import files
from autoscaler.cli.output import document
from autoscaler.cli.terminal import say
from autoscaler.errors import SetupError
from autoscaler.explaining.amounts import plural
from autoscaler.model.catalogue import Catalogue


def keep(folder: Folder, catalogue: Catalogue) -> None:
    """Write it, and say so. SetupError where that cannot be."""
    place = folder.place(catalogue.cloud, catalogue.region)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"{folder.path}: {error.strerror}", hint="name another folder with --catalogue") from error
    files.write(place, document(catalogue, kind="catalogue") + "\n")
    priced = sum(bool(one.quotations) for one in catalogue.types)
    say(f"wrote {place}: {plural(len(catalogue.types), 'type')}, {priced} of them with a price")
