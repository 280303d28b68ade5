"""Sees one cluster."""

from typing import Protocol

from autoscaler.model.observations import Capabilities, ClusterState
from autoscaler.model.quantities import Duration


class OrchestratorReader(Protocol):
    """Workloads, nodes and replicas, as their orchestrator shows them."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do; constant, and known without a call."""
        ...

    def observe(self, deadline: Duration) -> ClusterState:
        """Everything at once; two reads without a change between them are alike but for `read_at`.

        A cluster that is not there, or is another than it was, raises NotFoundError. Throttled, down or late: UnavailableError,
        never an empty state. What is stopped for good is not shown; what stops is. No secret, environment or command is kept.
        """
        ...
