"""What others do to a world: users scale, deploy and fence; machines die and come back."""

from autoscaler.model.marks import OwnerMark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.simulation.world import machines, orchestrating
from autoscaler.simulation.world.core import What
from autoscaler.simulation.world.removal import removal_order
from autoscaler.simulation.world.state import Cause, Host, Machine
from autoscaler.simulation.world.world import World


def scale(world: World, path: str, count: int) -> None:
    """A user sets the count; where we bind, that ends as many as it is lower by, for there nobody ends those in excess."""
    with world.acting(Cause.FOREIGN) as core:
        service = core.state.services[path]
        fewer, service.wanted = service.wanted - count, count
        service.revision += 1
        core.tell(What.SCALED, path, f"to {count}")
        if core.spec.bound and fewer > 0:
            live = [unit for unit in core.state.of(path) if unit.live]
            orchestrating.lower(core, removal_order(live)[: min(fewer, len(live) - count)] if len(live) > count else [])


def deploy(world: World, path: str, *, stack: int | None = None) -> None:
    """A user rolls out another version, start first, one at a time. `stack`: of a whole stack file, which says count and labels anew."""
    with world.acting(Cause.FOREIGN) as core:
        service = core.state.services[path]
        service.release += 1
        service.revision += 1
        service.updating = True
        if stack is not None:
            service.wanted, service.marks = stack, ()
            core.tell(What.SCALED, path, f"to {stack}")
        core.tell(What.DEPLOYED, path, "begun")


def fence(world: World, host: Host, availability: NodeAvailability) -> None:
    """A user opens, fences or empties a node by hand."""
    with world.acting(Cause.FOREIGN) as core:
        host.availability = availability
        core.tell(What.AVAILABILITY, host.name, availability)


def fail(world: World, host: Host) -> None:
    """A machine dies with all that runs on it; its cloud may not have noticed."""
    with world.acting(Cause.FOREIGN) as core:
        host.up = False
        core.tell(What.DOWN, host.name)


def notice(world: World, machine: Machine, at: int) -> None:
    """Its cloud says that it takes the machine then."""
    with world.acting(Cause.FOREIGN) as core:
        machine.ends_at = at
        core.tell(What.NOTICED, machine.name)


def forget(world: World, host: Host) -> None:
    """Somebody takes a node off the cluster's list, whose machine is gone."""
    with world.acting(Cause.FOREIGN) as core:
        machines.forget(core, host)


def revive(world: World, host: Host) -> None:
    """It is back, with nothing on it."""
    with world.acting(Cause.FOREIGN) as core:
        host.up = True
        core.tell(What.JOINED, host.name, "again")


def own(world: World, mark: OwnerMark) -> None:
    """Another store marks the cluster as its own."""
    with world.acting(Cause.FOREIGN) as core:
        core.state.owner = mark
        core.tell(What.CLAIMED, "cluster", mark.store)
