"""What a policy file may say of simulated objects."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Annotated, Any, TypeVar, cast

from autoscaler.config.markers import FILLED, Least
from autoscaler.model.quantities import Cpu, Duration, Memory, Money
from autoscaler.simulation.world.devices import DeviceSpec
from autoscaler.simulation.world.specs import Load, NodeSpec, OfferingSpec, WorkloadSpec, WorldPool, WorldSpec
from autoscaler_simulated.guests import Cloud

T = TypeVar("T")

SHOP = (
    WorkloadSpec(
        name="web",
        replicas=3,
        load=Load(base=60, peak=300),
        traffic=True,
        labels=(("tier", "web"),),
    ),
    WorkloadSpec(name="api", replicas=2, cpu=Cpu(1000), load=Load(base=30, peak=150), labels=(("tier", "web"),)),
    WorkloadSpec(name="batch", replicas=1, cpu=Cpu(1000), memory=Memory(2**30), labels=(("tier", "back"),)),
)
"""What runs in a world whose file names no workloads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """A simulated cluster. Clusters of one `world` in one process are the same; `state` keeps it in a file between processes.

    `speed`: how many times faster than our clock everything happens there. `bound`: we may place and stop replicas; else an
    orchestrator does it as Swarm does. `clouds`: stand-ins whose machines are nodes of it.
    """

    world: Annotated[str, FILLED] = "world"
    seed: int = 0
    speed: Annotated[int, Least(1)] = 1
    bound: bool = False
    state: str = ""
    nodes: tuple[NodeSpec, ...] = (NodeSpec(name="manager-1", manager=True),)
    workloads: tuple[WorkloadSpec, ...] = SHOP
    rotation_slots: Annotated[int, Least(0)] = 0
    clouds: tuple[Cloud, ...] = ()

    @property
    def spec(self) -> WorldSpec:
        """The world it asks for, its pools not yet in it."""
        spec = WorldSpec(
            name=self.world,
            seed=self.seed,
            bound=self.bound,
            nodes=self.nodes,
            workloads=self.workloads,
            rotation_slots=self.rotation_slots,
        )
        return faster(spec, self.speed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSettings:
    """Machines for hire. `offering` and `price` name one kind of machine; `offerings` as many as there are."""

    offering: str = "standard"
    price: Money = Money(100_000)
    cpu: Cpu = Cpu(4000)
    memory: Memory = Memory(8 * 2**30)
    devices: tuple[DeviceSpec, ...] = ()
    offerings: tuple[OfferingSpec, ...] = ()
    nodes: Annotated[int, Least(0)] = 1
    launch: Duration = Duration(20_000)
    join: Duration = Duration(5000)

    def pool(self, name: str, speed: int) -> WorldPool:
        """The pool it asks for."""
        only = OfferingSpec(name=self.offering, price=self.price, cpu=self.cpu, memory=self.memory, devices=self.devices)
        offerings = self.offerings or (only,)
        return faster(WorldPool(name=name, offerings=offerings, nodes=self.nodes, launch=self.launch, join=self.join), speed)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSettings:
    """The balancer of the cluster's world."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """The metrics of the cluster's world: queries `cpu`, `memory`, `rps`, `sessions`."""


def faster(value: T, speed: int) -> T:
    """The same settings with every duration `speed` times shorter, and at least one millisecond where there was any."""
    return value if speed == 1 else cast("T", _walk(value, lambda span: Duration(-(-span.ms // speed))))


def _walk(value: Any, change: Callable[[Duration], Duration]) -> Any:  # noqa: ANN401 - settings of any shape
    if isinstance(value, Duration):
        return change(value)
    if type(value) is tuple:
        return tuple(_walk(each, change) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _walk(getattr(value, each.name), change) for each in fields(value)})
    return value
