"""The life of a replica: waiting, starting, settling, running, stopping, gone."""

from autoscaler.simulation.world import rotation
from autoscaler.simulation.world.core import Core, What
from autoscaler.simulation.world.scheduling import ANY, choose, given
from autoscaler.simulation.world.state import NEVER, Cause, Fate, Host, Phase, Service, Unit

RECENT = 120_000
"""Milliseconds for which a failure counts as of late."""

PATIENCE = 30_000
"""Milliseconds after which the orchestrator replaces a replica that does not get healthy."""


def create(core: Core, path: str, slot: int, *, after: str = "") -> Unit:
    """A replica that waits for a place."""
    state = core.state
    release = str(state.services[path].release)
    unit = Unit(id=f"{path}.{state.number()}", service=path, slot=slot, version=release, after=after, cause=core.cause)
    state.units[unit.id] = unit
    return unit


def place(core: Core, unit: Unit, host: Host, devices: tuple[int, ...] = ANY) -> None:
    """Give it a node, and these devices or any; it starts as soon as nothing is in its way."""
    (unit.devices,) = given(core, core.services[unit.service], host, (devices,)) or (ANY,)
    unit.node = host.id
    core.tell(What.PLACED, unit.id, f"on {host.name} by {unit.cause}")
    begin(core, unit)


def begin(core: Core, unit: Unit) -> None:
    """Start it, unless it waits for another to end."""
    if unit.after and unit.after in core.state.units:
        return
    spec, now = core.services[unit.service], core.state.now
    unit.phase, unit.fate, unit.started_at = Phase.STARTING, core.fates.start(unit), now
    unit.next_at = now + spec.start.ms * (core.factor if unit.fate is Fate.SLOW else 1)


def place_waiting(core: Core) -> None:
    """Find a node for whatever waits, the highest priority first, and start what no longer waits for another."""
    waiting = [unit for unit in core.state.units.values() if unit.phase is Phase.WAITING]
    for unit in sorted(waiting, key=lambda one: -core.services[one.service].priority):
        if unit.node:
            begin(core, unit)
            continue
        host = choose(core, core.services[unit.service])
        if host:
            place(core, unit, host)


def stop(core: Core, unit: Unit) -> None:
    """Ask it to end. Requests it had, or was still given, are lost: it is taken to exit at once, as many images do."""
    if unit.phase is Phase.STOPPING:
        return
    if unit.healthy:
        rotation.cut(core, unit)
    unit.phase = Phase.STOPPING
    unit.next_at = core.state.now + (core.services[unit.service].stop.ms if unit.node else 0)
    core.tell(What.STOPPING, unit.id)


def kill(core: Core, unit: Unit) -> None:
    """It is gone this instant: its machine went, or it fell over."""
    if unit.healthy:
        rotation.cut(core, unit)
    end(core, unit)


def end(core: Core, unit: Unit) -> None:
    """Nothing is left of it."""
    core.state.units.pop(unit.id, None)
    core.tell(What.ENDED, unit.id)


def age(core: Core, unit: Unit) -> None:
    """Its phase is over: on to the next."""
    if unit.phase is Phase.STOPPING:
        end(core, unit)
    elif unit.phase is Phase.STARTING:
        _started(core, unit)
    elif unit.phase is Phase.SETTLING and unit.fate is not Fate.NEVER_HEALTHY:
        unit.phase, unit.next_at = Phase.RUNNING, NEVER
        core.tell(What.HEALTHY, unit.id)
    else:
        _fail(core, unit)


def _started(core: Core, unit: Unit) -> None:
    if unit.fate is Fate.FAILS:
        _fail(core, unit)
        return
    unit.phase = Phase.SETTLING
    host = core.state.hosts[unit.node]
    unit.address = f"{host.address or host.name}:{30_000 + core.state.number()}"
    wait = PATIENCE if unit.fate is Fate.NEVER_HEALTHY else core.services[unit.service].health.ms
    unit.next_at = core.state.now + wait


def failed_lately(core: Core, service: Service) -> tuple[int, ...]:
    """When replicas of it ended by themselves or never got healthy, of late."""
    return tuple(at for at in service.failed_at if core.state.now - at < RECENT)


def _fail(core: Core, unit: Unit) -> None:
    """It ends by itself and is replaced, in its slot, as what was asked for; where we bind, if the count lacks it."""
    service, now = core.state.services[unit.service], core.state.now
    service.failed_at = (*failed_lately(core, service), now)
    core.tell(What.FAILED, unit.id)
    end(core, unit)
    if not (core.services[unit.service].everywhere or core.spec.bound):  # where it is missing, another comes anyway
        again = create(core, unit.service, unit.slot)
        again.cause = Cause.WORLD
