"""How loaded the replicas are, from the load and from how many serve."""

from autoscaler.model.nodes import InstanceState
from autoscaler.model.traffic import MemberState
from autoscaler.simulation.world.core import Core
from autoscaler.simulation.world.curves import rps
from autoscaler.simulation.world.state import Unit

HIGHEST = 4000
"""Milli-share of its request that one replica can use at most."""


def load(core: Core, path: str) -> int:
    """Requests per second at this instant."""
    state = core.state
    return rps(core.services[path].load, state.now - state.began, f"{core.spec.seed}/{path}")


def healthy(core: Core, path: str) -> list[Unit]:
    """Replicas that run and pass their check."""
    return [unit for unit in core.state.of(path) if unit.healthy]


def serving(core: Core, path: str) -> list[Unit]:
    """Replicas that get requests: healthy and, where there is a balancer, in rotation."""
    found = healthy(core, path)
    if not core.services[path].traffic:
        return found
    seats = core.state.seats
    return [one for one in found if one.address in seats and seats[one.address].state is MemberState.READY]


def cpu(core: Core, path: str) -> int:
    """The healthy replicas' average share of their request, in milli-units.

    Those out of rotation use none, the others four times their request at most.
    """
    spec, count = core.services[path], len(serving(core, path))
    used = min(load(core, path) * spec.work.milli * 1000 // spec.cpu.milli, HIGHEST * count)
    return used // max(1, len(healthy(core, path)))


def concurrency(core: Core, path: str) -> int:
    """Requests in flight at each serving replica; at least one while there is load."""
    spec, count = core.services[path], len(serving(core, path))
    total = load(core, path) * spec.longest.ms // 2000
    return -(-total // max(1, count))


def overloaded(core: Core, path: str) -> bool:
    """Whether there is more load than the serving replicas' requests can take."""
    spec = core.services[path]
    return load(core, path) * spec.work.milli > len(serving(core, path)) * spec.cpu.milli


def price(core: Core) -> int:
    """Millionths per hour for all machines that are paid for."""
    paid = (InstanceState.LAUNCHING, InstanceState.RUNNING, InstanceState.STOPPING)
    prices = {(pool.name, each.name): each.price.micro for pool in core.pools.values() for each in pool.offerings}
    machines = core.state.machines.values()
    return sum(prices.get((one.pool, one.offering), 0) for one in machines if one.state in paid)
