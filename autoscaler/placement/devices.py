"""Free shares of each machine's devices, and how many replicas they hold whichever device each of them gets.

Where it is not known on which device a replica stands, or will stand, it may be any: one share keeps every whole device from being counted
on, one after the other, and takes from other shares the most that it could on one device. To know where one stands can only add places.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from autoscaler.model.devices import WHOLE, Device, DeviceAsk, Devices
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.arrays import Bools, Ints

if TYPE_CHECKING:
    from autoscaler.placement.naming import Naming

NONE = -1
SPARE_ROWS = 8


@dataclass(slots=True, kw_only=True)
class DeviceRows:
    """`free[N, D]` milli of each device that nobody is known to use, `model[N, D]` which model it is, NONE where there is no such device.

    `asks[K]`: all kinds of asks; `of`: which a workload has. `unknown[N, K]`: replicas on whatever device. `known`: the devices of those of
    a workload in a row that are known. `costs[K, K]`: how many places of the second ask one replica of the first takes at most; `takes[K,
    M]`: milli it may take of what the second uses. `accepts[K, models + 1]`: whether it may use a model; the last is no device.
    `naming`: where devices are ours to choose, what chooses them.
    """

    asks: tuple[DeviceAsk, ...]
    of: Mapping[WorkloadRef, int]
    costs: Ints
    takes: Ints
    accepts: Bools
    free: Ints
    model: Ints
    unknown: Ints
    models: dict[Device, int] = field(default_factory=dict)
    known: dict[tuple[int, WorkloadRef], tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    size: int = 0
    naming: "Naming | None" = None

    @classmethod
    def asked(cls, asks: Mapping[WorkloadRef, DeviceAsk], held: Iterable[DeviceAsk] = ()) -> Self:
        """No machines yet. `held`: what others ask for that use devices of machines to come."""
        kinds = tuple(dict.fromkeys([*asks.values(), *held]))
        number = {ask: place for place, ask in enumerate(kinds)}
        shared = np.array([[_overlap(one, other) for other in kinds] for one in kinds], np.int64)
        return cls(
            asks=kinds,
            of={ref: number[ask] for ref, ask in asks.items()},
            costs=shared * np.array([[_cost(one, other) for other in kinds] for one in kinds]),
            takes=shared * np.array([[ask.milli] for ask in kinds]),
            accepts=np.zeros((len(kinds), 1), np.bool_),
            free=np.zeros((SPARE_ROWS, 1), np.int64),
            model=np.full((SPARE_ROWS, 1), NONE),
            unknown=np.zeros((SPARE_ROWS, len(kinds)), np.int64),
        )

    def empty(self) -> "DeviceRows":
        """The same asks without a machine."""
        free, model, unknown = np.zeros_like(self.free[:1]), np.full_like(self.model[:1], NONE), np.zeros_like(self.unknown[:1])
        return replace(self, free=free, model=model, unknown=unknown, models=dict(self.models), known={}, size=0, naming=None)

    def copy(self) -> "DeviceRows":
        """The same, to be written to apart."""
        free, model, unknown = self.free.copy(), self.model.copy(), self.unknown.copy()
        return replace(self, free=free, model=model, unknown=unknown, models=dict(self.models), known=dict(self.known))

    def append(self, devices: Devices, holding: Iterable[tuple[DeviceAsk, tuple[int, ...]]] = ()) -> None:
        """One more machine, of which others hold so much."""
        row, self.size = self.size, self.size + 1
        self._make_room(len(devices))
        self.model[row], self.free[row], self.unknown[row] = NONE, 0, 0
        self.model[row, : len(devices)] = [self._number(one) for one in devices]
        self.free[row, : len(devices)] = WHOLE
        for ask, where in holding:
            kind = self.asks.index(ask)
            if self._usable(row, kind, where):
                self.free[row, list(where)] -= ask.each
            else:
                self.unknown[row, kind] += 1

    def put(self, workload: WorkloadRef, rows: Ints | int, counts: Ints | int) -> None:
        """So many more of it on each of those machines, on whatever devices. Where some leave, nobody knows on which the others are."""
        kind = self.of.get(workload)
        if kind is None:
            return
        every, changes = np.atleast_1d(rows), np.broadcast_to(counts, np.shape(np.atleast_1d(rows)))
        for row in every[changes < 0].tolist():
            for where in self.known.pop((row, workload), ()):
                self.free[row, list(where)] += self.asks[kind].each
                self.unknown[row, kind] += 1
        np.add.at(self.unknown[:, kind], every, changes)

    def know(self, workload: WorkloadRef, row: int, places: Iterable[tuple[int, ...]]) -> None:
        """Of those that stand there, some are known to use these devices; numbers that cannot be are not believed."""
        kind = self.of.get(workload)
        if kind is None:
            return
        found = tuple(where for where in places if self._usable(row, kind, where))
        for where in found:
            self.free[row, list(where)] -= self.asks[kind].each
        self.unknown[row, kind] -= len(found)
        self.known[row, workload] = (*self.known.get((row, workload), ()), *found)

    def takes_at(self, workload: WorkloadRef, row: int, where: tuple[int, ...]) -> bool:
        """Whether one more of it may have just these devices there: all are free, and nobody is on one that is not known."""
        kind = self.of[workload]
        if not self._usable(row, kind, where) or self.unsure(workload, np.array([row])).any():
            return False
        free = self.free[row, list(where)] >= self.asks[kind].each
        return bool((free & self.accepts[kind][self.model[row, list(where)]]).all())

    def latest(self, workload: WorkloadRef, row: int, count: int) -> tuple[tuple[int, ...], ...]:
        """The devices of the last so many of it that came there; nothing where those of any of it are not known."""
        unknown = self.unknown[row, self.of[workload]] > 0
        return () if unknown else self.known.get((row, workload), ())[-count:]

    def unsure(self, workload: WorkloadRef, rows: Ints) -> Bools:
        """Machines on which somebody is on a device that is not known and that it may want, [rows]."""
        found: Bools = (self.unknown[rows] * (self.costs[:, self.of[workload]] > 0)).sum(axis=1) > 0
        return found

    def having(self, workload: WorkloadRef) -> Bools:
        """Machines that have the devices it asks for, whoever uses them, [N]."""
        kind = self.of[workload]
        found: Bools = self._accepted(kind, slice(self.size)).sum(axis=1) >= self.asks[kind].count
        return found

    def times(self, workload: WorkloadRef, rows: Ints | slice) -> Ints:
        """How many more of it the devices of each of these machines hold, whichever they and all others get."""
        kind = self.of[workload]
        ask, unknown = self.asks[kind], self.unknown[rows]
        free = np.where(self._accepted(kind, rows), np.maximum(self.free[rows], 0), 0)
        if ask.whole > 0:
            left = (free == WHOLE).sum(axis=1) - unknown @ self.costs[:, kind]
            return np.asarray(np.maximum(left, 0) // ask.whole, np.int64)
        slots = (free // ask.each).sum(axis=1) - unknown @ self.costs[:, kind]
        # Or of all that is free as much as no device can keep for itself: that is closer where a machine has few devices.
        kept = np.minimum(free, ask.each - 1).sum(axis=1)
        pooled = -(-(free.sum(axis=1) - kept - unknown @ self.takes[:, kind]) // ask.each)
        return np.asarray(np.maximum(np.maximum(slots, pooled), 0), np.int64)

    def cost(self, one: WorkloadRef, other: WorkloadRef) -> int:
        """How many places of the other one more replica takes at most, wherever it comes."""
        kind = self.of[other]
        return -(-int(self.costs[self.of[one], kind]) // (self.asks[kind].whole if self.asks[kind].whole > 0 else 1))

    def _accepted(self, kind: int, rows: Ints | slice) -> Bools:
        found: Bools = self.accepts[kind][self.model[rows]]
        return found

    def _usable(self, row: int, kind: int, where: tuple[int, ...]) -> bool:
        count = self.asks[kind].count
        return len(set(where)) == len(where) == count and all(0 <= one < self.model.shape[1] for one in where) and self._all(row, where)

    def _all(self, row: int, where: tuple[int, ...]) -> bool:
        return bool((self.model[row, list(where)] != NONE).all())

    def _number(self, device: Device) -> int:
        if device not in self.models:
            self.models[device] = len(self.models)
            may = np.array([[ask.accepts(device)] for ask in self.asks])
            self.accepts = np.concatenate([self.accepts[:, :-1], may, self.accepts[:, -1:]], axis=1)
        return self.models[device]

    def _make_room(self, devices: int) -> None:
        """For the last machine, with so many devices."""
        rows = len(self.free) if self.size > len(self.free) else 0  # as many again
        more = max(0, devices - self.free.shape[1])
        if rows or more:
            self.free = np.pad(self.free, ((0, rows), (0, more)))
            self.model = np.pad(self.model, ((0, rows), (0, more)), constant_values=NONE)
            self.unknown = np.pad(self.unknown, ((0, rows), (0, 0)))


def hold(devices: Devices, ask: DeviceAsk | None) -> bool:
    """Whether a machine with these devices, all free, holds one replica."""
    return ask is None or sum(ask.accepts(one) for one in devices) >= ask.count


def _overlap(one: DeviceAsk, other: DeviceAsk) -> bool:
    """Whether both may want the same device."""
    return one.kind == other.kind and (not (one.products and other.products) or bool(set(one.products) & set(other.products)))


def _cost(one: DeviceAsk, other: DeviceAsk) -> int:
    """How many places of the other, or whole devices, one replica takes at most."""
    if other.whole > 0:
        return one.count
    return one.count * (WHOLE // other.each if one.whole > 0 else -(-one.each // other.each))
