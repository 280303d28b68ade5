"""All readers and writers of one world at once: what the simulation harness and the demo stand on."""

from collections.abc import Callable

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.runtime import Runtime
from autoscaler.execution import Hands
from autoscaler.model.refs import SourceName
from autoscaler.observing import Eyes
from autoscaler.simulation.world.world import World
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

Clock = Callable[[], int]


def eyes(world: World, policies: ClusterPolicies, runtime: Runtime, clock: Clock) -> Eyes:
    """Readers of everything the policies name."""
    live = Live(world, runtime, clock)
    pools = [pool.spec.name for pool in policies.pools]
    metrics = SimulatedMetricsReader(live)
    return Eyes(
        cluster=policies.cluster,
        orchestrator=SimulatedClusterReader(live),
        pools=tuple((name, SimulatedPoolReader(live, name)) for name in pools),
        traffic=tuple((name, SimulatedTrafficReader(live, name)) for name in policies.traffic),
        sources=dict.fromkeys(_sources(policies), metrics),
        usage=metrics,
        runtime=runtime,
    )


def hands(world: World, policies: ClusterPolicies, runtime: Runtime, clock: Clock) -> Hands:
    """Writers of the same objects."""
    live = Live(world, runtime, clock)
    return Hands(
        orchestrator=SimulatedClusterWriter(live),
        pools={pool.spec.name: SimulatedPoolWriter(live, pool.spec.name) for pool in policies.pools},
        traffic={name: SimulatedTrafficWriter(live) for name in policies.traffic},
    )


def _sources(policies: ClusterPolicies) -> set[SourceName]:
    return {metric.source for metric in policies.metrics if metric.source}
