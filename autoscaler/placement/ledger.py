"""Who stands where while an answer is sought: room, counts and host ports per machine. The only thing here that changes."""

from collections import Counter
from dataclasses import replace
from typing import Self

from autoscaler.model.refs import WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.placement.problem import Host, HostState, Load, Problem


class Ledger:
    """Machines by key, in the order of the problem, then of opening. `lent`: how much of what is taken there is only lent."""

    def __init__(self, loads: dict[WorkloadRef, Load]) -> None:
        self.loads = loads
        self.hosts: dict[str, Host] = {}
        self.room: dict[str, Resources] = {}
        self.lent: dict[str, Resources] = {}
        self.counts: dict[str, Counter[WorkloadRef]] = {}

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Everything as it stands."""
        ledger = cls({load.workload: load for load in problem.loads})
        for host in problem.hosts:
            ledger.add(host)
        for one in problem.residents:
            ledger.put(one.workload, one.host, one.count)
        return ledger

    def copy(self) -> "Ledger":
        """A ledger to try things on."""
        other = Ledger(self.loads)
        other.hosts, other.room, other.lent = dict(self.hosts), dict(self.room), dict(self.lent)
        other.counts = {key: Counter(counts) for key, counts in self.counts.items()}
        return other

    def add(self, host: Host) -> None:
        """One more machine."""
        self.hosts[host.key] = host
        self.room[host.key], self.lent[host.key] = host.capacity - host.used, NOTHING
        self.counts[host.key] = Counter()

    def drop(self, key: str) -> None:
        """Without that machine, on which nothing stands."""
        del self.hosts[key], self.room[key], self.lent[key], self.counts[key]

    def set_state(self, key: str, state: HostState) -> None:
        """The machine is good for something else now."""
        self.hosts[key] = replace(self.hosts[key], state=state)

    def put(self, workload: WorkloadRef, key: str, count: int) -> None:
        """`count` more of the workload there (fewer, if negative)."""
        self.counts[key][workload] += count
        self.room[key] -= self.loads[workload].shape.requests.times(count)

    def reserve(self, workload: WorkloadRef, key: str, count: int) -> None:
        """Keep room there without standing there."""
        self.room[key] -= self.loads[workload].shape.requests.times(count)
        self.lend(workload, key, count)

    def lend(self, workload: WorkloadRef, key: str, count: int) -> None:
        """So much of the room that is taken there is given back once all is done."""
        self.lent[key] += self.loads[workload].shape.requests.times(count)

    def settled(self, key: str) -> Resources:
        """The room there once all is done."""
        return self.room[key] + self.lent[key]

    def allows(self, load: Load, key: str) -> bool:
        """Whether its labels let the workload stand there at all."""
        return load.shape.may_stand(self.hosts[key].labels)

    def fits(self, load: Load, key: str, room: Resources | None = None) -> int:
        """How many more of it the machine takes now, or in that room: labels, requests, host ports, and its own limit per machine."""
        if not self.allows(load, key):
            return 0
        return min(load.shape.requests.fits_times(self.room[key] if room is None else room), self.places(load, key))

    def places(self, load: Load, key: str) -> int:
        """How many more of it may stand there, however much room there is."""
        shape, here = load.shape, self.counts[key]
        limits = [1_000_000]
        if shape.max_per_node is not None:
            limits.append(shape.max_per_node - here[load.workload])
        if shape.host_ports:
            limits.append(0 if self._ports_taken(load, key) else 1)
        return max(0, min(limits))

    def open_for(self, load: Load, states: tuple[HostState, ...]) -> list[str]:
        """Machines of these states that its labels allow, and that have a place left by its own limits."""
        keys = (key for key, host in self.hosts.items() if host.state in states and not host.must_close)
        return [key for key in keys if self.allows(load, key) and self.places(load, key)]

    def tightness(self, load: Load, key: str) -> int:
        """What would be left there, in thousandths of its capacity: the lower the better packed."""
        left, whole = self.room[key] - load.shape.requests, self.hosts[key].capacity
        return left.cpu * 1000 // max(1, whole.cpu) + left.memory * 1000 // max(1, whole.memory)

    def _ports_taken(self, load: Load, key: str) -> bool:
        wanted = set(load.shape.host_ports)
        there = (self.loads[workload].shape.host_ports for workload, count in self.counts[key].items() if count > 0)
        return any(wanted & set(ports) for ports in there)
