"""What a plugin offers to those who may change things (entry points `autoscaler.writers`); only execution's callers load it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autoscaler.contracts.notice_queue import NoticeQueue
from autoscaler.contracts.orchestrator_writer import OrchestratorWriter
from autoscaler.contracts.pool_writer import PoolWriter
from autoscaler.contracts.provider import Site
from autoscaler.contracts.traffic_writer import TrafficWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class Writers:
    """The same names as in `Provider`, the same settings, the other half."""

    name: str
    orchestrators: Mapping[str, Callable[[Any, Site], OrchestratorWriter]] = field(default_factory=dict)
    pools: Mapping[str, Callable[[Any, Site], PoolWriter]] = field(default_factory=dict)
    traffic: Mapping[str, Callable[[Any, Site], TrafficWriter]] = field(default_factory=dict)
    notices: Mapping[str, Callable[[Any, Site], NoticeQueue]] = field(default_factory=dict)
