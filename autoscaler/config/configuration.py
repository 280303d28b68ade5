"""All the files say, resolved: what the engine, the service and the commands start from."""

from dataclasses import dataclass
from typing import Any

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectConfig:
    """One pool, source, traffic or queue: its name in the file, its plugin's kind, and that plugin's own typed settings."""

    name: str
    kind: str
    settings: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """One cluster: how to reach it, what its policies say, and the objects they need.

    `traffic` and `sources` hold those that the cluster's policies use, `pools` and `notices` those that belong to it.
    """

    name: ClusterName
    kind: str
    settings: Any
    policies: ClusterPolicies
    pools: tuple[ObjectConfig, ...] = ()
    notices: tuple[ObjectConfig, ...] = ()
    traffic: tuple[ObjectConfig, ...] = ()
    sources: tuple[ObjectConfig, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """The scheduled service. `store`: a path or a URL; None is the place the service chooses by itself."""

    interval: Duration = Duration(15_000)
    listen: str = "127.0.0.1:9464"
    store: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All files as one. `files`: their names and texts, in order; `digest`: SHA-256 over them, the same wherever they lie."""

    clusters: tuple[ClusterConfig, ...]
    traffic: tuple[ObjectConfig, ...]
    sources: tuple[ObjectConfig, ...]
    service: ServiceConfig
    files: tuple[tuple[str, str], ...]
    digest: str

    def cluster(self, name: str) -> ClusterConfig | None:
        """The cluster of that name."""
        return next((cluster for cluster in self.clusters if cluster.name == name), None)
