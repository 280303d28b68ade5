"""What AWS sells, by a package's lists: types of machines, and their prices on demand. Spot prices and zones are in none."""

from collections.abc import Collection, Mapping
from importlib import import_module
from typing import Any

from autoscaler.model.catalogue import Catalogue, MachineType
from autoscaler.model.quantities import Cpu, Memory
from autoscaler_clouds.offline import Carried, carried

MIB = 2**20
LIST = "ec2_linux"
PROCESSORS = {"AWS Graviton": "arm64", "Intel": "amd64", "AMD": "amd64"}


def offline(region: str, kept: Collection[MachineType]) -> Catalogue:
    """Types that have a price there."""
    del kept  # the lists have types of their own
    told = carried()
    types: Mapping[str, Mapping[str, Any]] = import_module("libcloud.compute.constants.ec2_instance_types").INSTANCE_TYPES
    found = (type_of(one, told, region) for _, one in sorted(types.items()))
    return Catalogue(cloud="aws", region=region, at=told.at, source=told.source, types=tuple(one for one in found if one))


def type_of(found: Mapping[str, Any], told: Carried, region: str) -> MachineType | None:
    """None for what has no price there, and for what cannot be understood."""
    try:
        name, extra = str(found["name"]), found["extra"]
        quotations = told.quotations(LIST, name, region)
        processor = str(extra.get("physicalProcessor", ""))
        made = MachineType(
            name=name,
            cpu=Cpu(int(extra["vcpu"]) * 1000),
            memory=Memory(int(found["ram"]) * MIB),
            gpus=int(extra.get("gpu", 0)),
            architecture=next((kind for maker, kind in PROCESSORS.items() if processor.startswith(maker)), ""),
            quotations=quotations,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return made if quotations else None
