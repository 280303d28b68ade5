"""The provider `simulated`: its readers."""

from autoscaler.contracts.metrics_reader import MetricsReader
from autoscaler.contracts.orchestrator_reader import OrchestratorReader
from autoscaler.contracts.pool_reader import PoolReader
from autoscaler.contracts.provider import Entry, Provider, Site
from autoscaler.contracts.traffic_reader import TrafficReader
from autoscaler.model.refs import TrafficName
from autoscaler_simulated.readers import (
    SimulatedClusterReader,
    SimulatedMetricsReader,
    SimulatedPoolReader,
    SimulatedTrafficReader,
)
from autoscaler_simulated.settings import ClusterSettings, PoolSettings, SourceSettings, TrafficSettings
from autoscaler_simulated.worlds import world_at, world_of


def open_cluster(settings: ClusterSettings, site: Site) -> OrchestratorReader:
    """The cluster's reader."""
    return SimulatedClusterReader(world_of(settings, site))


def open_usage(settings: ClusterSettings, site: Site) -> MetricsReader:
    """Its built-in metrics."""
    return SimulatedMetricsReader(world_of(settings, site))


def open_pool(settings: PoolSettings, site: Site) -> PoolReader:
    """A pool's reader; the world has the pool from then on."""
    world = world_at(site)
    world.add_pool(site.name, settings)
    return SimulatedPoolReader(world, site.name)


def open_traffic(settings: TrafficSettings, site: Site) -> TrafficReader:
    """The balancer's reader."""
    del settings
    return SimulatedTrafficReader(world_at(site), TrafficName(site.name))


def open_source(settings: SourceSettings, site: Site) -> MetricsReader:
    """A metrics source."""
    del settings
    return SimulatedMetricsReader(world_at(site))


PROVIDER = Provider(
    name="simulated",
    orchestrators={"simulated": Entry(config=ClusterSettings, open=open_cluster)},
    usage={"simulated": open_usage},
    pools={"simulated": Entry(config=PoolSettings, open=open_pool)},
    traffic={"simulated": Entry(config=TrafficSettings, open=open_traffic)},
    sources={"simulated": Entry(config=SourceSettings, open=open_source)},
)
