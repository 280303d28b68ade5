"""The lists of nodes and pods, and how FGD's simulator makes a sequence of arrivals of them.

All pods of the list once, shuffled; then more of them, drawn one by one, until what they ask of GPUs is the wanted share of what there is;
of a list that asks for more than that, pods are left out at random.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.stranding import Classes, Nodes
from autoscaler.placement.stranding.columns import WHOLE

Request = tuple[int, int, int, int, str]
"""Cpu in milli, memory in MiB, whole GPUs, milli of one, models it accepts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Nodes and pods, as classes and the class of each pod."""

    name: str
    nodes: Nodes
    classes: Classes
    pods: Ints


def read(nodes: Path, pods: Path) -> Trace:
    """Both lists; a node's kind is the model of its GPUs."""
    machines, wanted = _rows(nodes), [_request(row) for row in sorted(_rows(pods), key=lambda row: row["name"])]
    models = sorted({row["model"] for row in machines})
    there = Nodes(
        free=np.array([[int(row["cpu_milli"]), int(row["memory_mib"])] for row in machines], np.int64),
        devices=_devices([int(row["gpu"]) for row in machines]),
        kind=np.array([models.index(row["model"]) for row in machines], np.int64),
    )
    kinds = list(dict.fromkeys(wanted))
    number = {request: index for index, request in enumerate(kinds)}
    pods_of = np.array([number[request] for request in wanted], np.int64)
    return Trace(name=pods.stem, nodes=there, classes=_classes(kinds, models), pods=pods_of)


def arrivals(trace: Trace, seed: int, share: float) -> Ints:
    """Classes in the order they come, until they ask for that share of all GPUs."""
    dice, milli = np.random.default_rng(seed), trace.classes.milli
    found = [int(one) for one in dice.permutation(trace.pods)]
    asked, most = int(milli[found].sum()), share * int(trace.nodes.devices.sum())
    while asked > most:
        asked -= int(milli[found.pop(int(dice.integers(len(found))))])
    while True:
        one = int(trace.pods[dice.integers(len(trace.pods))])
        asked += int(milli[one])
        if asked > most:
            return np.array(found, np.int64)
        found.append(one)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _request(row: dict[str, str]) -> Request:
    count, milli = int(row["num_gpu"] or 0), int(row["gpu_milli"] or 0)
    shared = count == 1 and milli < WHOLE
    whole, share = (0, milli) if shared else (count, 0)
    return int(row["cpu_milli"]), int(row["memory_mib"]), whole, share, row["gpu_spec"] if count else ""


def _devices(counts: list[int]) -> Ints:
    columns = np.arange(max(counts))
    return np.where(columns < np.array(counts)[:, None], WHOLE, 0).astype(np.int64)


def _classes(kinds: Iterable[Request], models: list[str]) -> Classes:
    rows = list(kinds)
    numbers = np.array([row[:4] for row in rows], np.int64)
    allowed = [[not row[4] or model in row[4].split("|") for model in models] for row in rows]
    return Classes(
        requests=numbers[:, :2].copy(), whole=numbers[:, 2].copy(), share=numbers[:, 3].copy(), allowed=np.array(allowed, np.bool_)
    )
