"""Instances of the ROADEF/EURO challenge 2012 (Google's machine reassignment), put in our words.

Machine, location, neighbourhood, process, service are node, zone, neighbourhood, container, workload here; a safety capacity is a
comfort. A `model_NAME.txt` is read with the `assignment_NAME.txt` and, where it is there, the `lb_NAME.txt` beside it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.rebalancing import Board, Containers, Costs, Nodes, Workloads, anywhere


@dataclass(slots=True)
class Numbers:
    """The numbers of a file, in order."""

    left: Ints
    at: int = 0

    def one(self) -> int:
        """The next."""
        return int(self.take(1)[0])

    def take(self, count: int) -> Ints:
        """The next so many."""
        self.at += count
        return self.left[self.at - count : self.at]

    def table(self, rows: int, columns: int) -> Ints:
        """The next so many rows."""
        return self.take(rows * columns).reshape(rows, columns)


def read(model: Path) -> Board:
    """The board of a `model_NAME.txt`."""
    numbers = Numbers(_numbers(model))
    start = _numbers(model.with_name(model.name.replace("model_", "assignment_")))
    transient, load = numbers.table(numbers.one(), 2).T
    nodes = _nodes(numbers, len(load))
    workloads = _workloads(numbers)
    containers = _containers(numbers, len(load), start)
    balances = numbers.table(numbers.one(), 4)
    move, workload, distance = numbers.take(3).tolist()
    return Board(
        nodes=nodes,
        workloads=workloads,
        containers=containers,
        costs=Costs(load=load, balances=balances, move=move, workload=workload, distance=distance),
        transient=transient > 0,
        allowed=anywhere(len(nodes.zone)),
    )


def _numbers(path: Path) -> Ints:
    return np.fromfile(path, np.int64, sep=" ")


def _nodes(numbers: Numbers, resources: int) -> Nodes:
    count = numbers.one()
    rows = numbers.table(count, 2 + 2 * resources + count)
    return Nodes(
        neighbourhood=rows[:, 0],
        zone=rows[:, 1],
        capacity=rows[:, 2 : 2 + resources],
        comfort=rows[:, 2 + resources : 2 + 2 * resources],
        distance=rows[:, 2 + 2 * resources :].astype(np.int32),
    )


def _workloads(numbers: Numbers) -> Workloads:
    zones, depends = [], []
    for workload in range(numbers.one()):
        zones.append(numbers.one())
        depends += [(workload, int(other)) for other in numbers.take(numbers.one())]
    return Workloads(
        most=np.ones(len(zones), np.int64),
        zones=np.array(zones, np.int64),
        depends=np.array(depends, np.int64).reshape(-1, 2),
    )


def _containers(numbers: Numbers, resources: int, start: Ints) -> Containers:
    rows = numbers.table(numbers.one(), 2 + resources)
    return Containers(
        node=start,
        workload=rows[:, 0],
        requests=rows[:, 1:-1],
        price=rows[:, -1],
        pinned=np.zeros(len(rows), np.bool_),
        kind=np.zeros(len(rows), np.int64),
    )


def lower_bound(model: Path) -> int | None:
    """That of the `lb_NAME.txt` beside it, if there is one."""
    path = model.with_name(model.name.replace("model_", "lb_"))
    return int(path.read_text()) if path.exists() else None
