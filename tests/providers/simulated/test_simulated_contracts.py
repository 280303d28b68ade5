"""The simulated provider keeps every promise of the contracts, in both of its personalities."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from autoscaler.errors import AutoscalerError, OutcomeUnknownError, SetupError, UnavailableError
from autoscaler.model.observations import replicas_of
from autoscaler.model.quantities import Cpu, Duration, Instant, Money
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, TrafficName, WorkloadRef
from autoscaler.model.samples import MetricQuery
from autoscaler.simulation.world import machines, others
from autoscaler.simulation.world.core import Core, Kind
from autoscaler.simulation.world.specs import Load, NodeSpec, OfferingSpec, WorkloadSpec, WorldPool, WorldSpec
from autoscaler.simulation.world.state import Cause, Fate, Machine
from autoscaler.simulation.world.world import build
from autoscaler.testing.clusters import BindingContract, Cluster, OrchestratorContract
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler.testing.pools import Pool, PoolContract
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler.testing.traffic import Rotation, TrafficContract
from autoscaler_simulated.cluster_writer import SimulatedClusterWriter
from autoscaler_simulated.pool_writer import SimulatedPoolWriter
from autoscaler_simulated.readers import (
    SimulatedClusterReader,
    SimulatedMetricsReader,
    SimulatedPoolReader,
    SimulatedTrafficReader,
)
from autoscaler_simulated.traffic_writer import SimulatedTrafficWriter
from autoscaler_simulated.worlds import Live

SHOP = ClusterName("shop")
WEB = WorkloadRef(SHOP, "web")
BATCH = WorkloadRef(SHOP, "batch")
SECRET = "correct horse battery staple"
NODES = tuple(NodeSpec(name=f"node-{number}", manager=number == 0) for number in range(4))
SPEC = WorldSpec(
    name="shop",
    nodes=NODES,
    workloads=(
        WorkloadSpec(name="web", replicas=4, load=Load(base=100), secret=SECRET, traffic=True),
        WorkloadSpec(name="batch", replicas=1, cpu=Cpu(100)),
    ),
    pools=(
        WorldPool(
            name="general",
            nodes=2,
            offerings=(OfferingSpec(name="dear", price=Money(200_000)), OfferingSpec(name="cheap", price=Money(100_000))),
        ),
    ),
    rotation_slots=6,
)
BOUND = WorldSpec(name="hosts", bound=True, nodes=NODES, workloads=SPEC.workloads)


class Storm:
    """Calls fail, samples lie, the cloud is empty: as told."""

    def __init__(self) -> None:
        self.down = False
        self.no_number = False
        self.old = 0
        self.refusals: list[AutoscalerError] = []
        self.lost = False

    def before(self, kind: str, name: str) -> None:
        if self.down:
            raise UnavailableError("down", hint="wait")
        if self.refusals and (kind == "write" or isinstance(self.refusals[0], UnavailableError)):
            raise self.refusals.pop()

    def after(self, kind: str, name: str) -> None:
        if kind == "write" and self.lost:
            self.lost = False
            raise OutcomeUnknownError("no reply", hint="read it back")

    def lose_reply(self) -> None:
        self.lost = True

    def sample(self, metric: str, path: str, value: int, at: int) -> tuple[int | None, int]:
        return (None if self.no_number else value), at - self.old


class Few(Kind):
    """So many can be had; the next so many of them never come up."""

    def __init__(self, left: int = 1000, spoilt: int = 0) -> None:
        self.left, self.spoilt = left, spoilt

    def sold_out(self, pool: str, offering: str, now: int) -> bool:
        self.left -= 1
        return self.left < 0

    def launch(self, machine: Machine) -> Fate:
        self.spoilt -= 1
        return Fate.FAILS if self.spoilt >= 0 else Fate.FINE


@dataclass
class Stage:
    """One world and the way to it."""

    live: Live
    storm: Storm
    runtime: VirtualRuntime

    @property
    def core(self) -> Core:
        return self.live.world.core

    def settle(self) -> None:
        self.runtime.sleep(Duration(60_000))

    def break_down(self) -> None:
        self.storm.down = True


def stage(spec: WorldSpec) -> Stage:
    runtime, storm = VirtualRuntime(), Storm()
    world = build(spec, SHOP, runtime.now())
    world.gate.weather = storm
    return Stage(Live(world, runtime), storm, runtime)


def cluster_of(made: Stage, update: Callable[[], None] | None) -> Cluster:
    return Cluster(
        reader=SimulatedClusterReader(made.live),
        writer=SimulatedClusterWriter(made.live),
        web=WEB,
        settle=made.settle,
        secret=SECRET,
        update=update,
        break_down=made.break_down,
    )


class TestSwarmLike(OrchestratorContract):
    @pytest.fixture
    def cluster(self) -> Cluster:
        made = stage(SPEC)
        return cluster_of(made, lambda: others.deploy(made.live.world, "web"))


class TestBound(OrchestratorContract, BindingContract):
    @pytest.fixture
    def cluster(self) -> Cluster:
        return cluster_of(stage(BOUND), None)


class TestPool(PoolContract):
    @pytest.fixture
    def pool(self) -> Pool:
        made = stage(SPEC)

        def leave(count: int) -> None:
            made.core.fates = Few(count)

        def stand_by(count: int) -> None:
            spec = made.core.pools["general"]
            made.core.pools["general"] = replace(spec, offerings=(spec.offerings[0], replace(spec.offerings[1], standby=count)))

        return Pool(
            reader=SimulatedPoolReader(made.live, "general"),
            writer=SimulatedPoolWriter(made.live, "general"),
            settle=made.settle,
            nobody=SimulatedPoolReader(made.live, "nobody"),
            sell_out=lambda: leave(0),
            break_down=made.break_down,
            leave=leave,
            lose_reply=made.storm.lose_reply,
            throttle=lambda: made.storm.refusals.append(UnavailableError("slow down", hint="wait")),
            deny=lambda: made.storm.refusals.append(SetupError("not allowed", hint="grant it")),
            spoil=lambda: setattr(made.core, "fates", Few(spoilt=1)),
            resize=lambda count: machines.grow(made.core, "general", seen=2, wanted=count, token="theirs", offering=None),
            stand_by=stand_by,
        )


class TestTraffic(TrafficContract):
    @pytest.fixture
    def rotation(self) -> Rotation:
        made = stage(SPEC)
        with made.live.world.acting(Cause.FOREIGN) as core:
            core.state.seats.clear()
        running = replicas_of(SimulatedClusterReader(made.live).observe(Duration(1000)), WEB)
        return Rotation(
            reader=SimulatedTrafficReader(made.live, TrafficName("edge")),
            writer=SimulatedTrafficWriter(made.live),
            web=WEB,
            addresses=(running[0].address, running[1].address),
            settle=made.settle,
            stranger=BATCH,
            slots=6,
            break_down=made.break_down,
            lose_reply=made.storm.lose_reply,
            throttle=lambda: made.storm.refusals.append(UnavailableError("slow down", hint="wait")),
            deny=lambda: made.storm.refusals.append(SetupError("not allowed", hint="grant it")),
        )


class TestMetrics(MetricsContract):
    @pytest.fixture
    def metrics(self) -> Metrics:
        made = stage(SPEC)

        def old() -> None:
            made.storm.old = 61_000

        def no_number() -> None:
            made.storm.no_number = True

        def nobody() -> None:
            for unit in made.core.state.units.values():
                made.core.state.seats.pop(unit.address, None)

        return Metrics(
            reader=SimulatedMetricsReader(made.live),
            good=(
                MetricQuery(metric=MetricName("cpu"), workload=WEB),
                MetricQuery(metric=MetricName("load"), workload=WEB, text="rps"),
            ),
            values=(500, 100_000),
            bad={Code.STALE: old, Code.NOT_A_NUMBER: no_number, Code.MISSING: nobody},
            break_down=made.break_down,
        )


def test_a_reading_says_when_and_over_how_many() -> None:
    made = stage(SPEC)
    (reading,) = SimulatedMetricsReader(made.live).read((MetricQuery(metric=MetricName("cpu"), workload=WEB),), Duration(1))
    assert (getattr(reading, "at", None), getattr(reading, "covers", None)) == (Instant(made.runtime.now()), 4)
