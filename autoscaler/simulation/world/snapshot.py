"""A world's state as one JSON document, so that several processes, one after the other, see one world."""

from dataclasses import dataclass

from autoscaler.model.codec import dumps, loads
from autoscaler.model.marks import OwnerMark
from autoscaler.simulation.world.specs import WorldPool
from autoscaler.simulation.world.state import Hire, Host, Machine, Seat, Service, State, Tally, Unit

KIND = "simulated-world"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """`State` with tuples for its dictionaries, and the pools the world has come to know."""

    now: int
    began: int
    counter: int
    tally: Tally
    owner: OwnerMark | None = None
    services: tuple[Service, ...] = ()
    units: tuple[Unit, ...] = ()
    hosts: tuple[Host, ...] = ()
    machines: tuple[Machine, ...] = ()
    hires: tuple[Hire, ...] = ()
    seats: tuple[Seat, ...] = ()
    pools: tuple[WorldPool, ...] = ()


def write(state: State, pools: tuple[WorldPool, ...]) -> str:
    """The document."""
    snapshot = Snapshot(
        now=state.now,
        began=state.began,
        counter=state.counter,
        tally=state.tally,
        owner=state.owner,
        services=tuple(state.services.values()),
        units=tuple(state.units.values()),
        hosts=tuple(state.hosts.values()),
        machines=tuple(state.machines.values()),
        hires=tuple(state.hires.values()),
        seats=tuple(state.seats.values()),
        pools=pools,
    )
    return dumps(snapshot, kind=KIND)


def read(text: str) -> tuple[State, tuple[WorldPool, ...]]:
    """What `write` wrote; FormatError says what is wrong with it."""
    found = loads(text, Snapshot, kind=KIND)
    state = State(
        now=found.now,
        began=found.began,
        counter=found.counter,
        tally=found.tally,
        owner=found.owner,
        services={one.path: one for one in found.services},
        units={one.id: one for one in found.units},
        hosts={one.id: one for one in found.hosts},
        machines={one.id: one for one in found.machines},
        hires={one.name: one for one in found.hires},
        seats={one.address: one for one in found.seats},
    )
    return state, found.pools
