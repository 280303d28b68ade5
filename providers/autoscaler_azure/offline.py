"""What Azure's sizes cost on demand, by a package's lists, which do not say what a size has."""

from collections.abc import Collection
from dataclasses import replace

from autoscaler.model.catalogue import Catalogue, MachineType
from autoscaler_clouds.offline import carried

LIST = "azure_linux"


def offline(region: str, kept: Collection[MachineType]) -> Catalogue:
    """The sizes that are kept of the region, as far as they have a price."""
    told = carried()
    found = (replace(one, quotations=told.quotations(LIST, key(one.name), region)) for one in kept)
    types = tuple(one for one in found if one.quotations)
    return Catalogue(cloud="azure", region=region, at=told.at, source=told.source, types=types)


def key(size: str) -> str:
    """As the lists write Standard_D2s_v3: standardd2sv3."""
    return size.replace("_", "").lower()
