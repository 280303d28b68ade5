"""The closed union of what a plan may do, one typed action each.

A step names objects, never how to reach them. What it rests on and what it must bring about is `planning/conditions/`;
numbers that only the moment of acting can know (the count now, who the victims are) are resolved then, into an `Intent`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from autoscaler.model.refs import InstanceRef, NodeRef, OfferingName, PoolName, ReplicaId, TrafficName, WorkloadRef


class OnSupersede(StrEnum):
    """What a newer plan does to a step in flight: DROP it (not begun), UNDO it (nothing stopped yet), FINISH it."""

    DROP = "drop"
    UNDO = "undo"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is. `begun`: its intent is journalled. `stopped`: something may have ended for good because of it."""

    begun: bool = False
    stopped: bool = False


class Supersedable(Protocol):
    """Every step says what a newer plan may do to it."""

    def on_supersede(self, progress: Progress) -> OnSupersede:
        """The answer, given how far the step is."""
        ...


class _Reversible:
    """Drop before it began, take back after."""

    __slots__ = ()

    def on_supersede(self, progress: Progress) -> OnSupersede:
        """Nothing has stopped: it can be taken back."""
        return OnSupersede.UNDO if progress.begun else OnSupersede.DROP


class _Harmless:
    """Brings about nothing that needs taking back."""

    __slots__ = ()

    def on_supersede(self, progress: Progress) -> OnSupersede:
        """Dropped at any time."""
        del progress
        return OnSupersede.DROP


class _PointOfNoReturn:
    """Once begun, something has ended: the only way is forward."""

    __slots__ = ()

    def on_supersede(self, progress: Progress) -> OnSupersede:
        """Finished once begun."""
        return OnSupersede.FINISH if progress.begun else OnSupersede.DROP


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowPool(_PointOfNoReturn):
    """Raise the pool's count from `seen` to `wanted`, absolute. A launch cannot be called back: it is finished, and shrunk later.

    `offering`: of which kind; None leaves that to the pool.
    """

    pool: PoolName
    seen: int
    wanted: int
    offering: OfferingName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitNode(_Harmless):
    """Wait until `count` nodes of the pool are ready and open."""

    pool: PoolName
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence(_Reversible):
    """Let the node take no more replicas; what it has stays."""

    node: NodeRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfence(_Harmless):
    """Open the node again."""

    node: NodeRef


class Purpose(StrEnum):
    """SCALE: what was decided. SURGE: room for a move. GIVE_BACK: the surge, returned."""

    SCALE = "scale"
    SURGE = "surge"
    GIVE_BACK = "give_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one replica is to start: on that node, on its devices of these numbers; with none named, on whichever it is given."""

    node: NodeRef
    devices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReplicas:
    """Change the count by `change`, from `seen` when it was planned; the absolute count is fixed at the moment of acting.

    By change and not to a count: a surge must survive a scale-up decided in its middle. `places`: where the first of those start that
    come, for orchestrators that let us choose; the rest is left to the orchestrator.
    """

    workload: WorkloadRef
    seen: int
    change: int
    purpose: Purpose = Purpose.SCALE
    places: tuple[Place, ...] = ()

    def on_supersede(self, progress: Progress) -> OnSupersede:
        """A surge can be given back. A count once lowered stopped something; once raised as decided it is simply the count."""
        if not progress.begun:
            return OnSupersede.DROP
        return OnSupersede.UNDO if self.purpose is Purpose.SURGE else OnSupersede.FINISH


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReplica(_Reversible):
    """Start one more replica of `workload` on `node`, for orchestrators that let us choose. `instead_of`: the one it will replace.

    `devices`: numbers of those of the node that it is to use; none where that is not ours to choose.
    """

    workload: WorkloadRef
    node: NodeRef
    instead_of: ReplicaId | None = None
    devices: tuple[int, ...] = ()

    @property
    def place(self) -> Place:
        """Where it starts."""
        return Place(node=self.node, devices=self.devices)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitHealthy(_Harmless):
    """Wait until `count` replicas of the workload are running and healthy, those on `off` not counted."""

    workload: WorkloadRef
    count: int
    off: NodeRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinTraffic(_Harmless):
    """Put every healthy replica not on its way out into rotation; wait until `count` are in it and up, those on `off` not counted."""

    workload: WorkloadRef
    traffic: TrafficName
    count: int
    off: NodeRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveTraffic(_Reversible):
    """Take replicas out of rotation and wait until their sessions have ended, or the workload's `drain` is over.

    Who: the replicas on `node`; else the first `victims` of the removal order, read again at the moment of acting; else `replicas`.
    `purpose` GIVE_BACK: they go with a surge, and nobody leaves who would go with none.
    """

    workload: WorkloadRef
    traffic: TrafficName
    node: NodeRef | None = None
    victims: int = 0
    replicas: tuple[ReplicaId, ...] = ()
    purpose: Purpose = Purpose.SCALE


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReplica(_PointOfNoReturn):
    """Stop exactly this replica, for orchestrators that leave the stop to us."""

    workload: WorkloadRef
    replica: ReplicaId


@dataclass(frozen=True, slots=True, kw_only=True)
class Evacuate(_PointOfNoReturn):
    """Let the orchestrator take `workloads` off the node, `at_once` replicas at a time (0: all).

    One journalled step: its progress is observed, its surge and budget are booked as a whole. An orchestrator that can only
    empty whole nodes names all workloads there in one step.
    """

    node: NodeRef
    workloads: tuple[WorkloadRef, ...]
    at_once: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveNode(_PointOfNoReturn):
    """Forget the empty node at its orchestrator."""

    node: NodeRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseInstance(_PointOfNoReturn):
    """Give exactly this machine back to its cloud; only when it was seen empty on both sides."""

    pool: PoolName
    instance: InstanceRef
    node: NodeRef | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(_Harmless):
    """Take back one field of ours on a node or workload, if it still holds our value. `object` is its name, `field` as in `Mark`."""

    object: str
    field: str
    was: str
    ours: str


Step = (
    GrowPool
    | AwaitNode
    | Fence
    | Unfence
    | SetReplicas
    | StartReplica
    | AwaitHealthy
    | JoinTraffic
    | LeaveTraffic
    | StopReplica
    | Evacuate
    | RemoveNode
    | ReleaseInstance
    | Undo
)
