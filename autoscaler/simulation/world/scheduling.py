"""Where a waiting replica goes: by filters as kube-scheduler's, and then as Swarm's scheduler spreads."""

from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.simulation.world.core import Core
from autoscaler.simulation.world.devices import left, pick
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


def given(core: Core, spec: WorkloadSpec, host: Host) -> tuple[int, ...] | None:
    """The devices that one more would be given; None where it finds too few."""
    return pick(host.devices, devices_left(core, host), spec.device.ask) if spec.device else ()


def devices_left(core: Core, host: Host) -> list[int]:
    """Milli of each device that no replica has, ending ones too."""
    needs = ((core.services[unit.service].device, unit.devices) for unit in core.state.on(host.id))
    return left(host.devices, ((need.ask, where) for need, where in needs if need))


def may_run(core: Core, spec: WorkloadSpec, host: Host) -> bool:
    """Whether the host is up, open, matches, and has the declared room: all that a node itself sees to."""
    if not host.up or host.availability is not NodeAvailability.OPEN or not matches(spec, host):
        return False
    mine = sum(unit.service == spec.name for unit in core.state.on(host.id) if unit.live)
    if spec.most_per_node is not None and mine >= spec.most_per_node:
        return False
    return given(core, spec, host) is not None and spec.reserved.fits(host.capacity - reserved(core, host.id))


def choose(core: Core, spec: WorkloadSpec) -> Host | None:
    """Of those that hard rules allow, the host that keeps most wishes, then with the fewest of this workload, of all, the first by id."""
    fitting = [host for host in core.state.hosts.values() if may_run(core, spec, host) and tolerated(spec, host)]
    if any(each.constrained for each in core.services.values()):
        fitting = [host for host in fitting if allows(core, spec, host)]
    return min(fitting, key=lambda host: (reluctance(core, spec, host), _crowd(core, spec, host)), default=None)


def _crowd(core: Core, spec: WorkloadSpec, host: Host) -> tuple[int, int, str]:
    there = [unit for unit in core.state.on(host.id) if unit.live]
    return sum(unit.service == spec.name for unit in there), len(there), host.id
