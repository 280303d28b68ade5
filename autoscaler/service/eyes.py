"""A configuration's objects, opened to be looked at: the readers' door only."""

from autoscaler.catalogue import kept
from autoscaler.config import Plugins
from autoscaler.config.configuration import ClusterConfig
from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Runtime
from autoscaler.model.refs import PoolName, SourceName, TrafficName
from autoscaler.observing import Eyes


def eyes(cluster: ClusterConfig, plugins: Plugins, runtime: Runtime) -> Eyes:
    """Everything the cluster's policies need to see; nothing that could change it."""
    site = site_of(cluster, cluster.name, runtime)
    return Eyes(
        cluster=cluster.name,
        orchestrator=plugins.orchestrator(cluster.kind).open(cluster.settings, site),
        pools=tuple(
            (PoolName(one.name), plugins.pool(one.kind).open(one.settings, site_of(cluster, one.name, runtime))) for one in cluster.pools
        ),
        traffic=tuple(
            (TrafficName(one.name), plugins.traffic(one.kind).open(one.settings, site_of(cluster, one.name, runtime)))
            for one in cluster.traffic
        ),
        sources={
            SourceName(one.name): plugins.source(one.kind).open(one.settings, site_of(cluster, one.name, runtime))
            for one in cluster.sources
        },
        usage=plugins.usage(cluster.kind, cluster.settings, site),
        runtime=runtime,
    )


def site_of(cluster: ClusterConfig, name: str, runtime: Runtime) -> Site:
    """Where an object of the cluster lives; reader and writer get the same."""
    return Site(
        name=name,
        cluster=cluster.name,
        runtime=runtime,
        settings=cluster.settings,
        request=cluster.policies.request,
        catalogues=kept(),
    )
