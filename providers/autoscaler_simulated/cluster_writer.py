"""Changes a simulated cluster."""

from autoscaler.errors import ConflictError, NoCapacityError, NotFoundError, ProviderError
from autoscaler.model.marks import FieldChange, Mark, OwnerMark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.refs import NodeRef, ReplicaId, Token, WorkloadRef
from autoscaler.model.steps import Place
from autoscaler.simulation.world import machines, orchestrating, replicas
from autoscaler.simulation.world.core import Core, What
from autoscaler.simulation.world.removal import removal_order
from autoscaler.simulation.world.scheduling import may_run
from autoscaler.simulation.world.state import Host, Service, Unit
from autoscaler_simulated.worlds import Handle

AGAIN = "read the cluster again and decide again"


class SimulatedClusterWriter:
    """Every method is one call through the world's gate, and one instant in it."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def claim(self, mark: OwnerMark, seen: OwnerMark | None) -> None:
        """Write the owner mark where `seen` was read."""
        self._handle.change("claim", lambda core: _claim(core, mark, seen))

    def set_replicas(
        self,
        workload: WorkloadRef,
        *,
        seen: int,
        wanted: int,
        victims: frozenset[ReplicaId],
        mark: Mark | None,
        places: tuple[Place, ...] = (),
    ) -> None:
        """Set the count and the mark."""
        self._handle.change(
            "set_replicas",
            lambda core: _set_replicas(core, service(core, workload), seen=seen, wanted=wanted, victims=victims, mark=mark, places=places),
        )

    def set_availability(self, node: NodeRef, wanted: NodeAvailability, mark: Mark | None) -> None:
        """Open, fence or empty the node."""
        self._handle.change("set_availability", lambda core: _set_availability(core, host(core, node), wanted, mark))

    def evacuate(self, node: NodeRef, workload: WorkloadRef, *, at_once: int) -> None:
        """Take one workload off the node."""
        self._handle.change("evacuate", lambda core: _evacuate(core, host(core, node), service(core, workload), at_once))

    def start_replica(self, workload: WorkloadRef, node: NodeRef, *, token: Token, devices: tuple[int, ...] = ()) -> ReplicaId:
        """Start one more, there."""
        return self._handle.change("start_replica", lambda core: _start(core, service(core, workload), host(core, node), token, devices))

    def stop_replica(self, replica: ReplicaId) -> None:
        """Stop this one."""
        self._handle.change("stop_replica", lambda core: _stop(core, replica))

    def remove_node(self, node: NodeRef) -> None:
        """Forget the node."""
        self._handle.change("remove_node", lambda core: _remove(core, node))

    def restore(self, change: FieldChange) -> None:
        """Take back one field."""
        self._handle.change("restore", lambda core: _restore(core, change))


def service(core: Core, ref: WorkloadRef) -> Service:
    """The workload; NotFoundError without one."""
    found = core.state.services.get(ref.path)
    if found is None or ref != core.ref(ref.path):
        raise NotFoundError(f"no workload {ref}", hint="name one the cluster shows")
    return found


def host(core: Core, ref: NodeRef) -> Host:
    """The node, same incarnation; NotFoundError without one."""
    found = core.state.hosts.get(ref.id)
    if found is None or found.incarnation != ref.incarnation:
        raise NotFoundError(f"no node {ref} of that incarnation", hint="name one the cluster shows")
    return found


def _claim(core: Core, mark: OwnerMark, seen: OwnerMark | None) -> None:
    if core.state.owner not in (seen, mark):
        raise ConflictError("another owner marked the cluster", hint=AGAIN)
    core.state.owner = mark
    core.tell(What.CLAIMED, "cluster", mark.store)


def _set_replicas(
    core: Core,
    one: Service,
    *,
    seen: int,
    wanted: int,
    victims: frozenset[ReplicaId],
    mark: Mark | None,
    places: tuple[Place, ...] = (),
) -> None:
    if one.wanted == wanted:
        _mark(one, "replicas", mark)
        return
    if one.updating:
        raise ConflictError(f"{one.path} is being updated by its owner", hint="wait until the update has ended")
    if one.wanted != seen:
        raise ConflictError(f"{one.path} is at {one.wanted}, not {seen}", hint=AGAIN)
    going, coming = _victims(core, one, seen - wanted, victims), _places(core, one, places)
    core.tell(What.SCALED, one.path, f"{seen} -> {wanted}")
    one.wanted, one.revision = wanted, one.revision + 1
    _mark(one, "replicas", mark)
    orchestrating.lower(core, going)
    standing = sum(unit.live for unit in core.state.of(one.path))
    for on, devices in coming[: max(0, wanted - standing)]:
        replicas.place(core, replicas.create(core, one.path, orchestrating.next_slot(core, one.path)), on, devices)


def _places(core: Core, one: Service, places: tuple[Place, ...]) -> list[tuple[Host, tuple[int, ...]]]:
    """Hosts and devices; ConflictError unless all of them are free together."""
    found = [(host(core, place.node), place.devices) for place in places]
    for on in {each.id: each for each, _ in found}.values():
        if not may_run(core, core.services[one.path], on, [devices for each, devices in found if each is on]):
            raise ConflictError(f"what {one.path} was to have on {on.name} is not free", hint=AGAIN)
    return found


def _victims(core: Core, one: Service, fewer: int, asked: frozenset[ReplicaId]) -> list[Unit]:
    """Whom the lower count ends. Predicted ones must be those asked for; chosen ones are."""
    if fewer <= 0:
        return []
    order = removal_order(core.state.of(one.path))
    if core.spec.bound and asked:
        return [unit for unit in order if unit.id in asked]
    going = order[:fewer]
    if asked and {unit.id for unit in going} != asked:
        raise ConflictError(f"{one.path}: others would go now than were foreseen", hint=AGAIN)
    return going


def _set_availability(core: Core, one: Host, wanted: NodeAvailability, mark: Mark | None) -> None:
    changed = one.availability is not wanted
    one.availability = wanted
    _mark(one, "availability", mark)
    if changed:
        core.tell(What.AVAILABILITY, one.name, wanted)


def _evacuate(core: Core, one: Host, of: Service, at_once: int) -> None:
    if one.availability is NodeAvailability.OPEN:
        raise ConflictError(f"{one.name} is open: what leaves it may come back", hint="fence the node first")
    orchestrating.evacuate(core, one, of.path, at_once)


def _start(core: Core, one: Service, on: Host, token: Token, devices: tuple[int, ...]) -> ReplicaId:
    begun = next((unit for unit in core.state.of(one.path) if unit.token == token), None)
    if begun:
        return ReplicaId(begun.id)
    if not may_run(core, core.services[one.path], on, (devices,)):
        raise NoCapacityError(f"{on.name} has no room for {one.path}", hint="choose another node")
    unit = replicas.create(core, one.path, orchestrating.next_slot(core, one.path))
    unit.token = token
    replicas.place(core, unit, on, devices)
    return ReplicaId(unit.id)


def _stop(core: Core, replica: ReplicaId) -> None:
    unit = core.state.units.get(replica)
    if unit is None or not unit.live:
        return
    if not core.spec.bound:
        raise ProviderError("this orchestrator stops replicas itself", hint="lower the count, or empty the node")
    replicas.stop(core, unit)


def _remove(core: Core, node: NodeRef) -> None:
    found = core.state.hosts.get(node.id)
    if found is None or found.incarnation != node.incarnation:
        return
    if any(not core.services[unit.service].everywhere for unit in core.state.on(found.id)):
        raise ConflictError(f"{found.name} still has replicas", hint="empty it first")
    for unit in core.state.on(found.id):
        replicas.kill(core, unit)
    machines.forget(core, found)


def _restore(core: Core, change: FieldChange) -> None:
    if change.field == "availability":
        one = next((each for each in core.state.hosts.values() if each.name == change.object), None)
        if one is None:
            raise NotFoundError(f"no node {change.object}", hint="it is gone: there is nothing to take back")
        ours = one.availability.value == change.ours
        _set_availability(core, one, NodeAvailability(change.was) if ours else one.availability, None)
        return
    of = next((each for each in core.state.services.values() if change.object in (each.path, str(core.ref(each.path)))), None)
    if of is None:
        raise NotFoundError(f"no workload {change.object}", hint="it is gone: there is nothing to take back")
    wanted = int(change.was) if str(of.wanted) == change.ours else of.wanted
    _set_replicas(core, of, seen=of.wanted, wanted=wanted, victims=frozenset(), mark=None)


def _mark(on: Service | Host, field: str, mark: Mark | None) -> None:
    others = tuple(each for each in on.marks if each.field != field)
    on.marks = (*others, mark) if mark else others
