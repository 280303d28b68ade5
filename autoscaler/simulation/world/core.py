"""What every part of a world works on: its settings, its state, who is acting, and what happened since it was last told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.simulation.world.specs import WorkloadSpec, WorldPool, WorldSpec
from autoscaler.simulation.world.state import Cause, Fate, Machine, State, Unit


class What(StrEnum):
    """Everything that can happen."""

    PLACED = "placed"
    HEALTHY = "healthy"
    STOPPING = "stopping"
    ENDED = "ended"
    FAILED = "failed"
    LOST = "lost requests"
    SCALED = "scaled"
    MARKED = "marked"
    DEPLOYED = "deployed"
    AVAILABILITY = "availability"
    JOINED = "joined"
    DOWN = "down"
    NOTICED = "noticed"
    REMOVED = "removed"
    LAUNCHED = "launched"
    RELEASED = "released"
    ROTATION = "rotation"
    CLAIMED = "claimed"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: when, what, to which object, because of whom, and a detail."""

    at: int
    what: What
    subject: str
    cause: Cause
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.at} {self.cause} {self.what} {self.subject} {self.detail}".rstrip()


class Fates(Protocol):
    """Decides how starts and launches end; the harness rolls dice here."""

    def start(self, unit: Unit) -> Fate:
        """What becomes of a replica that is about to start."""
        ...

    def launch(self, machine: Machine) -> Fate:
        """What becomes of a machine that is about to launch: fine, slow, or fails."""
        ...

    def sold_out(self, pool: str, offering: str, now: int) -> bool:
        """Whether the cloud refuses this offering now."""
        ...


class Kind:
    """Everything goes well."""

    def start(self, unit: Unit) -> Fate:
        """Fine."""
        del unit
        return Fate.FINE

    def launch(self, machine: Machine) -> Fate:
        """Fine."""
        del machine
        return Fate.FINE

    def sold_out(self, pool: str, offering: str, now: int) -> bool:
        """Never."""
        del pool, offering, now
        return False


@dataclass(slots=True, kw_only=True)
class Core:
    """Shared by the parts of one world. `factor`: how much longer a slow start takes."""

    spec: WorldSpec
    cluster: ClusterName
    state: State
    fates: Fates = field(default_factory=Kind)
    cause: Cause = Cause.WORLD
    happenings: list[Happening] = field(default_factory=list)
    services: dict[str, WorkloadSpec] = field(default_factory=dict)
    pools: dict[str, WorldPool] = field(default_factory=dict)
    factor: int = 4

    def tell(self, what: What, subject: str, detail: str = "") -> None:
        """Note that something happened, because of whoever is acting."""
        self.happenings.append(Happening(self.state.now, what, subject, self.cause, detail))

    def ref(self, path: str) -> WorkloadRef:
        """A service's name outside."""
        return WorkloadRef(self.cluster, path)


Listener = Callable[[list[Happening]], None]
