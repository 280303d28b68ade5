"""A simulated world is read and changed by many threads of the real Runtime at once."""

import sys
from collections.abc import Iterator
from functools import partial

import pytest

from autoscaler.config import installed, parse
from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Call
from autoscaler.model.quantities import Duration
from autoscaler.service.eyes import eyes
from autoscaler.service.runtime import SystemRuntime
from autoscaler.simulation.world.core import Core
from autoscaler_simulated.worlds import Kept, world_of

POLICIES = """\
apiVersion: autoscaler/v1
clusters: {shop: {simulated: {speed: 1000}}}
pools: {general: {cluster: shop, simulated: {nodes: 3}, nodes: {min: 1, max: 8}}}
"""


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def _set(count: int, core: Core) -> None:
    core.state.services["web"].wanted = count


def test_reading_and_changing_at_once_ends_well(hasty: None) -> None:
    runtime = SystemRuntime()
    (cluster,) = parse([("shop.yaml", POLICIES)], installed()).clusters
    seen = eyes(cluster, installed(), runtime)
    world: Kept = world_of(cluster.settings, Site(name="shop", cluster=cluster.name, runtime=runtime))

    def count() -> int:
        for _ in range(40):
            assert seen.orchestrator.observe(Duration(1000)).workloads
        return 0

    def change() -> int:
        for number in range(40):
            world.change("set", partial(_set, 1 + number % 9))
            world.watch(lambda whole: sum(1 for unit in whole.state.units.values() if unit.healthy))
        return 0

    found = runtime.gather([Call(f"w{number}", work) for number in range(4) for work in (count, change)], Duration(60_000))
    assert found == [0] * 8
