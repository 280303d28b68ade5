"""The load balancer: who is in rotation, and how many requests each has in flight."""

from autoscaler.model.traffic import MemberState
from autoscaler.simulation.world import metering
from autoscaler.simulation.world.core import Core, What
from autoscaler.simulation.world.state import Cause, Seat, Unit


def unit_at(core: Core, address: str) -> Unit | None:
    """Who answers there."""
    return next((unit for unit in core.state.units.values() if unit.address == address), None)


def up(core: Core, seat: Seat) -> bool:
    """Whether the balancer's own check passes."""
    unit = unit_at(core, seat.address)
    return unit is not None and unit.healthy


def ready(core: Core, unit: Unit) -> bool:
    """Whether the unit gets new requests."""
    seat = core.state.seats.get(unit.address)
    return seat is not None and seat.state is MemberState.READY


def in_flight(core: Core, seat: Seat) -> int:
    """Requests under way: a steady stream while READY, then fewer and fewer until the longest has ended."""
    if not up(core, seat):
        return 0
    if seat.state is MemberState.READY:
        return metering.concurrency(core, seat.service)
    longest, gone = core.services[seat.service].longest.ms, core.state.now - seat.left_at
    return -(-seat.carried * max(0, longest - gone) // max(1, longest))


def join(core: Core, path: str, address: str) -> None:
    """Give it new requests."""
    seat = core.state.seats.get(address)
    if seat and seat.state is MemberState.READY:
        return
    core.state.seats[address] = Seat(service=path, address=address, state=MemberState.READY)
    core.tell(What.ROTATION, address, "ready")


def leave(core: Core, address: str) -> None:
    """Give it no new requests; what it has goes on."""
    seat = core.state.seats.get(address)
    if seat is None or seat.state is not MemberState.READY:
        return
    carried = in_flight(core, seat)
    seat.state, seat.left_at, seat.carried = MemberState.DRAINING, core.state.now, carried
    core.tell(What.ROTATION, address, "draining")


def remove(core: Core, address: str) -> None:
    """Take it out at once: what it has in flight is lost."""
    seat = core.state.seats.get(address)
    if seat is None:
        return
    _lose(core, address, in_flight(core, seat))
    del core.state.seats[address]
    core.tell(What.ROTATION, address, "removed")


def cut(core: Core, unit: Unit) -> None:
    """The unit ends now. READY, it costs what is in flight and the next request; after its drain, only what is left."""
    seat = core.state.seats.get(unit.address)
    if seat is None:
        return
    steady = metering.concurrency(core, seat.service)
    if seat.state is MemberState.READY:
        _lose(core, unit.id, steady + (1 if steady else 0))
        return
    longest, gone = core.services[seat.service].longest.ms, core.state.now - seat.left_at
    _lose(core, unit.id, -(-seat.carried * max(0, longest - gone) // max(1, longest)))


def _lose(core: Core, subject: str, count: int) -> None:
    if not count:
        return
    tally = core.state.tally
    if core.cause is Cause.OURS:
        tally.lost += count
    else:
        tally.lost_otherwise += count
    core.tell(What.LOST, subject, str(count))
