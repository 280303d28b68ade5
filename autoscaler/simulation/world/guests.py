"""Nodes whose machines are another cloud's: they join when it runs them, and die with all that runs there when it does not."""

from collections.abc import Iterable
from dataclasses import dataclass

from autoscaler.model.devices import Devices
from autoscaler.model.resources import Resources
from autoscaler.simulation.world import machines
from autoscaler.simulation.world.core import Core, What
from autoscaler.simulation.world.state import Cause, Host
from autoscaler.simulation.world.world import World

GUEST = "guest-"
"""Begins the ids of their nodes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A machine that runs somewhere else. `machine`: its id there; `address`: its private one, if it is known."""

    name: str
    machine: str
    capacity: Resources
    labels: tuple[tuple[str, str], ...] = ()
    devices: Devices = ()
    since: int = 0
    address: str = ""


def receive(world: World, guests: Iterable[Guest]) -> None:
    """Those that run are nodes, all others of them are down."""
    there = {f"{GUEST}{one.machine}": one for one in guests}
    hosts = world.state.hosts
    come = [one for id_, one in there.items() if id_ not in hosts]
    gone = [host for id_, host in hosts.items() if id_.startswith(GUEST) and host.up and id_ not in there]
    if come or gone:
        with world.acting(Cause.WORLD) as core:
            for one in come:
                _join(core, one)
            for host in gone:
                machines.lose(core, host)


def _join(core: Core, one: Guest) -> None:
    host = Host(
        id=f"{GUEST}{one.machine}",
        name=one.name,
        incarnation=one.machine,
        capacity=one.capacity,
        labels=one.labels,
        joined_at=one.since,
        devices=one.devices,
        address=one.address,
    )
    core.state.hosts[host.id] = host
    core.tell(What.JOINED, host.name)
