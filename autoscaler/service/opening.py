"""A configuration's objects, opened: eyes from the readers' door, hands from the writers'.

The one place that loads entry points `autoscaler.writers`.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from autoscaler.config.configuration import ClusterConfig, Configuration, ObjectConfig
from autoscaler.config.plugins import Plugins
from autoscaler.contracts.metrics_reader import MetricsReader
from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.writers import Writers
from autoscaler.errors import SetupError
from autoscaler.execution import Hands
from autoscaler.model.refs import PoolName, SourceName, TrafficName
from autoscaler.observing import Eyes


def eyes(configuration: Configuration, cluster: ClusterConfig, plugins: Plugins, runtime: Runtime) -> Eyes:
    """Everything the cluster's policies need to see; nothing that could change it."""
    orchestrator = plugins.orchestrator(cluster.kind)
    site = _site(cluster, cluster.name, runtime)
    return Eyes(
        cluster=cluster.name,
        orchestrator=orchestrator.open(cluster.settings, site),
        pools=tuple(
            (PoolName(one.name), plugins.pool(one.kind).open(one.settings, _site(cluster, one.name, runtime))) for one in cluster.pools
        ),
        traffic=tuple(
            (TrafficName(one.name), plugins.traffic(one.kind).open(one.settings, _site(cluster, one.name, runtime)))
            for one in configuration.traffic
        ),
        sources=_sources(configuration, cluster, plugins, runtime),
        usage=plugins.usage(cluster.kind, cluster.settings, site),
        runtime=runtime,
    )


def hands(configuration: Configuration, cluster: ClusterConfig, runtime: Runtime) -> Hands:
    """The writers of the same objects."""
    opened = _writers()
    site = _site(cluster, cluster.name, runtime)
    return Hands(
        orchestrator=_of(opened, "orchestrators", cluster.kind)(cluster.settings, site),
        pools={
            PoolName(one.name): _of(opened, "pools", one.kind)(one.settings, _site(cluster, one.name, runtime)) for one in cluster.pools
        },
        traffic={
            TrafficName(one.name): _of(opened, "traffic", one.kind)(one.settings, _site(cluster, one.name, runtime))
            for one in configuration.traffic
        },
    )


def _site(cluster: ClusterConfig, name: str, runtime: Runtime) -> Site:
    return Site(name=name, cluster=cluster.name, runtime=runtime, settings=cluster.settings, request=cluster.policies.request)


def _sources(
    configuration: Configuration, cluster: ClusterConfig, plugins: Plugins, runtime: Runtime
) -> Mapping[SourceName, MetricsReader]:
    used = {metric.source for metric in cluster.policies.metrics if metric.source}
    objects: list[ObjectConfig] = [one for one in configuration.sources if SourceName(one.name) in used]
    return {SourceName(one.name): plugins.source(one.kind).open(one.settings, _site(cluster, one.name, runtime)) for one in objects}


def _writers() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group="autoscaler.writers")}


def _of(opened: dict[str, EntryPoint], role: str, kind: str) -> Callable[..., Any]:
    """The writer's opener of one kind, from whichever plugin offers it."""
    for entry in opened.values():
        try:
            found = entry.load()
        except ImportError:
            continue  # another plugin's missing SDK is not this object's trouble
        offered = getattr(found, role, {}) if isinstance(found, Writers) else {}
        if kind in offered:
            opener: Callable[..., Any] = offered[kind]
            return opener
    raise SetupError(f"no installed provider can change {role} of kind {kind!r}", hint=f"pip install 'poolkeeper[{kind}]'")
