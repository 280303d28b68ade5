"""Pools of machines: launched, joining, running, given back."""

from autoscaler.errors import ConflictError, NoCapacityError, NotFoundError
from autoscaler.model.nodes import InstanceState, NodeAvailability
from autoscaler.model.refs import InstanceRef
from autoscaler.simulation.world import replicas
from autoscaler.simulation.world.core import Core, What
from autoscaler.simulation.world.devices import devices_of
from autoscaler.simulation.world.specs import OfferingSpec, WorldPool
from autoscaler.simulation.world.state import NEVER, Fate, Hire, Host, Machine

RETRY = 300_000
"""Milliseconds for which a refused offering counts as sold out."""


FORGET = 120_000
"""Milliseconds for which launches that failed are told."""


def failed_lately(core: Core, hire: Hire) -> int:
    """Launches that failed in a row, unless the last is long ago."""
    return hire.failed if core.state.now - hire.failed_at < FORGET else 0


def add_pool(core: Core, pool: WorldPool) -> None:
    """Make the pool known; its first nodes are there at once."""
    core.pools[pool.name] = pool
    if pool.name in core.state.hires:
        return
    core.state.hires[pool.name] = Hire(name=pool.name)
    for _ in range(pool.nodes):
        machine = launch(core, pool, pool.offerings[0], "", takes=0)
        machine.state, machine.next_at, machine.joins_at = InstanceState.RUNNING, NEVER, 0
        join(core, machine)


def count(core: Core, pool: str) -> int:
    """Launching and running machines."""
    return sum(one.counts for one in core.state.machines.values() if one.pool == pool)


def grow(core: Core, name: str, *, seen: int, wanted: int, token: str, offering: str | None) -> None:
    """As `PoolWriter.grow`; one machine at a time, so that what was launched before the stock ran out stays."""
    pool, hire = find(core, name)
    here = count(core, name)
    if token in hire.tokens or here == wanted:
        return
    if here != seen:
        raise ConflictError(f"pool {name} counts {here}, not {seen}", hint="read it again and decide again")
    wish = next((one for one in pool.offerings if offering in (None, one.name)), pool.offerings[0])
    for _ in range(wanted - here):
        if core.fates.sold_out(name, wish.name, core.state.now):
            _refuse(core, hire, wish)
        ready = standing_by(hire, wish) > 0
        hire.started += (wish.name,) if ready else ()
        machine = launch(core, pool, wish, token, takes=0 if ready else pool.launch.ms)
        core.tell(What.LAUNCHED, machine.name, f"in {name} as {wish.name}")
    hire.tokens += (token,)


def standing_by(hire: Hire, offering: OfferingSpec) -> int:
    """How many are made already and wait to be started."""
    return offering.standby - hire.started.count(offering.name)


def launch(core: Core, pool: WorldPool, wish: OfferingSpec, token: str, *, takes: int) -> Machine:
    """Order one machine, which takes so many milliseconds."""
    number, now = core.state.number(), core.state.now
    machine = Machine(
        id=f"i-{number}",
        name=f"{pool.name}-{number}",
        pool=pool.name,
        offering=wish.name,
        incarnation=f"boot-{number}",
        state=InstanceState.LAUNCHING,
        launched_at=now,
        token=token,
    )
    fate = core.fates.launch(machine)
    machine.fails = fate is Fate.FAILS
    machine.next_at = now + takes * (core.factor if fate is Fate.SLOW else 1)
    core.state.machines[machine.id] = machine
    return machine


def release(core: Core, name: str, gone: frozenset[InstanceRef]) -> None:
    """As `PoolWriter.release`: whatever still runs there is lost with the machine."""
    pool, _ = find(core, name)
    for ref in sorted(gone):
        machine = core.state.machines.get(ref.id)
        if machine and machine.pool == name and machine.incarnation == ref.incarnation and machine.counts:
            machine.state, machine.next_at = InstanceState.STOPPING, core.state.now + pool.stop.ms
            core.tell(What.RELEASED, machine.name, f"with {_occupants(core, machine)} replicas")
            _leave(core, machine)


def take(core: Core, machine: Machine) -> None:
    """Its notice is over: its cloud takes it with all that runs there."""
    machine.state, machine.next_at = InstanceState.STOPPING, core.state.now + core.pools[machine.pool].stop.ms
    _leave(core, machine)


def age(core: Core, machine: Machine) -> None:
    """Its state is over: on to the next."""
    pool, now = core.pools[machine.pool], core.state.now
    if machine.state is InstanceState.LAUNCHING and machine.fails:
        machine.state, machine.next_at = InstanceState.FAILED, now + RETRY
        hire = core.state.hires[machine.pool]
        hire.failed, hire.failed_at = failed_lately(core, hire) + 1, now
        core.tell(What.FAILED, machine.name)
    elif machine.state is InstanceState.LAUNCHING:
        machine.state, machine.next_at, machine.joins_at = InstanceState.RUNNING, now + pool.join.ms, now + pool.join.ms
    elif machine.state is InstanceState.RUNNING:
        machine.next_at, machine.joins_at = NEVER, 0
        core.state.hires[machine.pool].failed = 0
        join(core, machine)
    else:
        del core.state.machines[machine.id]


def join(core: Core, machine: Machine) -> None:
    """Its node appears at the orchestrator, open."""
    offering = next(one for one in core.pools[machine.pool].offerings if one.name == machine.offering)
    host = Host(
        id=f"n-{machine.id}",
        name=machine.name,
        incarnation=machine.incarnation,
        capacity=offering.capacity,
        labels=offering.labels_in(machine.pool),
        taints=offering.taints,
        devices=devices_of(offering.devices),
        joined_at=core.state.now,
    )
    core.state.hosts[host.id] = host
    core.tell(What.JOINED, host.name)


def lose(core: Core, host: Host) -> None:
    """It is gone with all that runs there."""
    for unit in core.state.on(host.id):
        replicas.kill(core, unit)
    if host.availability is NodeAvailability.OPEN or core.state.on(host.id):
        core.tell(What.DOWN, host.name)
    host.up = False


def forget(core: Core, host: Host) -> None:
    """The orchestrator no longer knows the node."""
    del core.state.hosts[host.id]
    core.tell(What.REMOVED, host.name, "up" if host.up else "down")


def find(core: Core, name: str) -> tuple[WorldPool, Hire]:
    """The pool; NotFoundError without one."""
    if name not in core.pools:
        raise NotFoundError(f"no pool {name} in this world", hint="name it under pools with simulated")
    return core.pools[name], core.state.hires[name]


def host_of(core: Core, machine: Machine) -> Host | None:
    """Its node, if it has joined."""
    return next((host for host in core.state.hosts.values() if host.name == machine.name), None)


def _occupants(core: Core, machine: Machine) -> int:
    """Replicas on it, daemons not counted."""
    host = host_of(core, machine)
    return sum(not core.services[unit.service].everywhere for unit in core.state.on(host.id)) if host else 0


def _leave(core: Core, machine: Machine) -> None:
    host = host_of(core, machine)
    if host is not None:
        lose(core, host)


def _refuse(core: Core, hire: Hire, wish: OfferingSpec) -> None:
    kept = tuple(entry for entry in hire.sold_out if entry[0] != wish.name)
    hire.sold_out = (*kept, (wish.name, core.state.now + RETRY))
    raise NoCapacityError(f"{wish.name} is sold out", hint="another offering may do, or wait")
