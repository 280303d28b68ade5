"""What may be looked at: the readers of one cluster's worlds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autoscaler.contracts.metrics_reader import MetricsReader
from autoscaler.contracts.orchestrator_reader import OrchestratorReader
from autoscaler.contracts.pool_reader import PoolReader
from autoscaler.contracts.runtime import Runtime
from autoscaler.contracts.traffic_reader import TrafficReader
from autoscaler.model.refs import ClusterName, PoolName, SourceName, TrafficName
from autoscaler.observing.budget import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """Readers only. `usage`: the orchestrator's own statistics, for the built-in metrics. `budget`: how often each world may be asked."""

    cluster: ClusterName
    orchestrator: OrchestratorReader
    runtime: Runtime
    pools: tuple[tuple[PoolName, PoolReader], ...] = ()
    traffic: tuple[tuple[TrafficName, TrafficReader], ...] = ()
    sources: Mapping[SourceName, MetricsReader] = field(default_factory=dict)
    usage: MetricsReader | None = None
    budget: Budget = field(default_factory=Budget)
