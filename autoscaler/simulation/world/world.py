"""One simulated outside: time passes in it, and whoever acts on it does so between two instants."""

from collections.abc import Iterator
from contextlib import contextmanager

from autoscaler.model.nodes import InstanceState
from autoscaler.model.refs import ClusterName
from autoscaler.model.traffic import MemberState
from autoscaler.simulation.world import machines, metering, orchestrating, replicas
from autoscaler.simulation.world.core import Core, Fates, Happening, Kind, Listener
from autoscaler.simulation.world.devices import devices_of
from autoscaler.simulation.world.gate import Gate
from autoscaler.simulation.world.specs import NodeSpec, WorldPool, WorldSpec
from autoscaler.simulation.world.state import NEVER, Cause, Host, Seat, Service, State

SETTLED = 600_000
"""Milliseconds a new world runs before it is shown, so that it begins with everything healthy."""


class World:
    """A cluster with its pools, load and balancer.

    `core` is the inside. `gate` is what every call of a reader or writer passes. `listen`: called after every instant in which
    something happened, when the world is consistent again.
    """

    def __init__(self, core: Core, gate: Gate | None = None) -> None:
        self.core = core
        self.gate = gate or Gate()
        self._listeners: list[Listener] = []

    @property
    def state(self) -> State:
        """What is true now."""
        return self.core.state

    def listen(self, listener: Listener) -> None:
        """Tell `listener` whatever happens from now on."""
        self._listeners.append(listener)

    def advance(self, to: int) -> None:
        """Let time pass until `to`, one instant in which something happens after the other; never back."""
        while self.state.now < to:
            due = min(self._next(), to)
            self._account(due - self.state.now)
            self.state.now = due
            self._age()
            self._settle()

    @contextmanager
    def acting(self, cause: Cause) -> Iterator[Core]:
        """Change the world as `cause`; it settles and its listeners hear of it even if the change fails half-way."""
        self.core.cause = cause
        try:
            yield self.core
        finally:
            self._settle()
            self.core.cause = Cause.WORLD

    def add_pool(self, pool: WorldPool) -> None:
        """Make a pool known; one known already is left as it is."""
        if pool.name not in self.core.pools:
            machines.add_pool(self.core, pool)
            self._settle()

    def _next(self) -> int:
        units = (unit.next_at for unit in self.state.units.values())
        hired = (machine.next_at for machine in self.state.machines.values())
        taken = (machine.ends_at for machine in self.state.machines.values() if machine.counts)
        return max(self.state.now, min(min(units, default=NEVER), min(hired, default=NEVER), min(taken, default=NEVER)))

    def _account(self, span: int) -> None:
        tally = self.state.tally
        tally.spent += metering.price(self.core) * span
        tally.overloaded += span * sum(metering.overloaded(self.core, path) for path in self.state.services)

    def _age(self) -> None:
        now = self.state.now
        for unit in list(self.state.units.values()):
            if unit.next_at <= now and unit.id in self.state.units:
                replicas.age(self.core, unit)
        for machine in list(self.state.machines.values()):
            if machine.counts and machine.ends_at <= now:
                machines.take(self.core, machine)
            if machine.next_at <= now:
                machines.age(self.core, machine)

    def _settle(self) -> None:
        orchestrating.settle(self.core)
        happened: list[Happening] = self.core.happenings
        if happened:
            self.core.happenings = []
            for listener in self._listeners:
                listener(happened)


def build(spec: WorldSpec, cluster: ClusterName, now: int, *, fates: Fates | None = None, gate: Gate | None = None) -> World:
    """A world that begins at `now` with every replica healthy and in rotation; dice for starts and launches roll only from then on."""
    state = State(now=now - SETTLED, began=now)
    core = Core(spec=spec, cluster=cluster, state=state)
    core.services = {each.name: each for each in spec.workloads}
    world = World(core, gate)
    with world.acting(Cause.WORLD):
        _populate(core)
    world.advance(now)
    _begin(core, fates or Kind())
    return world


def restore(spec: WorldSpec, cluster: ClusterName, state: State) -> World:
    """A world as it was, to go on with."""
    core = Core(spec=spec, cluster=cluster, state=state)
    core.services = {each.name: each for each in spec.workloads}
    core.pools = {pool.name: pool for pool in spec.pools}
    return World(core)


def _add_node(core: Core, node: NodeSpec) -> None:
    number = core.state.number()
    host = Host(
        id=f"n-{number}",
        name=node.name,
        incarnation=f"boot-{number}",
        capacity=node.capacity,
        labels=tuple(sorted(node.labels)),
        taints=node.taints,
        devices=devices_of(node.devices),
        manager=node.manager,
        joined_at=core.state.now,
    )
    core.state.hosts[host.id] = host


def _populate(core: Core) -> None:
    """Nodes, pools and workloads."""
    for node in core.spec.nodes:
        _add_node(core, node)
    for pool in core.spec.pools:
        machines.add_pool(core, pool)
    for each in core.spec.workloads:
        core.state.services[each.name] = Service(path=each.name, wanted=each.replicas)


def _begin(core: Core, fates: Fates) -> None:
    """Forget how the world came about: no cost, nothing lost, everyone in rotation."""
    core.fates = fates
    core.happenings.clear()
    core.state.tally = type(core.state.tally)()
    for machine in core.state.machines.values():
        machine.state = InstanceState.RUNNING
    for unit in core.state.units.values():
        if core.services[unit.service].traffic and unit.healthy:
            core.state.seats[unit.address] = Seat(service=unit.service, address=unit.address, state=MemberState.READY)
