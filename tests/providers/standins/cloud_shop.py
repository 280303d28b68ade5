"""A whole engine over a simulated cluster whose machines are those of clouds, at stand-ins, by the real SDKs; one virtual time for all."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Self, cast

from autoscaler.config import installed, parse
from autoscaler.contracts.store import Store
from autoscaler.engine.dry import Thought, look, recall, think
from autoscaler.engine.tick import Engine, TickReport
from autoscaler.errors import AutoscalerError
from autoscaler.execution import Hands
from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName, QueueName
from autoscaler.service.eyes import eyes
from autoscaler.service.hands import hands
from autoscaler.simulation.virtual_runtime import VirtualRuntime
from autoscaler.simulation.world.world import World
from autoscaler.store.memory import MemoryStore
from autoscaler_simulated import worlds
from autoscaler_standins.machines import Machine, Machines
from tests.providers.granted import Granted
from tests.providers.standins.places import Place, Stocked

PLUGINS = installed()
IDLE = 5
"""Ticks of five seconds: longer than a node must be idle."""

WEB = {"name": "web", "replicas": 2, "cpu": "1", "memory": "1Gi", "traffic": True, "load": {"base": 60}}
AVAILABILITY = {"traffic": "edge", "surge": 2}


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
    """The engine, its clouds and their clock.

    `served`: where each of `places` listens. `least`: the fewest machines of each pool. `edge`: the balancer, of the first of them where it
    is a cloud's. `notices`: queues at the first of them, beside `queue`. `hardened`, `shaken`: what engines get instead of their writers
    and store.
    """

    places: tuple[Place, ...]
    served: Mapping[str, Granted]
    runtime: VirtualRuntime
    store: MemoryStore
    least: int = 1
    edge: Mapping[str, Any] = field(default_factory=lambda: {"simulated": {}})
    notices: Mapping[str, Any] = field(default_factory=dict)
    engines: dict[int, Engine] = field(default_factory=dict)
    queue: PaperQueue = field(default_factory=PaperQueue)
    hardened: Callable[[Hands], Hands] = lambda hands: hands
    shaken: Callable[[Store], Store] = lambda store: store

    @contextmanager
    def open(self) -> Iterator[Self]:
        """While its clouds listen; they must make no mistake of their own."""
        with ExitStack() as stack:
            for one in self.served.values():
                stack.enter_context(one)
            yield self
        assert [one for each in self.served.values() for one in each.mistakes] == []

    @property
    def standin(self) -> Granted:
        """The only one."""
        (found,) = self.served.values()
        return found

    def machines(self, place: Place) -> Machines:
        """Of a cloud."""
        cloud = self.served[place.name].cloud
        return cast("Stocked", cloud).machines

    def counted(self, place: Place) -> list[Machine]:
        """Those that are launching or running there."""
        return [one for one in self.machines(place).all.values() if place.at_work(one)]

    def changed(self) -> list[str]:
        """Calls that change something, cloud by cloud."""
        return [operation for one in self.served.values() for operation in one.changed()]

    def reset(self) -> None:
        """Nothing was asked for yet."""
        for one in self.served.values():
            one.reset()

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

    def until_quiet(self, *, replicas: int, idle: int = IDLE, most: int = 150) -> list[TickReport]:
        """Ticks until the last few had nothing open, for longer than a node must be idle."""
        reports: list[TickReport] = []
        for _ in range(most):
            reports.append(self.tick(replicas=replicas))
            if len(reports) >= idle and not any(one.busy for one in reports[-idle:]):
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

    def policies(self, replicas: int) -> str:
        """A policy file that asks for so many; JSON is YAML, too."""
        nodes = {"min": self.least, "max": 6, "idle": "15s"}
        pools = {name: {"cluster": "shop", "nodes": nodes, **pool} for place in self.places for name, pool in self._pools(place).items()}
        world = {
            "seed": 3,
            "nodes": [{"name": "manager-1", "manager": True, "cpu": "500m"}],
            "workloads": [WEB],
            "clouds": [{"url": one.url} for one in self.served.values()],
        }
        web = {
            "workload": "shop/web",
            "replicas": {"min": 2, "max": 9},
            "rules": [{"fixed": {"count": replicas}}],
            "availability": AVAILABILITY,
            "behaviour": {"scale_down": {"stabilise": "0s"}},
        }
        shown = {
            "apiVersion": "autoscaler/v1",
            "clusters": {"shop": {"simulated": world}},
            "traffic": {"edge": _at(self.served[self.places[0].name].url, self.edge)},
            "notices": _at(self.served[self.places[0].name].url, self.notices),
            "pools": pools,
            "policies": {"web": web},
        }
        return json.dumps(shown)

    def _pools(self, place: Place) -> dict[str, dict[str, object]]:
        return _at(self.served[place.name].url, place.pools)

    def _engine(self, replicas: int) -> Engine:
        (cluster,) = parse((("shop.yaml", self.policies(replicas)),), PLUGINS).clusters
        found = hands(cluster, self.runtime)
        return Engine(
            policies=cluster.policies,
            eyes=eyes(cluster, PLUGINS, self.runtime),
            hands=self.hardened(replace(found, notices={**found.notices, QueueName("spot"): self.queue})),
            store=self.shaken(self.store),
            runtime=self.runtime,
            holder="here",
        )


def _at(url: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Of a cloud that listens there."""
    found: dict[str, Any] = json.loads(json.dumps(settings).replace("{url}", url))
    return found


def shop_at(*places: Place, seed: int = 1, least: int = 1) -> CloudShop:
    """Not yet listening."""
    runtime = VirtualRuntime(seed)
    served = {one.name: Granted(one.make(runtime), runtime) for one in places}
    return CloudShop(places=places, served=served, runtime=runtime, store=MemoryStore(runtime), least=least)
