"""Price tables: a CSV of instance types, as machines that a cluster could use."""

import csv
from dataclasses import dataclass
from pathlib import Path

PODS = 110
"""What a kubelet takes unless told otherwise."""

CPU_RESERVED = ((1000, 60), (1000, 10), (2000, 5), (10**9, 2.5))
"""Of so many millicores after those before, so many thousandths are the system's, as GKE publishes it."""

MEMORY_RESERVED = ((4096, 250), (4096, 200), (8192, 100), (114_688, 60), (10**9, 20))
"""Likewise of MiB; a machine below 1 GiB gives `SMALL_RESERVED`."""

GIB = 1024
SMALL_RESERVED = 255
EVICTION = 100
"""MiB that must stay free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What one machine offers to containers, in millicores and MiB; `price` in millionths per hour."""

    name: str
    region: str
    arch: str
    cpu: int
    memory: int
    gpus: int
    price: int


def kinds(path: Path, region: str | None) -> list[Kind]:
    """All on-demand machines of the table, or those of one region."""
    with path.open() as file:
        rows = [row for row in csv.DictReader(file) if row["on_demand_usd_per_hour"] and region in {None, row["region"]}]
    found = [_kind(row) for row in rows]
    return [one for one in found if one.memory > 0 and one.price > 0]


def _kind(row: dict[str, str]) -> Kind:
    cpu, memory = round(float(row["vcpu"]) * 1000), round(float(row["memory_gib"]) * 1024)
    small = memory < GIB
    return Kind(
        name=row["instance_type"],
        region=row["region"],
        arch=row["arch"],
        cpu=cpu - _tiers(cpu, CPU_RESERVED),
        memory=memory - (SMALL_RESERVED if small else _tiers(memory, MEMORY_RESERVED)) - EVICTION,
        gpus=int(float(row["gpus"] or 0)),
        price=round(float(row["on_demand_usd_per_hour"]) * 1_000_000),
    )


def _tiers(whole: int, tiers: tuple[tuple[int, float], ...]) -> int:
    taken = 0.0
    for size, thousandths in tiers:
        part = min(size, whole)
        taken += part * thousandths / 1000
        whole -= part
    return round(taken)
