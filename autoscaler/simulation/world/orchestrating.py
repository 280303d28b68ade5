"""What the orchestrator does by itself: keep each count, empty nodes told to, replace what died, roll out its users' deploys."""

from autoscaler.model.nodes import NodeAvailability
from autoscaler.simulation.world import replicas
from autoscaler.simulation.world.core import Core, What
from autoscaler.simulation.world.removal import removal_order
from autoscaler.simulation.world.standing import welcome
from autoscaler.simulation.world.state import Cause, Host, Service, Unit


def settle(core: Core) -> None:
    """Bring everything as far as it goes without time passing."""
    for host in list(core.state.hosts.values()):
        _empty(core, host)
    for service in core.state.services.values():
        _roll(core, service)
        if core.services[service.path].everywhere:
            _everywhere(core, service)
        else:
            _one_a_slot(core, service)
            _keep_count(core, service)
    replicas.place_waiting(core)


def lower(core: Core, victims: list[Unit]) -> None:
    """End exactly these."""
    for unit in victims:
        replicas.stop(core, unit)
    core.state.tally.moves += len(victims) if core.cause is Cause.OURS else 0


def evacuate(core: Core, host: Host, path: str, at_once: int) -> None:
    """Take a service's replicas off a host, stop first, as many at once as said (0: all)."""
    there = [unit for unit in core.state.on(host.id) if unit.service == path]
    moving = sum(not unit.live for unit in there)
    room = len(there) if at_once == 0 else max(0, at_once - moving)
    for unit in [unit for unit in there if unit.live][:room]:
        _replace(core, unit)


def next_slot(core: Core, path: str) -> int:
    """The lowest number no live replica has."""
    taken = {unit.slot for unit in core.state.of(path) if unit.live}
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def _empty(core: Core, host: Host) -> None:
    """An emptying node's replicas end, all at once, and others start elsewhere once they have; a dead one's are gone."""
    if not host.up:
        for unit in core.state.on(host.id):
            replicas.kill(core, unit)
    elif host.availability is NodeAvailability.EMPTYING:
        for unit in core.state.on(host.id):
            if unit.live and not core.services[unit.service].everywhere:
                _replace(core, unit)
            else:
                replicas.stop(core, unit)


def _replace(core: Core, unit: Unit) -> None:
    replicas.stop(core, unit)
    replicas.create(core, unit.service, unit.slot, after=unit.id)


def _keep_count(core: Core, service: Service) -> None:
    """Start what is missing, end what is too many; where we bind, whoever we started in excess stays until we end one."""
    live = [unit for unit in core.state.of(service.path) if unit.live]
    slots = {unit.slot for unit in live}
    for _ in range(service.wanted - len(slots)):
        replicas.create(core, service.path, next_slot(core, service.path))
    excess = len(slots) - service.wanted
    if excess > 0 and not core.spec.bound:
        going = {unit.slot: None for unit in removal_order(live)}
        lower(core, [unit for slot in list(going)[:excess] for unit in live if unit.slot == slot])


def _one_a_slot(core: Core, service: Service) -> None:
    """No deploy replaces it, and a slot has two: one stays, as Swarm's updater sees to at its next look."""
    if service.updating:
        return
    kept: set[int] = set()
    acting, core.cause = core.cause, Cause.WORLD
    for unit in sorted((one for one in core.state.of(service.path) if one.live), key=lambda one: not one.healthy):
        if unit.slot in kept:
            replicas.stop(core, unit)
        kept.add(unit.slot)
    core.cause = acting


def _everywhere(core: Core, service: Service) -> None:
    spec = core.services[service.path]
    covered = {unit.node for unit in core.state.of(service.path)}
    for host in core.state.hosts.values():
        closed = host.availability is NodeAvailability.EMPTYING
        if host.up and not closed and host.id not in covered and welcome(spec, host):
            unit = replicas.create(core, service.path, next_slot(core, service.path))
            replicas.place(core, unit, host)


def _roll(core: Core, service: Service) -> None:
    """One step of an owner's deploy, start first: a new one beside the oldest old one; healthy, it takes its place."""
    if not service.updating:
        return
    live = [unit for unit in core.state.of(service.path) if unit.live]
    old = [unit for unit in live if unit.version != str(service.release)]
    if not old:
        service.updating = False
        core.tell(What.DEPLOYED, service.path, "done")
        return
    twin = next((one for one in live if one.slot == old[0].slot and one is not old[0]), None)
    acting, core.cause = core.cause, Cause.FOREIGN
    if twin is None:
        replicas.create(core, service.path, old[0].slot)
    elif twin.healthy:
        replicas.stop(core, old[0])
    elif not twin.node:
        _give_up(core, service, twin)
    core.cause = acting


def _give_up(core: Core, service: Service, twin: Unit) -> None:
    """There is no room beside the old ones: the update is paused, as Swarm does when a task cannot be placed."""
    service.updating = False
    replicas.end(core, twin)
    core.tell(What.DEPLOYED, service.path, "paused")
