"""Who stands where while an answer is sought, and what may still come: by room, labels, host ports, limits and rules."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from autoscaler.model.constraints import NODE, LabelRule, TopologySpread
from autoscaler.model.resources import Resources
from autoscaler.placement.arrays import Bools, Ints
from autoscaler.placement.books import CODES, GONE, Books
from autoscaler.placement.columns import times
from autoscaler.placement.devices import DeviceRows
from autoscaler.placement.domains import Domains
from autoscaler.placement.kinds import Kind, kind_of, tells
from autoscaler.placement.problem import HostState, Load
from autoscaler.placement.rules import UNLIMITED, Rule, Seen, SpreadRule


@dataclass(slots=True, kw_only=True)
class Ledger(Books):
    """The books, and what is asked of them."""

    def room(self, key: str) -> Resources:
        """The room there now, as far as anything asks for it."""
        return self.vectors.back(self.columns.room[self.rows[key]])

    def settled(self, key: str) -> Resources:
        """The room there once all is done."""
        row = self.rows[key]
        return self.vectors.back(self.columns.room[row] + self.columns.lent[row])

    def free_on(self, rows: Ints) -> Ints:
        """The room on each of these machines, [N, R]; none on one that is overfull."""
        return np.maximum(self.columns.room[rows], 0)

    def in_states(self, states: tuple[HostState, ...]) -> Ints:
        """The machines of these states, by row."""
        found: Ints = self._in(states).nonzero()[0]
        return found

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
        able = self._in(states)
        if self.repelling or load.shape.node_rules or load.shape.node_terms:
            able &= self.allowed(kind_of(load.shape))
        if devices := self._devices_for(load):
            able &= devices.having(load.workload)
        return able

    def _in(self, states: tuple[HostState, ...]) -> Bools:
        state = self.columns.state[: self.columns.size]
        found: Bools = state == CODES[states[0]]
        for other in states[1:]:
            found |= state == CODES[other]
        return found

    def _with_places(self, load: Load, able: Bools) -> Ints:
        rows: Ints = able.nonzero()[0]
        if not len(rows):
            return rows
        return rows[self.places_at(load, rows) > 0] if self._limited(load) else rows

    def _limited(self, load: Load) -> bool:
        """Whether anything but room and labels limits how many of it come to a machine."""
        shape = load.shape
        return bool(shape.host_ports) or shape.max_per_node is not None or bool(self.relations.of_one(load.workload))

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

    def fits_at(self, load: Load, rows: Ints) -> Ints:
        """How many more of it have room and a place on each of these machines, if none came to any other."""
        found = self.times_at(load, rows)
        return np.minimum(found, self.places_at(load, rows)) if self._limited(load) else found

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

    def by_rank(self) -> Ints:
        """All machines, by row, in the order of their keys."""
        every = np.arange(len(self.keys))
        found = np.empty_like(every)
        found[self.ranks(every)] = every
        return found

    def tightness(self, load: Load, rows: Ints) -> Ints:
        """What would be left on each, in thousandths of its capacity: the lower the better packed."""
        left = (self.columns.room[rows] - self._asks(load.workload))[:, :2] * 1000 // np.maximum(self.columns.whole[rows], 1)
        thousandths: Ints = left[:, 0] + left[:, 1]
        return thousandths

    def _looked_at(self, load: Load) -> Bools:
        """Machines its spreads look at: its labels allow them, and they are in a domain of every topology it has to be spread over."""
        spreads = (one.topology for one in load.shape.constraints if isinstance(one, TopologySpread) and one.topology != NODE)
        carried = (LabelRule(key=topology, value=None) for topology in spreads)
        return self.allowed(((*load.shape.node_rules, *carried), load.shape.node_terms, None))

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
