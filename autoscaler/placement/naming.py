"""Which machine, and which of its devices, each replica gets where both are ours to choose: those whose room is of least use to others.

What is expected to come is what stands and waits now, and a little of what would use all machines up evenly. `stranding` reckons; here is
what it is asked about, and the same ledger as ever. A machine on which somebody uses a device that is not known has none that could be
named: there it is counted as where nobody may choose.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from autoscaler.model.devices import WHOLE
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.devices import NONE, DeviceRows
from autoscaler.placement.kinds import Kind, kind_of
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import HostState, Load
from autoscaler.placement.stranding import plain
from autoscaler.placement.stranding.board import Board
from autoscaler.placement.stranding.columns import Classes, Nodes
from autoscaler.placement.stranding.mix import ONE, guessed, slices
from autoscaler.placement.stranding.scoring import NEVER, Expected, Need, Outlook, Room, frequent
from autoscaler.placement.stranding.worth import foresight, worth

NO_DEVICE, ANY_DEVICE = -2, -1
"""Which ask it is of classes that ask for none, and of those that take any."""

FEW = 5000
"""Machines times classes up to which nothing is compiled: loading it takes longer."""


def name_devices(ledger: Ledger, coming: Iterable[tuple[WorkloadRef, int]]) -> None:
    """From now on `fit` chooses by what is left to others, and names devices, on this ledger and its copies. `coming`: what waits."""
    if ledger.devices is not None:
        ledger.devices.naming = Naming(ledger, ledger.devices, coming)


def names(ledger: Ledger) -> bool:
    """Whether devices are ours to name."""
    return ledger.devices is not None and ledger.devices.naming is not None


def named(ledger: Ledger, load: Load, key: str, count: int) -> tuple[tuple[int, ...], ...]:
    """The devices of each of the last `count` that `fit` put there; nothing where that is not ours to name."""
    devices = ledger.devices
    if devices is None or devices.naming is None:
        return ()
    return devices.latest(load.workload, ledger.rows[key], count) if load.shape.device else ((),) * count


class Naming:
    """Scores of one ledger and all its copies, kept until what they rest on has changed."""

    __slots__ = ("_ahead", "_asking", "_board", "_counts", "_kinds", "_needs", "_outdated", "_rests", "_who", "_worth")

    def __init__(self, ledger: Ledger, rows: DeviceRows, coming: Iterable[tuple[WorkloadRef, int]]) -> None:
        classes: dict[object, Load] = {}
        for load in ledger.loads.values():
            classes.setdefault(_class(load), load)
        numbers = {key: number for number, key in enumerate(classes)}
        self._who = {ref: numbers[_class(load)] for ref, load in ledger.loads.items()}
        self._kinds = _Kinds(tuple(dict.fromkeys(kind_of(load.shape) for load in classes.values())))
        nodes = _nodes(ledger, rows, self._kinds.of(ledger))
        guess = slices(nodes, self._kinds.table.shape[1])
        self._asking = _Asking.of(ledger, rows.of, list(classes.values()), self._kinds.groups).joined(guess)
        self._worth = worth(self._asking.requests, self._asking.milli, nodes.have)
        self._ahead = foresight()
        self._counts = np.zeros(len(self._asking.ask), np.int64)
        self._counts[len(classes) :] = guessed(len(guess))
        self._board: Board | None = None
        self._needs: list[Need] = []
        self._rests: tuple[Bools, ...] = ()
        for ref in ledger.loads:
            standing = ledger.columns.standing(ref)
            self.expect(ref, 0 if standing is None else int(standing.sum()))
        for ref, count in coming:
            self.expect(ref, count)

    def expect(self, workload: WorkloadRef, count: int) -> None:
        """So many more of it stand or wait; below 0, fewer."""
        self._counts[self._who[workload]] += ONE * count
        self._outdated = True

    def losses(self, ledger: Ledger, rows: DeviceRows, load: Load) -> Ints:
        """What one more of it would take from the worth of each machine, [N]; NEVER where it does not fit."""
        board, one = self._current(ledger, rows), self._who[load.workload]
        return board.losses(one, self._needs[one])[: rows.size]

    def devices_on(self, ledger: Ledger, rows: DeviceRows, load: Load, row: int) -> tuple[int, ...]:
        """Those whose use would cost least there; none where it asks for none or does not fit, or not all that are in use are known."""
        if load.shape.device is None or rows.unsure(load.workload, np.array([row])).any():
            return ()
        board, one = self._current(ledger, rows), self._who[load.workload]
        fits = board.losses(one, self._needs[one])[row] < NEVER
        return board.devices_on(one, self._needs[one], row) if fits else ()

    def _current(self, ledger: Ledger, rows: DeviceRows) -> Board:
        """The board as the ledger stands: another one where kinds of machines or of devices have come that it does not know."""
        kind = self._kinds.of(ledger)
        room = Room(ledger.columns.room[: rows.size], np.maximum(rows.free[: rows.size], 0), rows.model[: rows.size], kind)
        rests = (self._kinds.table, rows.accepts)
        known = len(rests) == len(self._rests) and all(map(np.array_equal, rests, self._rests))
        if self._board is None or not known or not self._board.holds(room):
            self._rests, self._needs = rests, self._asking.needs(*rests)
            few = rows.size * len(self._needs) <= FEW
            self._board = Board(room.longer(rows.size), self._outlook(), plain if few else None)
        elif self._outdated:
            self._board.look(self._outlook())
        self._outdated = False
        self._board.follow(room)
        return self._board

    def _outlook(self) -> Outlook:
        top = frequent(self._counts)
        return Outlook.of(self._asking.expected(top, self._worth, self._counts, *self._rests), self._ahead)


@dataclass(frozen=True, slots=True)
class Choice:
    """The machines of a ledger for replicas of one workload, where each of them, and its devices, are ours to choose."""

    ledger: Ledger
    devices: DeviceRows
    naming: Naming
    load: Load

    @classmethod
    def of(cls, ledger: Ledger, load: Load) -> Self | None:
        """None where it is not ours."""
        rows = ledger.devices
        return cls(ledger, rows, rows.naming, load) if rows and rows.naming else None

    def fit(self, count: int, states: tuple[HostState, ...]) -> Counter[str]:
        """Put up to so many on machines of these states, one by one where least is lost to others, the first of equals."""
        went, rows, ledger = Counter[str](), self._rows(states), self.ledger
        while went.total() < count and len(rows):
            loss = self.naming.losses(ledger, self.devices, self.load)[rows]
            best = rows[loss == loss.min()]
            row = int(best[ledger.ranks(best).argmin()])
            self.put(row)
            went[ledger.key_of(row)] += 1
            here = np.array([row])
            if not min(ledger.times_at(self.load, here)[0], ledger.places_at(self.load, here)[0]):
                rows = rows[rows != row]
        return went

    def put(self, row: int) -> None:
        """One more there, on devices that are named if all that others use are known."""
        where = self.naming.devices_on(self.ledger, self.devices, self.load, row)
        self.ledger.put(self.load.workload, self.ledger.key_of(row), 1)
        if where:
            self.devices.know(self.load.workload, row, [where])

    def _rows(self, states: tuple[HostState, ...]) -> Ints:
        """Those with room for one, and of which it is known who uses which device."""
        rows = self.ledger.rows_for_one(self.load, states)
        return rows[~self.devices.unsure(self.load.workload, rows)] if self.load.shape.device else rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """Classes K: `requests[K, R]`, `whole[K]` devices or `share[K]` milli of one, which `ask[K]` that is, and the `group[K]` of its shape.

    After all others come those that are only guessed, each on one kind of machine: `guessed[kinds]`.
    """

    requests: Ints
    whole: Ints
    share: Ints
    ask: Ints
    group: Ints
    guessed: Bools

    @classmethod
    def of(cls, ledger: Ledger, asks: Mapping[WorkloadRef, int], loads: Sequence[Load], groups: tuple[Kind, ...]) -> Self:
        """One of each class."""
        devices = [load.shape.device for load in loads]
        return cls(
            requests=np.array([ledger.vectors.of(load.shape.requests) for load in loads]),
            whole=np.array([one.count if one and one.each == WHOLE else 0 for one in devices]),
            share=np.array([one.each if one and one.each < WHOLE else 0 for one in devices]),
            ask=np.array([asks.get(load.workload, NO_DEVICE) for load in loads]),
            group=np.array([groups.index(kind_of(load.shape)) for load in loads]),
            guessed=np.zeros((0, 1), np.bool_),
        )

    def joined(self, guess: Classes) -> Self:
        """With these, which take any device."""
        more, groups = len(guess), int(self.group.max(initial=-1)) + 1
        return replace(
            self,
            requests=np.concatenate([self.requests, guess.requests]),
            whole=np.concatenate([self.whole, guess.whole]),
            share=np.concatenate([self.share, guess.share]),
            ask=np.concatenate([self.ask, np.full(more, ANY_DEVICE)]),
            group=np.concatenate([self.group, groups + np.arange(more)]),
            guessed=guess.allowed,
        )

    def tables(self, table: Bools, accepts: Bools) -> tuple[Bools, Bools]:
        """Who may stand on which kind of machine, and use which model of device, the last two of these none and any."""
        none = np.zeros((1, accepts.shape[1]), np.bool_)
        any_ = np.append(np.ones(accepts.shape[1] - 1, np.bool_), False)
        wide = np.pad(self.guessed, ((0, 0), (0, table.shape[1] - self.guessed.shape[1])))
        return np.vstack([table, wide]), np.vstack([accepts, none, any_])

    @property
    def milli(self) -> Ints:
        """Of devices, all together, [K]."""
        return self.whole * WHOLE + self.share

    def needs(self, table: Bools, accepts: Bools) -> list[Need]:
        """Of each class."""
        table, accepts = self.tables(table, accepts)
        return [
            Need(self.requests[one], table[self.group[one]], int(self.whole[one]), int(self.share[one]), accepts[self.ask[one]])
            for one in range(len(self.ask))
        ]

    def expected(self, top: Ints, worth: Ints, counts: Ints, table: Bools, accepts: Bools) -> Expected:
        """Of these."""
        table, accepts = self.tables(table, accepts)
        allowed, accepted = table[self.group[top]], accepts[self.ask[top]]
        return Expected(self.requests[top], allowed, self.whole[top], self.share[top], accepted, worth[top], counts[top])


class _Kinds:
    """Kinds of machines that are alike for all `groups` of shapes; `table[groups, kinds]`: who may stand on which. The first is none."""

    __slots__ = ("_allowed", "_found", "_numbers", "groups", "table")

    def __init__(self, groups: tuple[Kind, ...]) -> None:
        self.groups = groups
        self.table = np.zeros((len(groups), 1), np.bool_)
        self._numbers: dict[bytes, int] = {}
        self._allowed = np.zeros((len(groups), 0), np.bool_)
        self._found = np.zeros(0, np.int64)

    def of(self, ledger: Ledger) -> Ints:
        """Of each machine, [N]."""
        allowed = np.array([ledger.allowed(group) for group in self.groups])
        if not np.array_equal(allowed, self._allowed):
            unlike, which = np.unique(allowed, axis=1, return_inverse=True)
            self._allowed, self._found = allowed, np.array([self._number(one) for one in unlike.T])[which.reshape(-1)]
        return self._found

    def _number(self, one: Bools) -> int:
        key = one.tobytes()
        if key not in self._numbers:
            self._numbers[key] = self.table.shape[1]
            self.table = np.column_stack([self.table, one])
        return self._numbers[key]


def _class(load: Load) -> object:
    """What those have in common that are alike for choosing."""
    return load.shape.requests, load.shape.device, kind_of(load.shape)


def _nodes(ledger: Ledger, rows: DeviceRows, kind: Ints) -> Nodes:
    """All machines, as if nothing stood there."""
    capacity = np.array([ledger.vectors.of(ledger.hosts[key].capacity) for key in ledger.keys]).reshape(-1, ledger.vectors.width)
    return Nodes(free=capacity, devices=np.where(rows.model[: rows.size] == NONE, 0, WHOLE), kind=kind)
