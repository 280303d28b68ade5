"""The provider `simulated`: its writers."""

from autoscaler.contracts.orchestrator_writer import OrchestratorWriter
from autoscaler.contracts.pool_writer import PoolWriter
from autoscaler.contracts.provider import Site
from autoscaler.contracts.traffic_writer import TrafficWriter
from autoscaler.contracts.writers import Writers
from autoscaler_simulated.cluster_writer import SimulatedClusterWriter
from autoscaler_simulated.pool_writer import SimulatedPoolWriter
from autoscaler_simulated.settings import ClusterSettings, PoolSettings, TrafficSettings
from autoscaler_simulated.traffic_writer import SimulatedTrafficWriter
from autoscaler_simulated.worlds import world_at, world_of


def open_cluster(settings: ClusterSettings, site: Site) -> OrchestratorWriter:
    """The cluster's writer, on the same world as its reader."""
    return SimulatedClusterWriter(world_of(settings, site))


def open_pool(settings: PoolSettings, site: Site) -> PoolWriter:
    """A pool's writer."""
    world = world_at(site)
    world.add_pool(site.name, settings)
    return SimulatedPoolWriter(world, site.name)


def open_traffic(settings: TrafficSettings, site: Site) -> TrafficWriter:
    """The balancer's writer."""
    del settings
    return SimulatedTrafficWriter(world_at(site))


WRITERS = Writers(
    name="simulated",
    orchestrators={"simulated": open_cluster},
    pools={"simulated": open_pool},
    traffic={"simulated": open_traffic},
)
