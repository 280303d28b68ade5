"""What a world is at one instant.

Mutable on purpose: only the world and its provider change it, and it is shown outside as model values.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from autoscaler.model.constraints import Taint
from autoscaler.model.devices import Devices
from autoscaler.model.marks import Mark, OwnerMark
from autoscaler.model.nodes import InstanceState, NodeAvailability
from autoscaler.model.resources import Resources
from autoscaler.model.traffic import MemberState

NEVER = 2**62
"""Later than any instant."""


class Cause(StrEnum):
    """Who made something happen: OURS the engine under test, FOREIGN a user or an accident, WORLD the course of things."""

    OURS = "ours"
    FOREIGN = "foreign"
    WORLD = "world"


class Phase(StrEnum):
    """A replica's life. A SETTLING one runs and is not healthy yet."""

    WAITING = "waiting"
    STARTING = "starting"
    SETTLING = "settling"
    RUNNING = "running"
    STOPPING = "stopping"


class Fate(StrEnum):
    """What becomes of a start."""

    FINE = "fine"
    SLOW = "slow"
    FAILS = "fails"
    NEVER_HEALTHY = "never_healthy"


@dataclass(slots=True, kw_only=True)
class Unit:
    """A replica. `next_at`: when its phase ends by itself. `after`: it starts only once that one is gone. `cause`: who wanted it.

    `devices`: numbers of those of its node that it was given.
    """

    id: str
    service: str
    slot: int
    version: str
    node: str = ""
    phase: Phase = Phase.WAITING
    next_at: int = NEVER
    started_at: int = 0
    after: str = ""
    cause: Cause = Cause.WORLD
    fate: Fate = Fate.FINE
    address: str = ""
    token: str = ""
    devices: tuple[int, ...] = ()

    @property
    def live(self) -> bool:
        """Meant to run."""
        return self.phase is not Phase.STOPPING

    @property
    def healthy(self) -> bool:
        """Running, and its health check passes."""
        return self.phase is Phase.RUNNING


@dataclass(slots=True, kw_only=True)
class Service:
    """A workload. `revision` counts changes of its specification, `release` its owner's deploys; `failed_at`: when replicas failed."""

    path: str
    wanted: int
    revision: int = 1
    release: int = 1
    updating: bool = False
    failed_at: tuple[int, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(slots=True, kw_only=True)
class Host:
    """A node, as the orchestrator sees it. `address`: where its replicas answer; empty: by its name."""

    id: str
    name: str
    incarnation: str
    capacity: Resources
    labels: tuple[tuple[str, str], ...] = ()
    up: bool = True
    availability: NodeAvailability = NodeAvailability.OPEN
    manager: bool = False
    joined_at: int = 0
    marks: tuple[Mark, ...] = ()
    taints: tuple[Taint, ...] = ()
    devices: Devices = ()
    address: str = ""


@dataclass(slots=True, kw_only=True)
class Machine:
    """An instance, as its cloud sees it. `joins_at`: when its node appears at the orchestrator; 0 once it did.

    `ends_at`: when its cloud takes it, once it said so.
    """

    id: str
    name: str
    pool: str
    offering: str
    incarnation: str
    state: InstanceState
    launched_at: int
    next_at: int = NEVER
    joins_at: int = 0
    token: str = ""
    fails: bool = False
    ends_at: int = NEVER

    @property
    def noticed(self) -> bool:
        """Whether its cloud has said that it takes it."""
        return self.counts and self.ends_at != NEVER

    @property
    def counts(self) -> bool:
        """Whether its pool's count holds it."""
        return self.state in (InstanceState.LAUNCHING, InstanceState.RUNNING)


@dataclass(slots=True, kw_only=True)
class Hire:
    """What a pool remembers: tokens it saw, launches that failed in a row and when the last did, offerings refused until when.

    `started`: the offering of each machine that stood by, and does no more.
    """

    name: str
    tokens: tuple[str, ...] = ()
    failed: int = 0
    failed_at: int = 0
    sold_out: tuple[tuple[str, int], ...] = ()
    started: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Seat:
    """A member of the rotation. `left_at` and `carried`: when it last stopped being READY, with how many requests in flight."""

    service: str
    address: str
    state: MemberState
    left_at: int = 0
    carried: int = 0


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of it all. Money in millionths x milliseconds per hour; `lost` counts requests we cost, `lost_otherwise` all other ones.

    `overloaded`: milliseconds, summed over workloads, in which there was more load than the available replicas could take.
    """

    lost: int = 0
    lost_otherwise: int = 0
    spent: int = 0
    overloaded: int = 0
    moves: int = 0


@dataclass(slots=True, kw_only=True)
class State:
    """Everything. Keys: services by path, units, hosts and machines by id, hires by name, seats by address."""

    now: int
    began: int
    counter: int = 0
    owner: OwnerMark | None = None
    services: dict[str, Service] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)
    hires: dict[str, Hire] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    def number(self) -> int:
        """The next number nobody has."""
        self.counter += 1
        return self.counter

    def of(self, path: str) -> list[Unit]:
        """A service's units, oldest first."""
        return [unit for unit in self.units.values() if unit.service == path]

    def on(self, host: str) -> list[Unit]:
        """Units on a host, ending ones too."""
        return [unit for unit in self.units.values() if unit.node == host]
