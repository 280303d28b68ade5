"""Sees one load balancer."""

from typing import Protocol

from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.traffic import RotationState


class TrafficReader(Protocol):
    """Who stands in rotation."""

    def observe(self, workloads: tuple[WorkloadRef, ...], deadline: Duration) -> RotationState:
        """The members of these workloads. One without a backend there: NotFoundError naming it. Down, late: UnavailableError."""
        ...
