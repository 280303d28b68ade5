"""cpu and memory of replicas, from their engines' statistics."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown, averaged
from autoscaler_docker.settings import SwarmSettings
from autoscaler_docker.stats import Counters, apart, counters, milli_cores
from autoscaler_docker.usage import SwarmUsage
from tests.providers.docker.fake_daemon import FakeDaemon, collect_forgotten_sockets
from tests.providers.docker.fake_swarm import FakeSwarm

MIB = 2**20
SECOND = 10**9


def line(second: int, cpu: int, memory: int = 32 * MIB, **stats: int) -> dict[str, Any]:
    """One reading: `cpu` nanoseconds so far."""
    return {
        "read": f"2026-01-01T00:00:{second:02}.000000001Z",
        "cpu_stats": {"cpu_usage": {"total_usage": cpu}},
        "memory_stats": {"usage": memory, "stats": stats},
    }


STOPPED = {"read": "0001-01-01T00:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": 0}}, "memory_stats": {}}


@pytest.fixture
def engines(fake: FakeSwarm, tmp_path: Path) -> Iterator[dict[str, FakeDaemon]]:
    """An engine for every worker."""
    found = {name: FakeDaemon(tmp_path / f"{name}.sock", fake.answer) for name in ("node2", "node3", "node4")}
    for daemon in found.values():
        daemon.__enter__()
    yield found
    for daemon in found.values():
        daemon.stop()
    collect_forgotten_sockets()


@pytest.fixture
def usage(daemon: FakeDaemon, engines: dict[str, FakeDaemon], site: Site, tmp_path: Path) -> SwarmUsage:
    del engines
    own = {"*": f"unix://{tmp_path}/{{node}}.sock", "node1": daemon.endpoint}
    return SwarmUsage(SwarmSettings(endpoint=daemon.endpoint, engines=own), site)


def read(usage: SwarmUsage, *metrics: str, service: str = "web", within: int = 5000) -> list[Reading]:
    web = WorkloadRef(usage._site.cluster, service)
    queries = tuple(MetricQuery(metric=MetricName(metric), workload=web) for metric in metrics)
    return list(usage.read(queries, Duration(within)))


def values(readings: list[Reading]) -> list[tuple[int, int] | Code]:
    return [(one.milli, one.covers) if isinstance(one, Sample) else one.why for one in map(averaged, readings)]


def test_the_first_read_compares_two_readings_a_second_apart(fake: FakeSwarm, usage: SwarmUsage) -> None:
    for number in range(1, 5):
        # 50 of 100 reserved milli-cores, twice that for the last; 32 of 64 MiB.
        share = 50_000_000 if number < 4 else 100_000_000
        fake.stats[f"container-{number:03}"] = [line(10, SECOND), line(11, SECOND + share)]
    assert values(read(usage, "cpu", "memory")) == [(625, 4), (500, 4)]


def test_later_reads_compare_with_the_one_before(fake: FakeSwarm, usage: SwarmUsage) -> None:
    for number in range(1, 5):
        fake.stats[f"container-{number:03}"] = [line(10, SECOND), line(11, SECOND)]
    read(usage, "cpu")
    for number in range(1, 5):
        fake.stats[f"container-{number:03}"] = [line(21, 2 * SECOND)]
    assert values(read(usage, "cpu")) == [(1000, 4)]


def test_what_the_kernel_would_drop_is_not_in_use(fake: FakeSwarm, usage: SwarmUsage) -> None:
    for number, cache in enumerate(({"total_inactive_file": 16 * MIB}, {"inactive_file": 16 * MIB}, {}, {}), start=1):
        fake.stats[f"container-{number:03}"] = [line(10, SECOND, 48 * MIB, **cache), line(11, SECOND, 48 * MIB, **cache)]
    assert values(read(usage, "memory")) == [(625, 4)]


def test_an_engine_that_is_down_covers_fewer_and_never_counts_as_idle(
    fake: FakeSwarm, usage: SwarmUsage, engines: dict[str, FakeDaemon]
) -> None:
    for number in range(1, 5):
        fake.stats[f"container-{number:03}"] = [line(10, SECOND), line(11, SECOND + 50_000_000)]
    engines["node2"].stop()
    engines["node3"].stop()
    assert values(read(usage, "cpu")) == [(500, 2)]


def test_an_engine_that_hangs_makes_nobody_else_late(
    fake: FakeSwarm, usage: SwarmUsage, engines: dict[str, FakeDaemon], site: Site
) -> None:
    for number in range(1, 5):
        fake.stats[f"container-{number:03}"] = [line(10, SECOND), line(11, SECOND + 50_000_000)]
    engines["node2"].fault = lambda *_: site.runtime.sleep(Duration(1500))
    began = site.runtime.monotonic()
    assert values(read(usage, "cpu", within=1000)) == [(500, 3)]
    assert site.runtime.monotonic() - began < 1000


def test_nobody_read_is_unknown_and_says_who_was_not_reached(fake: FakeSwarm, daemon: FakeDaemon, site: Site) -> None:
    fake.tasks = [task for task in fake.tasks if task["NodeID"] != "id-node1"]
    (reading,) = read(SwarmUsage(SwarmSettings(endpoint=daemon.endpoint), site), "cpu")
    assert isinstance(reading, Unknown)
    assert (reading.why, "node2" in reading.detail) == (Code.UNAVAILABLE, True)


def test_the_managers_own_engine_needs_no_entry(fake: FakeSwarm, daemon: FakeDaemon, site: Site) -> None:
    fake.tasks = [task for task in fake.tasks if task["NodeID"] == "id-node1"]
    fake.stats["container-001"] = [line(10, SECOND), line(11, SECOND + 50_000_000)]
    assert values(read(SwarmUsage(SwarmSettings(endpoint=daemon.endpoint), site), "cpu")) == [(500, 1)]


def test_containers_that_have_gone_or_stopped_are_left_out(fake: FakeSwarm, usage: SwarmUsage) -> None:
    fake.stats["container-001"] = [line(10, SECOND), line(11, SECOND + 50_000_000)]
    fake.stats["container-002"] = [STOPPED, STOPPED]
    fake.stats["container-003"] = [line(10, SECOND)]
    assert values(read(usage, "cpu", "memory")) == [(500, 1), (500, 2)]


def test_no_counters_at_all_are_missing(usage: SwarmUsage) -> None:
    assert values(read(usage, "cpu", "memory")) == [Code.MISSING, Code.MISSING]


@pytest.mark.parametrize(("metric", "service"), [("cpu", "nobody"), ("disk", "web")])
def test_what_nobody_knows_is_not_found(fake: FakeSwarm, usage: SwarmUsage, metric: str, service: str) -> None:
    fake.stats["container-001"] = [line(10, SECOND), line(11, SECOND)]
    assert values(read(usage, metric, service=service)) == [Code.NOT_FOUND]


def test_a_manager_that_is_down_is_unavailable(daemon: FakeDaemon, usage: SwarmUsage) -> None:
    daemon.stop()
    with pytest.raises(UnavailableError):
        read(usage, "cpu")


FIRST = Counters(cpu=SECOND, at=10_000_000, memory=1)


@pytest.mark.parametrize(
    ("later", "milli"),
    [
        pytest.param(Counters(cpu=2 * SECOND, at=12_000_000, memory=1), 500, id="half a core"),
        pytest.param(Counters(cpu=SECOND, at=12_000_000, memory=1), 0, id="idle is known to be idle"),
        pytest.param(Counters(cpu=1, at=12_000_000, memory=1), None, id="counters of another life"),
        pytest.param(Counters(cpu=2 * SECOND, at=10_100_000, memory=1), None, id="too near"),
        pytest.param(Counters(cpu=2 * SECOND, at=999_000_000, memory=1), None, id="too far"),
    ],
)
def test_a_rate_needs_two_readings_that_belong_together(later: Counters, milli: int | None) -> None:
    assert milli_cores(FIRST, later) == milli
    assert apart(FIRST, later) is (milli is not None)


def test_nothing_before_is_no_rate() -> None:
    assert milli_cores(None, FIRST) is None


def test_a_kernel_that_keeps_no_memory_counters_says_nothing() -> None:
    assert counters({**line(10, 5), "memory_stats": {}}) is None
