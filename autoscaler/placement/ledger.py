"""Who stands where while an answer is sought: room, counts and host ports per machine. The only thing here that changes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from autoscaler.model.constraints import NODE, LabelRule, TaintEffect, TopologySpread
from autoscaler.model.devices import DeviceAsk
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.resources import Resources
from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.columns import Columns, Vectors, times
from autoscaler.placement.devices import DeviceRows
from autoscaler.placement.domains import Domains
from autoscaler.placement.kinds import Kind, kind_of, sharing, tells
from autoscaler.placement.problem import Host, HostState, Load, Problem
from autoscaler.placement.relations import Relations
from autoscaler.placement.rules import UNLIMITED, Rule, Seen, SpreadRule, Tally

GONE = -1

CODES = {state: code for code, state in enumerate(HostState)}


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Machines by key, in the order of the problem, then of opening.

    `keys` and `rows`: which machine is in which row of the `columns`. `kept`: which machines' labels and taints a kind of shape may stand
    with. `rank`: machines by the order of their keys, where known. `sharing`: workloads that want the same host ports. `domains` of
    topologies, where asked for; `offered`: values of their labels that a machine can be bought with. `tainted`: whether any
    has taints that are to be avoided; `repelling`: taints that keep replicas away. `emptied`: rows that are no domains to
    schedulers any more; `left_out`: those, and what else is not counted as one now. `devices`: where any workload asks for some.
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
    offered: dict[str, frozenset[str]] = field(default_factory=dict)
    tainted: bool = False
    emptied: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()
    repelling: bool = False
    devices: DeviceRows | None = None

    @classmethod
    def empty(cls, loads: dict[WorkloadRef, Load], held: Iterable[DeviceAsk] = ()) -> Self:
        """No machines yet. `held`: what is asked for by others that use devices."""
        vectors = Vectors(load.shape.requests for load in loads.values())
        relations = Relations.of(loads.values())
        columns, asks = Columns.of(vectors.width), {ref: load.shape.device for ref, load in loads.items() if load.shape.device}
        devices = DeviceRows.asked(asks, held) if asks else None
        return cls(loads=loads, vectors=vectors, columns=columns, sharing=sharing(loads), relations=relations, devices=devices)

    def apart(self) -> "Ledger":
        """One for the same workloads, without a machine and without rules between them."""
        columns = Columns.of(self.vectors.width)
        devices = self.devices.empty() if self.devices else None
        return Ledger(loads=self.loads, vectors=self.vectors, columns=columns, sharing=self.sharing, relations=Relations(), devices=devices)

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Everything as it stands."""
        held = (ask for host in problem.hosts for ask, _ in host.holding)
        ledger = cls.empty({load.workload: load for load in problem.loads}, held)
        for host in problem.hosts:
            ledger.add(host)
        standing: dict[WorkloadRef, Counter[int]] = defaultdict(Counter)
        for one in problem.residents:
            standing[one.workload][ledger.rows[one.host]] += one.count
        for workload, found in standing.items():
            ledger.put_all(workload, np.array(list(found)), np.array(list(found.values())))
        if devices := ledger.devices:
            for one in problem.residents:
                devices.know(one.workload, ledger.rows[one.host], one.devices)
        return ledger

    def copy(self) -> "Ledger":
        """A ledger to try things on."""
        hosts, keys, rows = dict(self.hosts), list(self.keys), dict(self.rows)
        kept, domains = dict(self.kept), dict(self.domains)
        devices = self.devices.copy() if self.devices else None
        return replace(self, columns=self.columns.copy(), hosts=hosts, keys=keys, rows=rows, kept=kept, domains=domains, devices=devices)

    def judging(self, loads: Mapping[WorkloadRef, Load]) -> "Ledger":
        """A copy in which these workloads ask for something else; who stands where is the same."""
        found = self.copy()
        found.loads = {**self.loads, **loads}
        found.relations = Relations.of(found.loads.values())
        found.columns.stood = {one: standing for one, standing in found.columns.stood.items() if not isinstance(one, Tally)}
        for workload, tallies in found.relations.tallies.items():
            if (standing := found.columns.standing(workload)) is not None:
                rows = standing.nonzero()[0]
                for tally in tallies:
                    found.columns.count(tally, rows, standing[rows])
        return found

    def add(self, host: Host) -> None:
        """One more machine."""
        state = GONE if host.must_close else CODES[host.state]
        self.rows[host.key] = self.columns.append(self.vectors.of(host.capacity) - self.vectors.of(host.used), state)
        if self.devices:
            self.devices.append(host.devices, host.holding)
        self.hosts[host.key] = host
        self.keys.append(host.key)
        self.rank = None
        soft = [taint.effect is TaintEffect.PREFER_NO_SCHEDULE for taint in host.taints]
        self.tainted |= any(soft)
        self.repelling |= not all(soft)
        row = {self.rows[host.key]}
        self.emptied |= row if host.emptied else frozenset()
        self.left_out |= row if host.emptied or host.must_close or host.state is HostState.LEAVING else frozenset()

    def drop(self, key: str) -> None:
        """Without that machine, on which nothing stands."""
        row = self.rows.pop(key)
        self.columns.state[row] = GONE
        self.emptied |= {row}
        self.left_out |= {row}
        del self.hosts[key]

    def count_leaving(self, *, but: str | None = None) -> None:
        """Machines that go are domains until they are emptied, as schedulers have it. `but`: this one is being emptied."""
        self.left_out = self.emptied if but is None else self.emptied | {self.rows[but]}

    def leave_out_leaving(self) -> None:
        """Machines that go are no domains: what can wait until they have gone is not bought another place."""
        state = self.columns.state[: self.columns.size]
        self.left_out |= frozenset(((state == GONE) | (state == CODES[HostState.LEAVING])).nonzero()[0].tolist())

    def set_state(self, key: str, state: HostState) -> None:
        """The machine is good for something else now."""
        host = self.hosts[key] = replace(self.hosts[key], state=state)
        self.columns.state[self.rows[key]] = GONE if host.must_close else CODES[state]

    def put(self, workload: WorkloadRef, key: str, count: int) -> None:
        """`count` more of the workload there (fewer, if negative)."""
        row = self.rows[key]
        self.columns.put(workload, row, count)
        for tally in self.relations.tallies.get(workload, ()):
            self.columns.count(tally, row, count)
        self.columns.room[row] -= self._asks(workload) * count
        if self.devices:
            self.devices.put(workload, row, count)

    def put_all(self, workload: WorkloadRef, rows: Ints, counts: Ints) -> None:
        """So many more of it on each of those machines."""
        self.columns.put(workload, rows, counts)
        for tally in self.relations.tallies.get(workload, ()):
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
            for tally in self.relations.tallies.get(workload, ()):
                self.columns.count_late(tally, rows, counts)
            if self.devices:
                self.devices.put(workload, np.array(rows), np.array(counts))
        self._fill(found)

    def _fill(self, coming: dict[WorkloadRef, tuple[list[int], list[int]]]) -> None:
        """All of it takes its room."""
        if coming:
            rows, counts = (np.concatenate([np.array(one[place]) for one in coming.values()]) for place in (0, 1))
            asks = np.repeat([self._asks(one) for one in coming], [len(rows) for rows, _ in coming.values()], axis=0)
            np.subtract.at(self.columns.room, rows, asks * counts[:, None])
            np.add.at(self.columns.total, rows, counts)

    def reserve(self, workload: WorkloadRef, key: str, count: int) -> None:
        """Keep room there for so many more without standing there; below 0 give some back."""
        self.reserve_all(workload, self.row(key), np.array([count]))

    def reserve_all(self, workload: WorkloadRef, rows: Ints, counts: Ints) -> None:
        """Keep room there without standing there."""
        taken = self._asks(workload) * counts[:, None]
        self.columns.room[rows] -= taken
        self.columns.lent[rows] += taken
        if self.devices:
            self.devices.put(workload, rows, counts)

    def lend(self, workload: WorkloadRef, key: str, count: int) -> None:
        """So much of the room that is taken there is given back once all is done."""
        self.columns.lent[self.rows[key]] += self._asks(workload) * count

    def room(self, key: str) -> Resources:
        """The room there now, as far as anything asks for it."""
        return self.vectors.back(self.columns.room[self.rows[key]])

    def settled(self, key: str) -> Resources:
        """The room there once all is done."""
        row = self.rows[key]
        return self.vectors.back(self.columns.room[row] + self.columns.lent[row])

    def allows(self, load: Load, key: str) -> bool:
        """Whether its labels and taints let the workload stand there at all."""
        return load.shape.may_stand(self.hosts[key].labels, self.hosts[key].taints)

    def fits(self, load: Load, key: str, room: Resources | None = None) -> int:
        """How many more of it the machine takes now, or in that room: labels, requests, host ports, and its own limit per machine."""
        if not self.allows(load, key):
            return 0
        many = min(load.shape.requests.fits_times(self.room(key) if room is None else room), self.places(load, key))
        devices = self._devices_for(load)
        return min(many, int(devices.times(load.workload, self.row(key))[0])) if devices else many

    def places(self, load: Load, key: str) -> int:
        """How many more of it may stand there, however much room there is."""
        return int(self.places_at(load, self.row(key))[0])

    def open_for(self, load: Load, states: tuple[HostState, ...]) -> list[str]:
        """Machines of these states that its labels allow, and that have a place left by its own limits."""
        return [self.keys[row] for row in self.open_rows(load, states).tolist()]

    def open_rows(self, load: Load, states: tuple[HostState, ...]) -> Ints:
        """The same by row."""
        return self._with_places(load, self._able(load, states))

    def rows_for_one(self, load: Load, states: tuple[HostState, ...]) -> Ints:
        """Of these the machines that have room for one more of it."""
        return self._with_places(load, self._roomy(load, states))

    def matching_rows(self, load: Load, states: tuple[HostState, ...], *, roomy: bool) -> Ints:
        """The same if there were no limits and no rules but those on labels and taints; not `roomy`: with room or without."""
        able = self._roomy(load, states) if roomy else self._able(load, states)
        found: Ints = able.nonzero()[0]
        return found

    def _roomy(self, load: Load, states: tuple[HostState, ...]) -> Bools:
        able, asks = self._able(load, states), self._asks(load.workload)
        for which in asks.nonzero()[0].tolist():
            able &= self.columns.room[: self.columns.size, which] >= asks[which]
        if devices := self._devices_for(load):
            able &= devices.times(load.workload, slice(devices.size)) > 0
        return able

    def _able(self, load: Load, states: tuple[HostState, ...]) -> Bools:
        state = self.columns.state[: self.columns.size]
        able: Bools = state == CODES[states[0]]
        for other in states[1:]:
            able |= state == CODES[other]
        if self.repelling or load.shape.node_rules or load.shape.node_terms:
            able &= self.allowed(kind_of(load.shape))
        if devices := self._devices_for(load):
            able &= devices.having(load.workload)
        return able

    def _with_places(self, load: Load, able: Bools) -> Ints:
        rows: Ints = able.nonzero()[0]
        if not len(rows):
            return rows
        if load.shape.host_ports or load.shape.max_per_node is not None or self.relations.of_one(load.workload):
            rows = rows[self.places_at(load, rows) > 0]
        return rows

    def row(self, key: str) -> Ints:
        """The row of that machine alone."""
        return np.array([self.rows[key]])

    def key_of(self, row: int) -> str:
        """The machine in that row."""
        return self.keys[row]

    def places_at(self, load: Load, rows: Ints) -> Ints:
        """How many more of it may stand on each of these machines, if none came to any other."""
        return np.minimum(self.seats_at(load, rows), self.left_at(load, self.relations.of_one(load.workload).all(), rows))

    def left_at(self, load: Load, rules: Iterable[Rule], rows: Ints) -> Ints:
        """The same by rules between workloads."""
        found = np.full(len(rows), UNLIMITED, np.int64)
        for rule in rules:
            found = np.minimum(found, rule.left(self.seen(load, rule), self.domain_of(rule.topology).rows[rows]))
        return found

    def seen(self, load: Load, rule: Rule) -> Seen:
        """What the rule, one of the workload's, lets come is judged by."""
        return self._seen(load, rule, self.counting(load))

    def seen_in_the_end(self, load: Load, rule: Rule) -> Seen:
        """What tells whether it is kept to, once all that go have gone."""
        return self._seen(load, rule, self._staying() & self._looked_at(load))

    def _seen(self, load: Load, rule: Rule, counting: Bools) -> Seen:
        domains = self.domain_of(rule.topology)
        sums = domains.summed(self.counted(load, rule))
        vacant = bool(self.offered.get(rule.topology, frozenset()) - domains.values.keys())
        return Seen(np.append(sums, 0), np.append(domains.holding(counting), False), vacant)

    def counted(self, load: Load, rule: Rule) -> Ints | None:
        """What stands on each machine and matters to the rule: for a spread none where its domains are not looked for."""
        standing = self.columns.standing(rule.counted)
        return standing * self._looked_at(load) if standing is not None and isinstance(rule, SpreadRule) else standing

    def seats_at(self, load: Load, rows: Ints) -> Ints:
        """The same by what holds for each machine alone: its own limit, and host ports."""
        found = np.full(len(rows), UNLIMITED, np.int64)
        if load.shape.max_per_node is not None:
            found = load.shape.max_per_node - self.here(load, rows)
        if load.shape.host_ports:
            found = np.minimum(found, 1)
            for other in self.sharing[load.workload]:
                standing = self.columns.standing(other)
                if standing is not None:
                    found[standing[rows] > 0] = 0
        return np.maximum(found, 0)

    def domain_of(self, topology: str) -> Domains:
        """The domains of all machines."""
        known = self.domains.get(topology) or Domains.none(topology)
        if len(known.rows) < self.columns.size:
            more = self.keys[len(known.rows) :]
            known = self.domains[topology] = known.extended([self.hosts[key].labels if key in self.hosts else None for key in more])
        return known

    def counting(self, load: Load) -> Bools:
        """Machines whose domains count where one more is to come: its spreads look at them. One that is fenced counts as well."""
        there = np.ones(self.columns.size, np.bool_)
        there[list(self.left_out)] = False
        return there & self._looked_at(load)

    def _staying(self) -> Bools:
        state = self.columns.state[: self.columns.size]
        found: Bools = (state != GONE) & (state != CODES[HostState.CLOSING]) & (state != CODES[HostState.LEAVING])
        return found

    def times_at(self, load: Load, rows: Ints) -> Ints:
        """How many more of it have room on each of these machines."""
        found, devices = times(self._asks(load.workload), self.columns.room[rows]), self._devices_for(load)
        return np.minimum(found, devices.times(load.workload, rows)) if devices else found

    def _devices_for(self, load: Load) -> DeviceRows | None:
        return self.devices if load.shape.device else None

    def here(self, load: Load, rows: Ints) -> Ints:
        """How many of it stand on each of these machines."""
        standing = self.columns.standing(load.workload)
        return np.zeros(len(rows), np.int64) if standing is None else standing[rows]

    def totals(self, rows: Ints) -> Ints:
        """How many of anything stand on each."""
        found: Ints = self.columns.total[rows]
        return found

    def ranks(self, rows: Ints) -> Ints:
        """Each one's place among all, by key."""
        if self.rank is None:
            order = sorted(range(len(self.keys)), key=self.keys.__getitem__)
            self.rank = np.empty(len(order), np.int64)
            self.rank[order] = np.arange(len(order))
        found: Ints = self.rank[rows]
        return found

    def tightness(self, load: Load, rows: Ints) -> Ints:
        """What would be left on each, in thousandths of its capacity: the lower the better packed."""
        left = self.columns.room[rows] - self._asks(load.workload)
        whole = [self.hosts[self.keys[row]].capacity for row in rows.tolist()]
        cpu, memory = np.array([max(1, one.cpu) for one in whole]), np.array([max(1, one.memory) for one in whole])
        thousandths: Ints = left[:, 0] * 1000 // cpu + left[:, 1] * 1000 // memory
        return thousandths

    def _looked_at(self, load: Load) -> Bools:
        """Machines its spreads look at: its labels allow them, and they are in a domain of every topology it has to be spread over."""
        spreads = (one.topology for one in load.shape.constraints if isinstance(one, TopologySpread) and one.topology != NODE)
        carried = (LabelRule(key=topology, value=None) for topology in spreads)
        return self.allowed(((*load.shape.node_rules, *carried), load.shape.node_terms, None))

    def _asks(self, workload: WorkloadRef) -> Ints:
        return self.vectors.of(self.loads[workload].shape.requests)

    def allowed(self, kind: Kind) -> Bools:
        """Which machines have labels and taints that shapes of that kind may stand with."""
        known = self.kept.get(kind)
        if known is None or len(known) < self.columns.size:
            have = 0 if known is None else len(known)
            may_stand = tells(kind)
            more = [key in self.hosts and may_stand(self.hosts[key]) for key in self.keys[have:]]
            known = np.array(more, np.bool_) if known is None else np.concatenate([known, np.array(more, np.bool_)])
            self.kept[kind] = known
        return known
