"""Machines and who stands on them while an answer is sought: all that changes, and how what was only tried is taken back."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Self

import numpy as np

from autoscaler.model.constraints import TaintEffect
from autoscaler.model.devices import DeviceAsk
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.resources import NOTHING
from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.columns import Columns, Vectors
from autoscaler.placement.devices import DeviceRows
from autoscaler.placement.domains import Domains
from autoscaler.placement.kinds import Kind, sharing
from autoscaler.placement.problem import Host, HostState, Load, Problem
from autoscaler.placement.relations import Relations
from autoscaler.placement.tallying import count_daemons, tally_anew

GONE = -1

CODES = {state: code for code, state in enumerate(HostState)}


@dataclass(slots=True, kw_only=True)
class Books:
    """Machines by key, in the order of the problem, then of opening.

    `keys` and `rows`: which machine is in which row of the `columns`. `kept`: which machines' labels and taints a kind of shape may stand
    with. `rank`: machines by the order of their keys, where known. `sharing`: workloads that want the same host ports. `domains` of
    topologies, where asked for; `offered`: values of their labels that a machine can be bought with. `asks`: what a replica takes, where
    known. `tainted`: whether any has taints that are to be avoided; `repelling`: taints that keep replicas away. `emptied`: rows that are
    no domains to schedulers any more; `left_out`: those, and what else is not counted as one now. `devices`: where any workload asks for
    some. `undo`: what takes back all that was done since something is tried.
    """

    loads: dict[WorkloadRef, Load]
    vectors: Vectors
    columns: Columns
    sharing: dict[WorkloadRef, tuple[WorkloadRef, ...]]
    relations: Relations
    hosts: dict[str, Host] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    kept: dict[Kind, Bools] = field(default_factory=dict)
    rank: Ints | None = None
    domains: dict[str, Domains] = field(default_factory=dict)
    asks: dict[WorkloadRef, Ints] = field(default_factory=dict)
    offered: dict[str, frozenset[str]] = field(default_factory=dict)
    tainted: bool = False
    emptied: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()
    repelling: bool = False
    devices: DeviceRows | None = None
    undo: list[Callable[[], None]] | None = None

    @classmethod
    def empty(cls, loads: dict[WorkloadRef, Load], held: Iterable[DeviceAsk] = (), daemons: tuple[Load, ...] = ()) -> Self:
        """No machines yet. `held`: what is asked for by others that use devices. `daemons`: what runs on machines and never moves."""
        vectors = Vectors(load.shape.requests for load in loads.values())
        relations = Relations.of(loads.values(), daemons)
        columns, asks = Columns.of(vectors.width), {ref: load.shape.device for ref, load in loads.items() if load.shape.device}
        devices = DeviceRows.asked(asks, held) if asks else None
        return cls(loads=loads, vectors=vectors, columns=columns, sharing=sharing(loads), relations=relations, devices=devices)

    def apart(self) -> Self:
        """One for the same workloads, without a machine and without rules between them."""
        columns = Columns.of(self.vectors.width)
        devices = self.devices.empty() if self.devices else None
        return type(self)(
            loads=self.loads, vectors=self.vectors, columns=columns, sharing=self.sharing, relations=Relations(), devices=devices
        )

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Everything as it stands."""
        held = (ask for host in problem.hosts for ask, _ in host.holding)
        ledger = cls.empty({load.workload: load for load in problem.loads}, held, problem.daemons)
        ledger.add_all(problem.hosts)
        standing: dict[WorkloadRef, Counter[int]] = defaultdict(Counter)
        for one in problem.residents:
            standing[one.workload][ledger.rows[one.host]] += one.count
        for workload, found in standing.items():
            ledger.put_all(workload, np.array(list(found)), np.array(list(found.values())))
        if devices := ledger.devices:
            for one in problem.residents:
                devices.know(one.workload, ledger.rows[one.host], one.devices)
        return ledger

    def copy(self) -> Self:
        """A ledger to try things on."""
        hosts, keys, rows = dict(self.hosts), list(self.keys), dict(self.rows)
        kept, domains = dict(self.kept), dict(self.domains)
        devices = self.devices.copy() if self.devices else None
        columns = self.columns.copy()
        return replace(self, columns=columns, hosts=hosts, keys=keys, rows=rows, kept=kept, domains=domains, devices=devices, undo=None)

    def attempt(self) -> None:
        """Something is tried: until it is kept or taken back, no machine is added or dropped."""
        self.undo = [partial(self._put_back, self.devices.copy())] if self.devices else []

    def keep(self) -> None:
        """What was tried stands."""
        self.undo = None

    def take_back(self) -> None:
        """What was tried is undone, at the price of what it did and not of all there is."""
        done, self.undo = self.undo or [], None
        for step in reversed(done):
            step()

    def _reversed_by(self, step: Callable[..., None], *told: object) -> None:
        if self.undo is not None:
            self.undo.append(partial(step, *told))

    def _put_back(self, devices: DeviceRows) -> None:
        self.devices = devices

    def judging(self, loads: Mapping[WorkloadRef, Load]) -> Self:
        """A copy in which these workloads ask for something else; who stands where is the same."""
        found = self.copy()
        found.loads, found.asks = {**self.loads, **loads}, {}
        found.relations = Relations.of(found.loads.values(), self.relations.daemons)
        tally_anew(found.columns, found.relations, found.rows, found.hosts.values())
        return found

    def add(self, host: Host) -> None:
        """One more machine."""
        self.add_all((host,))

    def add_all(self, hosts: Sequence[Host]) -> None:
        """So many more, in this order."""
        keys, rooms = [one.key for one in hosts], [self._free(one) for one in hosts]
        whole = [(one.capacity.cpu, one.capacity.memory) for one in hosts]
        first = self.columns.extend(rooms, whole, [GONE if one.must_close else CODES[one.state] for one in hosts])
        self.rows.update(zip(keys, range(first, first + len(hosts)), strict=True))
        self.hosts.update(zip(keys, hosts, strict=True))
        self.keys += keys
        for row, host in enumerate(hosts, first):
            count_daemons(self.columns, self.relations, row, host, 1)
            if self.devices:
                self.devices.append(host.devices, host.holding)
        soft = [taint.effect is TaintEffect.PREFER_NO_SCHEDULE for host in hosts for taint in host.taints]
        self.tainted |= any(soft)
        self.repelling |= not all(soft)
        self.rank = None
        self.emptied |= {row for row, one in enumerate(hosts, first) if one.emptied}
        self.left_out |= {row for row, one in enumerate(hosts, first) if one.emptied or one.must_close or one.state is HostState.LEAVING}

    def _free(self, host: Host) -> Ints:
        room = self.vectors.of(host.capacity)
        return room if host.used is NOTHING else room - self.vectors.of(host.used)

    def drop(self, key: str) -> None:
        """Without that machine, on which nothing stands."""
        row = self.rows.pop(key)
        self.columns.state[row] = GONE
        self.emptied |= {row}
        self.left_out |= {row}
        count_daemons(self.columns, self.relations, row, self.hosts.pop(key), -1)

    def count_daemons(self, key: str, by: int) -> None:
        """So many times more of what runs on that machine as on others; -1 when it ends with it."""
        self._reversed_by(self.count_daemons, key, -by)
        count_daemons(self.columns, self.relations, self.rows[key], self.hosts[key], by)

    def count_leaving(self, *, but: str | None = None) -> None:
        """Machines that go are domains until they are emptied, as schedulers have it. `but`: this one is being emptied."""
        self._reversed_by(self._leave_out, self.left_out)
        self.left_out = self.emptied if but is None else self.emptied | {self.rows[but]}

    def _leave_out(self, rows: frozenset[int]) -> None:
        self.left_out = rows

    def leave_out_leaving(self) -> None:
        """Machines that go are no domains: what can wait until they have gone is not bought another place."""
        state = self.columns.state[: self.columns.size]
        self.left_out |= frozenset(((state == GONE) | (state == CODES[HostState.LEAVING])).nonzero()[0].tolist())

    def set_state(self, key: str, state: HostState) -> None:
        """The machine is good for something else now."""
        host = self.hosts[key]
        if host.state is state:
            return
        self._reversed_by(self.set_state, key, host.state)
        self.hosts[key] = host._replace(state=state)
        self.columns.state[self.rows[key]] = GONE if host.must_close else CODES[state]

    def put(self, workload: WorkloadRef, key: str, count: int) -> None:
        """`count` more of the workload there (fewer, if negative)."""
        self._reversed_by(self.put, workload, key, -count)
        row = self.rows[key]
        self.columns.put(workload, row, count)
        for tally in self.relations.tallies_of(workload):
            self.columns.count(tally, row, count)
        self.columns.room[row] -= self._asks(workload) * count
        if self.devices:
            self.devices.put(workload, row, count)

    def put_all(self, workload: WorkloadRef, rows: Ints, counts: Ints) -> None:
        """So many more of it on each of those machines."""
        self._reversed_by(self.put_all, workload, rows, -counts)
        self.columns.put(workload, rows, counts)
        for tally in self.relations.tallies_of(workload):
            self.columns.count(tally, rows, counts)
        self.columns.room[rows] -= self._asks(workload) * counts[:, None]
        if self.devices:
            self.devices.put(workload, rows, counts)

    def put_many(self, coming: Iterable[tuple[WorkloadRef, str, int]]) -> None:
        """So many more of each workload on each machine."""
        found: dict[WorkloadRef, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for workload, key, count in coming:
            rows, counts = found[workload]
            rows.append(self.rows[key])
            counts.append(count)
        for workload, (rows, counts) in found.items():
            self.columns.count_late(workload, rows, counts)
            for tally in self.relations.tallies_of(workload):
                self.columns.count_late(tally, rows, counts)
            if self.devices:
                self.devices.put(workload, np.array(rows), np.array(counts))
        self._fill(found)

    def _fill(self, coming: dict[WorkloadRef, tuple[list[int], list[int]]]) -> None:
        """All of it takes its room."""
        if coming:
            rows, counts = (np.array(list(chain.from_iterable([one[place] for one in coming.values()]))) for place in (0, 1))
            asks = np.repeat([self._asks(one) for one in coming], [len(rows) for rows, _ in coming.values()], axis=0)
            np.subtract.at(self.columns.room, rows, asks * counts[:, None])
            np.add.at(self.columns.total, rows, counts)

    def reserve(self, workload: WorkloadRef, key: str, count: int) -> None:
        """Keep room there for so many more without standing there; below 0 give some back."""
        self.reserve_all(workload, self.row(key), np.array([count]))

    def reserve_all(self, workload: WorkloadRef, rows: Ints, counts: Ints) -> None:
        """Keep room there without standing there."""
        self._reversed_by(self.reserve_all, workload, rows, -counts)
        taken = self._asks(workload) * counts[:, None]
        self.columns.room[rows] -= taken
        self.columns.lent[rows] += taken
        if self.devices:
            self.devices.put(workload, rows, counts)

    def lend(self, workload: WorkloadRef, key: str, count: int) -> None:
        """So much of the room that is taken there is given back once all is done."""
        self._reversed_by(self.lend, workload, key, -count)
        self.columns.lent[self.rows[key]] += self._asks(workload) * count

    def row(self, key: str) -> Ints:
        """The row of that machine alone."""
        return np.array([self.rows[key]])

    def key_of(self, row: int) -> str:
        """The machine in that row."""
        return self.keys[row]

    def keys_of(self, rows: Ints) -> list[str]:
        """The machines in these rows."""
        keys = self.keys
        return [keys[row] for row in rows.tolist()]

    def asked(self, workload: WorkloadRef, count: int) -> Ints:
        """What so many of it ask for, [R]."""
        return self._asks(workload) * count

    def _asks(self, workload: WorkloadRef) -> Ints:
        found = self.asks.get(workload)
        if found is None:
            found = self.asks[workload] = self.vectors.of(self.loads[workload].shape.requests)
        return found
