"""Containers to house: drawn by a plain rule and a seed, or read from a CSV."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

CPU = (50, 8000)
MEMORY = (64, 32_768)
MIB_PER_MILLICORE = (0.25, 16)
PICKY, WITH_GPU, GPUS = 0.3, 0.05, (1, 2, 4)
"""Shares of classes that name an architecture, and that want GPUs; and how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What one container of a class asks for, in millicores and MiB; `arch` is empty where any will do."""

    cpu: int
    memory: int
    gpus: int = 0
    arch: str = ""


Demand = list[tuple[Shape, int]]


def drawn(classes: int, containers: int, *, picky: bool, seed: int = 1) -> Demand:
    """Different shapes in steps of 50m and 64 MiB, each size as likely as twice it; classes differ in count by up to a hundred."""
    dice = Random(seed)  # noqa: S311  # a benchmark's demand, not a secret
    shapes: list[Shape] = []
    sizes = set()
    while len(shapes) < classes:
        one = _shape(dice, picky=picky)
        if (one.cpu, one.memory) not in sizes and MIB_PER_MILLICORE[0] <= one.memory / one.cpu <= MIB_PER_MILLICORE[1]:
            sizes.add((one.cpu, one.memory))
            shapes.append(one)
    weights = [dice.randint(1, 100) for _ in shapes]
    return list(zip(shapes, _shared_out(containers, weights), strict=True))


def read(path: Path) -> Demand:
    """Columns `cpu_milli`, `memory_mib`, `count`; `gpus` and `arch` may be there, too."""
    with path.open() as file:
        return [(_read_shape(row), int(row["count"])) for row in csv.DictReader(file)]


def _read_shape(row: dict[str, str]) -> Shape:
    gpus, arch = int(row.get("gpus") or 0), row.get("arch") or ""
    return Shape(cpu=int(row["cpu_milli"]), memory=int(row["memory_mib"]), gpus=gpus, arch=arch)


def _shape(dice: Random, *, picky: bool) -> Shape:
    cpu, memory = _between(dice, CPU, 50), _between(dice, MEMORY, 64)
    if not picky:
        return Shape(cpu=cpu, memory=memory)
    arch = dice.choice(("amd64", "arm64")) if dice.random() < PICKY else ""
    gpus = dice.choice(GPUS) if dice.random() < WITH_GPU else 0
    return Shape(cpu=cpu, memory=memory, gpus=gpus, arch="amd64" if gpus else arch)


def _between(dice: Random, ends: tuple[int, int], step: int) -> int:
    low, high = ends
    return step * round(low * (high / low) ** dice.random() / step)


def _shared_out(total: int, weights: list[int]) -> Iterator[int]:
    """Whole numbers as these weights stand to each other, one at least, that add up."""
    spare, whole = total - len(weights), sum(weights)
    for weight in weights:
        share = spare * weight // whole
        yield 1 + share
        spare, whole = spare - share, whole - weight
