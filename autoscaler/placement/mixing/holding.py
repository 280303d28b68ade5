"""One machine being filled: what it still holds of a class, and what a replica takes from it."""

from typing import NamedTuple

import numpy as np

from autoscaler.placement.arrays import Ints
from autoscaler.placement.compiling import kernel
from autoscaler.placement.mixing.question import UNLIMITED
from autoscaler.placement.mixing.tables import Tables


class Machine(NamedTuple):
    """`room[R]` left; `shown[G]` by its counters, which may show no more than `ends[G]`, for what stands on it."""

    room: Ints
    shown: Ints
    ends: Ints


@kernel
def empty(tables: Tables, kind: int) -> Machine:
    """One with nothing on it."""
    counters = tables.adds.shape[1]
    return Machine(tables.capacity[kind].copy(), np.zeros(counters, np.int64), np.full(counters, UNLIMITED, np.int64))


@kernel
def fits(tables: Tables, machine: Machine, one: int, wanted: int) -> int:
    """How many more of class `one` it holds, `wanted` at most."""
    for resource in range(machine.room.shape[0]):
        asks = tables.requests[one, resource]
        if asks > 0:
            wanted = min(wanted, machine.room[resource] // asks)
            if wanted == 0:
                return 0
    for counter in range(machine.shown.shape[0]):
        free = min(machine.ends[counter], tables.limits[one, counter]) - machine.shown[counter]
        if free < 0:
            return 0
        if tables.adds[one, counter] > 0:
            wanted = min(wanted, free // tables.adds[one, counter])
    return wanted


@kernel
def put(tables: Tables, machine: Machine, one: int, count: int) -> None:
    """Stand `count` of the class on it; they fit."""
    for resource in range(machine.room.shape[0]):
        machine.room[resource] -= count * tables.requests[one, resource]
    for counter in range(machine.shown.shape[0]):
        machine.shown[counter] += count * tables.adds[one, counter]
        machine.ends[counter] = min(machine.ends[counter], tables.limits[one, counter])
