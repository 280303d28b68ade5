"""What execution may change, and how long one call may take."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autoscaler.contracts.notice_queue import NoticeQueue
from autoscaler.contracts.orchestrator_writer import OrchestratorWriter
from autoscaler.contracts.pool_writer import PoolWriter
from autoscaler.contracts.traffic_writer import TrafficWriter
from autoscaler.errors import SetupError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import PoolName, QueueName, TrafficName


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """The writers of one cluster.

    `call_timeout`: no call takes longer, so none outlives a lease that had more than this left when it was sent.
    """

    orchestrator: OrchestratorWriter
    pools: Mapping[PoolName, PoolWriter] = field(default_factory=dict)
    traffic: Mapping[TrafficName, TrafficWriter] = field(default_factory=dict)
    notices: Mapping[QueueName, NoticeQueue] = field(default_factory=dict)
    call_timeout: Duration = Duration(10_000)

    def pool(self, name: PoolName) -> PoolWriter:
        """The pool's writer; SetupError when none was opened."""
        if name not in self.pools:
            raise SetupError(f"nothing can change pool {name!r}", hint="install the provider that the policy file names for it")
        return self.pools[name]

    def balancer(self, name: TrafficName) -> TrafficWriter:
        """The rotation's writer; SetupError when none was opened."""
        if name not in self.traffic:
            raise SetupError(f"nothing can change rotation {name!r}", hint="install the provider that the policy file names for it")
        return self.traffic[name]
