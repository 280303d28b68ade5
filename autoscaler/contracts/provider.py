"""What a plugin offers to those who only look (entry points `autoscaler.providers`): typed settings and readers.

The one-key map in YAML names an entry: `clusters: {shop: {swarm: {…}}}` is `orchestrators["swarm"]`. An entry's `config` is a frozen
dataclass; `config/` binds the YAML to it and the JSON Schema is made from it. Nothing heavy is imported before `open` is called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from autoscaler.contracts.catalogue import CatalogueReader, Catalogues, NoCatalogues, Offline, Understand
from autoscaler.contracts.inspection import Inspector
from autoscaler.contracts.metrics_reader import MetricsReader
from autoscaler.contracts.notice_reader import NoticeReader
from autoscaler.contracts.orchestrator_reader import OrchestratorReader
from autoscaler.contracts.pool_reader import PoolReader
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.traffic_reader import TrafficReader
from autoscaler.model.refs import ClusterName
from autoscaler.model.resources import Resources

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where an object lives: its own name in the file, its cluster, and what everything runs on.

    `settings`: the typed settings of the object's cluster, for pools and metrics of the same world. `catalogues`: what is kept of what
    clouds sell.
    """

    name: str
    cluster: ClusterName
    runtime: Runtime
    settings: Any = None
    request: Resources = Resources(100, 128 * 2**20)
    catalogues: Catalogues = NoCatalogues()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Generic[Made]):
    """One kind of object: its settings' type, and how to open it.

    Opening is cheap and connects at the first read; SetupError says what must be installed or granted first.
    """

    config: type[Any]
    open: Callable[[Any, Site], Made]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One outside world. `usage`: the built-in metrics of an orchestrator kind, under the same name.

    `inspections`: what `doctor` looks at of a pool's kind, under the same name. `catalogue`: reads what a cloud's region sells; `answers`:
    understands what somebody saved of the cloud's own answers about that; `offline`: what a package says of it, without asking anybody.
    """

    name: str
    orchestrators: Mapping[str, Entry[OrchestratorReader]] = field(default_factory=dict)
    usage: Mapping[str, Callable[[Any, Site], MetricsReader]] = field(default_factory=dict)
    pools: Mapping[str, Entry[PoolReader]] = field(default_factory=dict)
    traffic: Mapping[str, Entry[TrafficReader]] = field(default_factory=dict)
    sources: Mapping[str, Entry[MetricsReader]] = field(default_factory=dict)
    notices: Mapping[str, Entry[NoticeReader]] = field(default_factory=dict)
    inspections: Mapping[str, Callable[[Any, Site], Inspector]] = field(default_factory=dict)
    catalogue: Entry[CatalogueReader] | None = None
    answers: Understand | None = None
    offline: Offline | None = None
