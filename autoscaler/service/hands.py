"""The writers of a configuration's objects: the one place that loads entry points `autoscaler.writers`."""

from collections.abc import Callable
from importlib.metadata import EntryPoints, entry_points
from typing import Any

from autoscaler.config.configuration import ClusterConfig, ObjectConfig
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.writers import Writers
from autoscaler.errors import SetupError
from autoscaler.execution import Hands
from autoscaler.model.refs import PoolName, QueueName, TrafficName
from autoscaler.service.eyes import site_of


def hands(cluster: ClusterConfig, runtime: Runtime) -> Hands:
    """The writers of the same objects."""
    doors, site = entry_points(group="autoscaler.writers"), site_of(cluster, cluster.name, runtime)

    def opened(role: str, one: ObjectConfig) -> Any:  # noqa: ANN401 - a writer of that role
        return _opener(doors, role, one.kind)(one.settings, site_of(cluster, one.name, runtime))

    return Hands(
        orchestrator=_opener(doors, "orchestrators", cluster.kind)(cluster.settings, site),
        pools={PoolName(one.name): opened("pools", one) for one in cluster.pools},
        traffic={TrafficName(one.name): opened("traffic", one) for one in cluster.traffic},
        notices={QueueName(one.name): opened("notices", one) for one in cluster.notices},
    )


def _opener(doors: EntryPoints, role: str, kind: str) -> Callable[..., Any]:
    """The opener of one kind of writer, from whichever plugin offers it."""
    for entry in doors:
        try:
            found = entry.load()
        except ImportError:
            continue  # another plugin's missing SDK is not this object's trouble
        offered: dict[str, Callable[..., Any]] = getattr(found, role, {}) if isinstance(found, Writers) else {}
        if kind in offered:
            return offered[kind]
    raise SetupError(f"no installed provider can change {role} of kind {kind!r}", hint=f"pip install 'poolkeeper[{kind}]'")
