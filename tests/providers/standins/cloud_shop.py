"""A whole engine over a simulated cluster whose machines are a cloud's, at a stand-in, by the real SDK; one virtual time for all."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from autoscaler.config import installed, parse
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.store import Store
from autoscaler.engine.dry import Thought, look, recall, think
from autoscaler.engine.tick import Engine, TickReport
from autoscaler.errors import AutoscalerError
from autoscaler.execution import Hands
from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName, PoolName, QueueName
from autoscaler.service.eyes import eyes
from autoscaler.service.hands import hands
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world.world import World
from autoscaler.store.memory import MemoryStore
from autoscaler_simulated import worlds
from autoscaler_standins.serving import Cloud, Standin
from tests.providers.granted import Granted

POOL = PoolName("general")
IDLE = 5
"""Ticks of five seconds: longer than a node must be idle."""

POLICY = """
apiVersion: autoscaler/v1
clusters:
  shop:
    simulated:
      seed: 3
      nodes: [{{name: manager-1, manager: true, cpu: 500m}}]
      workloads: [{{name: web, replicas: 2, cpu: "1", memory: 1Gi, traffic: true, load: {{base: 60}}}}]
      clouds: [{{url: "{url}"}}]
traffic:
  edge: {edge}
pools:
  general:
    cluster: shop
    {pool}
    nodes: {{min: 1, max: 6, idle: 15s}}
policies:
  web:
    workload: shop/web
    replicas: {{min: 2, max: 9}}
    rules: [{{fixed: {{count: {count}}}}}]
    availability: {{traffic: edge, surge: 2}}
    behaviour: {{scale_down: {{stabilise: 0s}}}}
"""


class PaperQueue:
    """A queue of notices on paper. `broken`: why it cannot be read; `dropped` once the store has them."""

    def __init__(self) -> None:
        self.waiting: list[Letter] = []
        self.dropped: list[Letter] = []
        self.broken: AutoscalerError | None = None

    def take(self, deadline: Duration) -> tuple[Letter, ...]:
        if self.broken:
            raise self.broken
        return tuple(self.waiting)

    def drop(self, letters: tuple[Letter, ...]) -> None:
        self.dropped += letters
        self.waiting = [one for one in self.waiting if one not in letters]


@dataclass
class CloudShop:
    """The engine, its cloud and their clock.

    `pool`, `edge`: the pool's and the balancer's plugin and settings, as YAML, with the stand-in's address left open. `hardened`, `shaken`:
    what engines get instead of their writers and store.
    """

    served: Standin
    runtime: VirtualRuntime
    store: MemoryStore
    pool: str
    edge: str = "{{simulated: {{}}}}"
    engines: dict[int, Engine] = field(default_factory=dict)
    queue: PaperQueue = field(default_factory=PaperQueue)
    hardened: Callable[[Hands], Hands] = lambda hands: hands
    shaken: Callable[[Store], Store] = lambda store: store

    def tick(self, count: int = 1, *, replicas: int) -> TickReport:
        """So many ticks five seconds apart, with so many replicas asked for."""
        engine = self.engines[replicas] = self.engines.get(replicas) or self._engine(replicas)
        for _ in range(count):
            report = engine.tick()
            self.runtime.advance(Duration(5000))
        return report

    def think(self, *, replicas: int) -> Thought:
        """What `plan` does."""
        engine = self._engine(replicas)
        seen = look(engine.eyes, engine.policies, engine.deadline)
        return think(engine.policies, seen, recall(self.store, engine.policies, self.runtime.now()))

    def until_quiet(self, *, replicas: int, most: int = 150) -> list[TickReport]:
        """Ticks until none has had anything open for longer than a node must be idle."""
        reports: list[TickReport] = []
        for _ in range(most):
            reports.append(self.tick(replicas=replicas))
            if len(reports) >= IDLE and not any(one.busy for one in reports[-IDLE:]):
                return reports
        raise AssertionError([str(one.planned.step) for one in reports[-1].commitments.open])

    @property
    def cluster(self) -> ClusterName:
        """The only one."""
        return ClusterName("shop")

    @property
    def world(self) -> World:
        """The cluster itself."""
        (kept,) = worlds._WORLDS[self.runtime].values()
        return kept.world()

    def _engine(self, replicas: int) -> Engine:
        pool, edge = (one.format(url=self.served.url) for one in (self.pool, self.edge))
        text = POLICY.format(url=self.served.url, pool=pool, edge=edge, count=replicas)
        plugins = installed()
        (cluster,) = parse((("shop.yaml", text),), plugins).clusters
        return Engine(
            policies=cluster.policies,
            eyes=eyes(cluster, plugins, self.runtime),
            hands=self.hardened(replace(hands(cluster, self.runtime), notices={QueueName("spot"): self.queue})),
            store=self.shaken(self.store),
            runtime=self.runtime,
            holder="here",
        )


def open_shop(cloud: Callable[[Runtime], Cloud], pool: str, seed: int = 1, **more: str) -> CloudShop:
    """Not yet listening."""
    runtime = VirtualRuntime(seed)
    return CloudShop(served=Granted(cloud(runtime), runtime), runtime=runtime, store=MemoryStore(runtime), pool=pool, **more)  # type: ignore[arg-type]
