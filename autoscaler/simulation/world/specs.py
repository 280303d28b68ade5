"""What a world is made of: frozen settings with the units of the policy file."""

from dataclasses import dataclass
from typing import Annotated

from autoscaler.config.markers import POSITIVE, Least
from autoscaler.model.constraints import Labels, Taint, Toleration
from autoscaler.model.quantities import Cpu, Duration, Memory, Money, Share
from autoscaler.model.refs import OfferingName
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.workloads import Obstacle, Origin, Shape, WorkloadKind
from autoscaler.simulation.world.constraints import Apart, Name, Spread, Term, Together, Wish, rules
from autoscaler.simulation.world.devices import DeviceNeed, DeviceSpec

DAY = Duration(86_400_000)

Count = Annotated[int, Least(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadStep:
    """From `at` after the world's beginning on, `rps` requests per second."""

    at: Duration
    rps: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Requests per second over time.

    `base`, rising to `peak` and back once per `day`; or `steps`, if there are any. A `spike` comes on top from `spike_at` for `spike_for`.
    `noise` moves each ten seconds up or down by at most this share, by the world's seed.
    """

    base: Count = 0
    peak: Count | None = None
    day: Annotated[Duration, POSITIVE] = DAY
    steps: tuple[LoadStep, ...] = ()
    spike: Count = 0
    spike_at: Duration = Duration(0)
    spike_for: Duration = Duration(0)
    noise: Share = Share(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    """A machine that is there from the beginning and belongs to no pool."""

    name: Name
    cpu: Cpu = Cpu(4000)
    memory: Memory = Memory(8 * 2**30)
    manager: bool = False
    labels: Labels = ()
    taints: tuple[Taint, ...] = ()
    devices: tuple[DeviceSpec, ...] = ()

    @property
    def capacity(self) -> Resources:
        """What replicas may use."""
        return Resources(self.cpu.milli, self.memory.bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSpec:
    """One workload: its count, what a replica asks for, how long it takes, and its load.

    A replica starts for `start`, is healthy `health` later, and is gone `stop` after it was asked to end. Each request takes `work` of cpu
    time per second of load and lasts at most `longest`. `declared` false: the scheduler is told nothing of cpu and memory.
    `traffic`: it has a backend at the balancer. `secret` is in its environment, and must never be seen outside.
    Nodes must keep to `only_on`, `never_on` and one of `any_of`, where there are any. `priority`: the higher is placed first.
    """

    name: Name
    replicas: Count = 1
    cpu: Annotated[Cpu, POSITIVE] = Cpu(500)
    memory: Memory = Memory(256 * 2**20)
    start: Duration = Duration(2000)
    health: Duration = Duration(3000)
    stop: Duration = Duration(2000)
    grace: Duration = Duration(10_000)
    load: Load = Load()
    work: Cpu = Cpu(10)
    longest: Duration = Duration(2000)
    traffic: bool = False
    declared: bool = True
    everywhere: bool = False
    single: bool = False
    only_on: Labels = ()
    never_on: Labels = ()
    any_of: tuple[Term, ...] = ()
    most_per_node: Annotated[int, Least(1)] | None = None
    labels: Labels = ()
    apart: tuple[Apart, ...] = ()
    together: tuple[Together, ...] = ()
    spread: tuple[Spread, ...] = ()
    prefers: tuple[Wish, ...] = ()
    tolerates: tuple[Toleration, ...] = ()
    priority: Count = 0
    device: DeviceNeed | None = None
    secret: str = ""

    @property
    def request(self) -> Resources:
        """What one replica takes of its node, declared or not."""
        return Resources(self.cpu.milli, self.memory.bytes)

    @property
    def reserved(self) -> Resources:
        """What its scheduler is told that one replica takes."""
        return self.request if self.declared else NOTHING

    @property
    def shape(self) -> Shape:
        """As its orchestrator knows it."""
        return Shape(
            requests=self.reserved,
            origin=Origin.DECLARED if self.declared else Origin.DEFAULT,
            node_rules=Term(only_on=self.only_on, never_on=self.never_on).rules,
            max_per_node=self.most_per_node,
            node_terms=tuple(term.rules for term in self.any_of),
            tolerations=self.tolerates,
            constraints=rules(self.apart, self.together, self.spread),
            preferences=tuple(wish.preference for wish in self.prefers),
            priority=self.priority,
            device=self.device.ask if self.device else None,
        )

    @property
    def constrained(self) -> bool:
        """Whether it matters to it beside whom it stands."""
        return bool(self.apart or self.together or self.spread)

    @property
    def kind(self) -> WorkloadKind:
        """Replicated, or one on every node."""
        return WorkloadKind.GLOBAL if self.everywhere else WorkloadKind.REPLICATED

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """Why it cannot be in two places at once."""
        return (Obstacle.SINGLETON,) if self.single else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferingSpec:
    """A kind of machine a pool may launch. `standby`: so many are made at the beginning, and stopped: these take no `launch`."""

    name: Name
    price: Money
    cpu: Cpu = Cpu(4000)
    memory: Memory = Memory(8 * 2**30)
    zone: str = ""
    spot: bool = False
    labels: Labels = ()
    taints: tuple[Taint, ...] = ()
    devices: tuple[DeviceSpec, ...] = ()
    standby: Count = 0

    @property
    def offering(self) -> OfferingName:
        """Its name, typed."""
        return OfferingName(self.name)

    @property
    def capacity(self) -> Resources:
        """What replicas may use of such a machine."""
        return Resources(self.cpu.milli, self.memory.bytes)

    def labels_in(self, pool: str) -> Labels:
        """Those of its nodes: its own, its zone unless they name one, and its pool."""
        zone = {"zone": self.zone} if self.zone else {}
        return tuple(sorted({**zone, **dict(self.labels), "pool": pool}.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldPool:
    """Machines for hire: `nodes` of the first offering run at the beginning; a launch takes `launch`, joining the cluster `join` more."""

    name: Name
    offerings: tuple[OfferingSpec, ...]
    nodes: Count = 0
    launch: Duration = Duration(20_000)
    join: Duration = Duration(5000)
    stop: Duration = Duration(5000)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSpec:
    """A whole world. `bound`: replicas may be placed and stopped by us; else as Swarm does it.

    `rotation_slots`: how many servers a backend at the balancer holds; 0 for any number.
    """

    name: str = "world"
    seed: int = 0
    bound: bool = False
    nodes: tuple[NodeSpec, ...] = ()
    workloads: tuple[WorkloadSpec, ...] = ()
    pools: tuple[WorldPool, ...] = ()
    rotation_slots: int = 0
