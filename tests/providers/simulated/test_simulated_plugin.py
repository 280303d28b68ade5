"""The plugin's doors lead into one world: within a process by name, between processes by a file."""

from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Call, Runtime
from autoscaler.errors import ConflictError, SetupError, UnavailableError
from autoscaler.model.observations import ClusterState
from autoscaler.model.quantities import Duration, Money
from autoscaler.model.refs import ClusterName, Token, WorkloadRef
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler_simulated.plugin import PROVIDER
from autoscaler_simulated.settings import ClusterSettings, PoolSettings, SourceSettings, TrafficSettings, faster
from autoscaler_simulated.writers import WRITERS

DEMO = ClusterName("demo")
WEB = WorkloadRef(DEMO, "web")
SOON = Duration(1000)


class Process:
    """What a process opens: all objects of one policy file."""

    def __init__(self, runtime: Runtime, settings: ClusterSettings) -> None:
        def site(name: str) -> Site:
            return Site(name=name, cluster=DEMO, runtime=runtime, settings=settings)

        pool = PoolSettings(nodes=2, price=Money(50_000))
        self.cluster = PROVIDER.orchestrators["simulated"].open(settings, site("demo"))
        self.usage = PROVIDER.usage["simulated"](settings, site("demo"))
        self.pool = PROVIDER.pools["simulated"].open(pool, site("general"))
        self.traffic = PROVIDER.traffic["simulated"].open(TrafficSettings(), site("edge"))
        self.source = PROVIDER.sources["simulated"].open(SourceSettings(), site("sim"))
        self.cluster_writer = WRITERS.orchestrators["simulated"](settings, site("demo"))
        self.pool_writer = WRITERS.pools["simulated"](pool, site("general"))
        self.traffic_writer = WRITERS.traffic["simulated"](TrafficSettings(), site("edge"))

    def look(self) -> ClusterState:
        return self.cluster.observe(SOON)

    def wanted(self) -> int:
        return next(one.wanted for one in self.look().workloads if one.ref == WEB)

    def scale(self, seen: int, wanted: int) -> None:
        self.cluster_writer.set_replicas(WEB, seen=seen, wanted=wanted, victims=frozenset(), mark=None)


@pytest.fixture
def kept(tmp_path: Path) -> ClusterSettings:
    return ClusterSettings(state=str(tmp_path / "world.json"))


def test_readers_and_writers_of_one_process_share_a_world() -> None:
    runtime = VirtualRuntime()
    process = Process(runtime, ClusterSettings())
    process.scale(3, 5)
    process.pool_writer.grow(seen=2, wanted=3, token=Token("a"))
    process.traffic_writer.join(WEB, ("nowhere:1",))
    assert (process.wanted(), process.pool.observe(SOON).wanted) == (5, 3)
    assert "nowhere:1" in {one.address for one in process.traffic.observe((WEB,), SOON).members}


def test_a_new_world_is_healthy_and_in_rotation_on_the_pools_machines() -> None:
    process = Process(VirtualRuntime(), ClusterSettings(nodes=()))
    state = process.look()
    assert {one.healthy for one in state.replicas} == {True}
    assert {one.name.partition("-")[0] for one in state.nodes} == {"general"}
    addresses = {one.address for one in state.replicas if one.workload == WEB}
    assert {one.address for one in process.traffic.observe((WEB,), SOON).members if one.up} == addresses


def test_two_processes_without_a_file_know_nothing_of_each_other() -> None:
    one, other = Process(VirtualRuntime(), ClusterSettings()), Process(VirtualRuntime(), ClusterSettings())
    one.scale(3, 5)
    assert (one.wanted(), other.wanted()) == (5, 3)


def test_two_processes_with_a_file_see_one_world_that_goes_on(kept: ClusterSettings) -> None:
    runtime = VirtualRuntime()
    Process(runtime, kept).scale(3, 5)
    runtime.sleep(Duration(60_000))
    later = Process(runtime, kept).look()
    assert sum(one.healthy for one in later.replicas if one.workload == WEB) == 5


def test_looking_leaves_the_file_alone(kept: ClusterSettings) -> None:
    runtime = VirtualRuntime()
    Process(runtime, kept).look()
    before = Path(kept.state).read_bytes()
    runtime.sleep(Duration(60_000))
    process = Process(runtime, kept)
    process.look()
    process.pool.observe(SOON)
    assert Path(kept.state).read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="no JSON"),
        pytest.param('{"kind":"plan"}', id="another document"),
    ],
)
def test_a_file_that_is_no_world_is_said_to_be_none(kept: ClusterSettings, text: str) -> None:
    Path(kept.state).write_text(text)
    with pytest.raises(SetupError, match="no simulated world"):
        Process(VirtualRuntime(), kept).look()


def test_another_worlds_file_is_refused(kept: ClusterSettings) -> None:
    Process(VirtualRuntime(), kept).look()
    other = replace(kept, workloads=kept.workloads[:1])
    with pytest.raises(SetupError, match="another world"):
        Process(VirtualRuntime(), other).look()


def test_a_pool_outside_a_simulated_cluster_is_refused() -> None:
    site = Site(name="general", cluster=DEMO, runtime=VirtualRuntime(), settings=None)
    with pytest.raises(SetupError, match="is not simulated"):
        PROVIDER.pools["simulated"].open(PoolSettings(), site)


def test_everything_is_faster_by_the_speed() -> None:
    usual, fast = ClusterSettings().spec, ClusterSettings(speed=10).spec
    assert fast.workloads[0].start.ms * 10 == usual.workloads[0].start.ms
    assert fast.workloads[0].load.day.ms * 10 == usual.workloads[0].load.day.ms
    assert faster(Duration(1), 1000) == Duration(1)


@pytest.mark.parametrize("group", ["autoscaler.providers", "autoscaler.writers"])
def test_the_doors_are_known_to_the_engine(group: str) -> None:
    (entry,) = entry_points(group=group, name="simulated")
    assert entry.load() in (PROVIDER, WRITERS)


def test_many_threads_share_one_world() -> None:
    runtime = SystemRuntime()
    process = Process(runtime, ClusterSettings(world="busy", speed=1000))

    def turn(number: int) -> int:
        wanted = process.wanted()
        with suppress(ConflictError):
            process.scale(wanted, 3 + number % 4)
        return len(process.look().replicas)

    results = runtime.gather([Call("busy", partial(turn, number)) for number in range(100)], Duration(20_000))
    assert all(isinstance(one, int | UnavailableError) for one in results)
