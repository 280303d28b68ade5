"""A configuration's objects, opened: eyes from the readers' door, hands from the writers'.

The one place that loads entry points `autoscaler.writers`.
"""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from autoscaler.config import Plugins
from autoscaler.config.configuration import ClusterConfig
from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.writers import Writers
from autoscaler.errors import SetupError
from autoscaler.execution import Hands
from autoscaler.model.refs import PoolName, SourceName, TrafficName
from autoscaler.observing import Eyes


def eyes(cluster: ClusterConfig, plugins: Plugins, runtime: Runtime) -> Eyes:
    """Everything the cluster's policies need to see; nothing that could change it."""
    site = _site(cluster, cluster.name, runtime)
    return Eyes(
        cluster=cluster.name,
        orchestrator=plugins.orchestrator(cluster.kind).open(cluster.settings, site),
        pools=tuple(
            (PoolName(one.name), plugins.pool(one.kind).open(one.settings, _site(cluster, one.name, runtime))) for one in cluster.pools
        ),
        traffic=tuple(
            (TrafficName(one.name), plugins.traffic(one.kind).open(one.settings, _site(cluster, one.name, runtime)))
            for one in cluster.traffic
        ),
        sources={
            SourceName(one.name): plugins.source(one.kind).open(one.settings, _site(cluster, one.name, runtime)) for one in cluster.sources
        },
        usage=plugins.usage(cluster.kind, cluster.settings, site),
        runtime=runtime,
    )


def hands(cluster: ClusterConfig, runtime: Runtime) -> Hands:
    """The writers of the same objects."""
    site = _site(cluster, cluster.name, runtime)
    return Hands(
        orchestrator=_opener("orchestrators", cluster.kind)(cluster.settings, site),
        pools={PoolName(one.name): _opener("pools", one.kind)(one.settings, _site(cluster, one.name, runtime)) for one in cluster.pools},
        traffic={
            TrafficName(one.name): _opener("traffic", one.kind)(one.settings, _site(cluster, one.name, runtime)) for one in cluster.traffic
        },
    )


def _site(cluster: ClusterConfig, name: str, runtime: Runtime) -> Site:
    return Site(name=name, cluster=cluster.name, runtime=runtime, settings=cluster.settings, request=cluster.policies.request)


def _opener(role: str, kind: str) -> Callable[..., Any]:
    """The opener of one kind of writer, from whichever plugin offers it."""
    for entry in entry_points(group="autoscaler.writers"):
        try:
            found = entry.load()
        except ImportError:
            continue  # another plugin's missing SDK is not this object's trouble
        offered: dict[str, Callable[..., Any]] = getattr(found, role, {}) if isinstance(found, Writers) else {}
        if kind in offered:
            return offered[kind]
    raise SetupError(f"no installed provider can change {role} of kind {kind!r}", hint=f"pip install 'poolkeeper[{kind}]'")
