"""Room kept free in a pool, so that what comes next need not wait for a machine."""

from dataclasses import dataclass
from typing import Annotated

from autoscaler.config.markers import POSITIVE, Least, Spelt
from autoscaler.errors import PolicyError
from autoscaler.model.pool_asks import Headroom as Free
from autoscaler.model.pool_asks import PoolAsk, RoomFor
from autoscaler.model.quantities import Cpu, Memory, Share
from autoscaler.model.refs import WorkloadRef

Workload = Annotated[str, Spelt(r"[^/]+/[\s\S]+", "write cluster/name, as in shop/web")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """Of `cpu` and `memory` a share of what the pool's replicas request, or an amount, in all; and room for more `replicas` of a workload.

    Room for replicas is whole: each finds its place on one node of the pool. Each workload's is looked for by itself.
    """

    cpu: Annotated[Share, POSITIVE] | Annotated[Cpu, POSITIVE] | None = None
    memory: Annotated[Share, POSITIVE] | Annotated[Memory, POSITIVE] | None = None
    replicas: tuple[tuple[Workload, Annotated[int, Least(1)]], ...] = ()

    def __post_init__(self) -> None:
        """PolicyError for a headroom of nothing."""
        if self.cpu is None and self.memory is None and not self.replicas:
            raise PolicyError("a headroom of nothing keeps no room", hint="write cpu, memory or replicas, as in {cpu: 10%}")

    def asks(self) -> tuple[PoolAsk, ...]:
        """Free room, and places."""
        places = tuple(RoomFor(workload=WorkloadRef.parse(name), count=count) for name, count in self.replicas)
        if self.cpu is None and self.memory is None:
            return places
        cpu = self.cpu.milli if isinstance(self.cpu, Cpu) else self.cpu or 0
        memory = self.memory.bytes if isinstance(self.memory, Memory) else self.memory or 0
        return (Free(cpu=cpu, memory=memory), *places)
