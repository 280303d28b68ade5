"""Numbers by machine, in rows: room, what stands there, what state it is in. Grows by appending; a copy costs no more than its numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from autoscaler.model.refs import WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.placement.arrays import Ints
from autoscaler.placement.rules import UNLIMITED, Counted

SPARE_ROWS = 8
MOST = 2**44
"""More than any machine has of anything (16 TiB of memory); so much of a million replicas is still a number."""


class Vectors:
    """Resources as rows of integers: cpu, memory, then every other resource that anything asks for."""

    def __init__(self, asked: Iterable[Resources]) -> None:
        self._others = tuple(sorted({name for one in asked for name, _ in one.others}))
        self._known: dict[Resources, Ints] = {}
        self._same: dict[int, tuple[Resources, Ints]] = {}
        self.width = 2 + len(self._others)

    def of(self, resources: Resources) -> Ints:
        """Not to be written to. The very same value is mostly asked for again, and is known by that: hashing it takes Python."""
        same = self._same.get(id(resources))
        if same is not None:
            return same[1]
        found = self._known.get(resources)
        if found is None:
            numbers = [resources.cpu, resources.memory, *(resources.of(name) for name in self._others)]
            found = self._known[resources] = np.array([min(number, MOST) for number in numbers], np.int64)
        self._same[id(resources)] = resources, found  # held on to, so that its identity stays its own
        return found

    def back(self, row: Ints) -> Resources:
        """What was put in, as far as anything asks for it."""
        cpu, memory, *others = row.tolist()
        return Resources(cpu, memory, tuple((name, amount) for name, amount in zip(self._others, others, strict=True) if amount))


@dataclass(slots=True, kw_only=True)
class Columns:
    """`room[N, R]` left, `lent[N, R]` of what is taken, `total[N]` replicas, `state[N]`; `stood`: replicas of each workload and tally, [N].

    `whole[N, 2]`: cpu and memory of an empty machine. Arrays have more rows than machines; only the first `size` count. What stands of a
    workload is shared by copies until one of them writes to it: only what is in `own` may be written to. `late`: rows and counts of what
    nobody has asked for yet, for thousands of workloads on thousands of machines are gigabytes.
    """

    room: Ints
    lent: Ints
    total: Ints
    state: Ints
    whole: Ints
    size: int = 0
    stood: dict[Counted, Ints] = field(default_factory=dict)
    own: dict[Counted, Ints] = field(default_factory=dict)
    late: dict[Counted, tuple[list[int], list[int]]] = field(default_factory=dict)

    @classmethod
    def of(cls, width: int) -> Self:
        """No machines yet."""
        room, lent, whole = (np.zeros((SPARE_ROWS, many), np.int64) for many in (width, width, 2))
        return cls(room=room, lent=lent, total=np.zeros(SPARE_ROWS, np.int64), state=np.zeros(SPARE_ROWS, np.int64), whole=whole)

    def copy(self) -> "Columns":
        """The same, to be written to apart."""
        self.own = {}
        room, lent, total, state, whole = (one.copy() for one in (self.room, self.lent, self.total, self.state, self.whole))
        late = {counted: (list(rows), list(counts)) for counted, (rows, counts) in self.late.items()}
        return replace(self, room=room, lent=lent, total=total, state=state, whole=whole, stood=dict(self.stood), own={}, late=late)

    def extend(self, rooms: Sequence[Ints], whole: Sequence[tuple[int, int]], states: Sequence[int]) -> int:
        """So many more machines; the row of the first."""
        first, self.size = self.size, self.size + len(states)
        if self.size > len(self.total):
            self._grow(max(self.size, 2 * len(self.total)))
        if states:
            rows = slice(first, self.size)
            self.room[rows], self.lent[rows], self.total[rows], self.state[rows], self.whole[rows] = rooms, 0, 0, states, whole
        return first

    def standing(self, counted: Counted) -> Ints | None:
        """How many of it stand on each machine, where any ever did; not to be written to."""
        if counted in self.late:
            self._settle(counted)
        found = self.stood.get(counted)
        return None if found is None else found[: self.size]

    def put(self, workload: WorkloadRef, rows: Ints | int, counts: Ints | int) -> None:
        """So many more of it on those machines, each named once."""
        self.count(workload, rows, counts)
        self.total[rows] += counts

    def count(self, counted: Counted, rows: Ints | int, counts: Ints | int) -> None:
        """So many more of those counted together, whoever they are."""
        if counted in self.late:
            self._settle(counted)
        self._owned(counted)[rows] += counts

    def count_late(self, counted: Counted, rows: list[int], counts: list[int]) -> None:
        """The same of machines that may be named more than once, written down for whoever asks."""
        known = self.late.setdefault(counted, ([], []))
        known[0].extend(rows)
        known[1].extend(counts)

    def _settle(self, counted: Counted) -> None:
        rows, counts = self.late.pop(counted)
        np.add.at(self._owned(counted), rows, counts)

    def _owned(self, counted: Counted) -> Ints:
        found = self.own.get(counted)
        if found is None:
            known = self.stood.get(counted)
            found = self.stood[counted] = self.own[counted] = np.zeros(len(self.total), np.int64) if known is None else known.copy()
        return found

    def _grow(self, size: int) -> None:
        more = size - len(self.total)
        self.room, self.lent, self.total, self.state, self.whole = (
            _longer(one, more) for one in (self.room, self.lent, self.total, self.state, self.whole)
        )
        self.stood = {workload: _longer(one, more) for workload, one in self.stood.items()}
        self.own = dict(self.stood)


def times(asks: Ints, room: Ints) -> Ints:
    """How often each row of room [N, R] holds what is asked for [R]."""
    found: Ints | None = None
    for which, asked in enumerate(asks.tolist()):
        if asked:
            holds = room[:, which] // asked
            found = holds if found is None else np.minimum(found, holds, out=found)
    return np.full(len(room), UNLIMITED, np.int64) if found is None else np.minimum(np.maximum(found, 0, out=found), UNLIMITED, out=found)


def _longer(one: Ints, more: int) -> Ints:
    return np.concatenate([one, np.zeros((more, *one.shape[1:]), one.dtype)])
