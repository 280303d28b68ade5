"""Where a waiting replica goes: by filters as kube-scheduler's, and then as Swarm's scheduler spreads."""

from collections.abc import Sequence

from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.simulation.world.core import Core
from autoscaler.simulation.world.devices import left, take
from autoscaler.simulation.world.specs import WorkloadSpec
from autoscaler.simulation.world.standing import allows, matches, reluctance, tolerated
from autoscaler.simulation.world.state import Host


def reserved(core: Core, host: str) -> Resources:
    """What the scheduler takes as used: declared requests, of ending replicas too."""
    total = NOTHING
    for unit in core.state.on(host):
        total += core.services[unit.service].reserved
    return total


def used(core: Core, host: str) -> Resources:
    """What is truly used, declared or not."""
    total = NOTHING
    for unit in core.state.on(host):
        total += core.services[unit.service].request
    return total


ANY: tuple[int, ...] = ()
"""Whichever devices it is given."""


def given(core: Core, spec: WorkloadSpec, host: Host, named: Sequence[tuple[int, ...]] = (ANY,)) -> list[tuple[int, ...]] | None:
    """The devices that so many more would get, those named or any; None where one of them finds too few."""
    free, ask = devices_left(core, host), spec.device.ask if spec.device else None
    found = [take(host.devices, free, ask, one) if ask else one for one in named]
    able = [one for one in found if one is not None]
    return able if len(able) == len(named) and (ask or not any(able)) else None


def devices_left(core: Core, host: Host) -> list[int]:
    """Milli of each device that no replica has, ending ones too."""
    needs = ((core.services[unit.service].device, unit.devices) for unit in core.state.on(host.id))
    return left(host.devices, ((need.ask, where) for need, where in needs if need))


def may_run(core: Core, spec: WorkloadSpec, host: Host, named: Sequence[tuple[int, ...]] = (ANY,)) -> bool:
    """Whether the host is up, open, matches, and has the declared room for so many more: all that a node itself sees to."""
    if not host.up or host.availability is not NodeAvailability.OPEN or not matches(spec, host):
        return False
    mine = sum(unit.service == spec.name for unit in core.state.on(host.id) if unit.live)
    if spec.most_per_node is not None and mine + len(named) > spec.most_per_node:
        return False
    room = host.capacity - reserved(core, host.id)
    return given(core, spec, host, named) is not None and spec.reserved.times(len(named)).fits(room)


def choose(core: Core, spec: WorkloadSpec) -> Host | None:
    """Of those that hard rules allow, the host that keeps most wishes, then with the fewest of this workload, of all, the first by id."""
    fitting = [host for host in core.state.hosts.values() if may_run(core, spec, host) and tolerated(spec, host)]
    if any(each.constrained for each in core.services.values()):
        fitting = [host for host in fitting if allows(core, spec, host)]
    return min(fitting, key=lambda host: (reluctance(core, spec, host), _crowd(core, spec, host)), default=None)


def _crowd(core: Core, spec: WorkloadSpec, host: Host) -> tuple[int, int, str]:
    there = [unit for unit in core.state.on(host.id) if unit.live]
    return sum(unit.service == spec.name for unit in there), len(there), host.id
