"""What users and accidents do between two ticks."""

from autoscaler.model.nodes import NodeAvailability
from autoscaler.simulation.faults import Dice
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world import others
from autoscaler.simulation.world.state import Host
from autoscaler.simulation.world.world import World

SKEWS = (-7000, -1000, 1000, 7000)

NOTICES = (10_000, 30_000, 60_000, 120_000)
"""Milliseconds from a cloud's notice until it takes the machine."""


class Mischief:
    """One possible event of each kind per tick; what it broke for a while it mends when told."""

    def __init__(self, world: World, runtime: VirtualRuntime, dice: Dice) -> None:
        self._world = world
        self._runtime = runtime
        self._dice = dice

    def strike(self) -> None:
        """Roll for every kind of event."""
        rates = self._dice.rates
        kinds = (
            (rates.user_scales, self._scale),
            (rates.user_deploys, self._deploy),
            (rates.user_fences, self._fence),
            (rates.node_dies, self._kill),
            (rates.skew, self._skew),
            (rates.notices, self._notice),
        )
        for rate, happen in kinds:
            if self._dice.roll(rate):
                happen()

    def mend(self) -> None:
        """Users open what they fenced, nodes without machine are forgotten, dead ones come back, stocks are filled, clocks set right."""
        for host in self._hosts():
            if not host.up and self._paid_for(host):
                others.revive(self._world, host)
            if not host.up and not host.marks and not self._paid_for(host):
                others.forget(self._world, host)
            elif not host.marks and host.availability is not NodeAvailability.OPEN:
                others.fence(self._world, host, NodeAvailability.OPEN)
        for hire in self._world.state.hires.values():
            hire.sold_out = ()
        self._runtime.step_clock(self._runtime.true_now() - self._runtime.now())

    def _scale(self) -> None:
        path = self._dice.rng.choice(self._scalable())
        wanted = self._world.state.services[path].wanted
        changed = max(1, wanted + self._dice.rng.choice((-2, -1, 1, 2)))
        if changed != wanted:
            others.scale(self._world, path, changed)

    def _deploy(self) -> None:
        if self._world.core.spec.bound:
            return
        path, of_a_stack = self._dice.rng.choice(self._scalable()), self._dice.rng.choice((False, True))
        count = self._world.state.services[path].wanted + self._dice.rng.choice((-1, 0, 1))
        others.deploy(self._world, path, stack=max(1, count) if of_a_stack else None)

    def _fence(self) -> None:
        hosts = [host for host in self._hosts() if host.up and not host.marks]
        if hosts:
            host = self._dice.rng.choice(hosts)
            fenced = host.availability is NodeAvailability.OPEN
            others.fence(self._world, host, NodeAvailability.FENCED if fenced else NodeAvailability.OPEN)

    def _kill(self) -> None:
        hosts = [host for host in self._hosts() if host.up and not host.manager]
        if hosts:
            others.fail(self._world, self._dice.rng.choice(hosts))

    def _notice(self) -> None:
        machines = [one for one in self._world.state.machines.values() if one.counts and not one.noticed]
        if machines:
            at = self._world.state.now + self._dice.rng.choice(NOTICES)
            others.notice(self._world, self._dice.rng.choice(machines), at)

    def _skew(self) -> None:
        self._runtime.step_clock(self._dice.rng.choice(SKEWS))

    def _hosts(self) -> list[Host]:
        return list(self._world.state.hosts.values())

    def _scalable(self) -> list[str]:
        return [path for path, spec in self._world.core.services.items() if not spec.everywhere]

    def _paid_for(self, host: Host) -> bool:
        """A machine given back never returns."""
        machines = {machine.name: machine for machine in self._world.state.machines.values()}
        hired = machines.get(host.name)
        return hired.counts if hired else host.labels == () or all(key != "pool" for key, _ in host.labels)
