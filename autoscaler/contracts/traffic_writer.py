"""Changes one load balancer. Members are known by address (host:port)."""

from typing import Protocol

from autoscaler.model.refs import WorkloadRef


class TrafficWriter(Protocol):
    """Repeats are harmless, and so is an address not there. Down before sending: UnavailableError. No reply: OutcomeUnknownError."""

    def join(self, workload: WorkloadRef, address: str) -> None:
        """Give it new requests, also when it was draining. No place left: NoCapacityError."""
        ...

    def leave(self, workload: WorkloadRef, address: str) -> None:
        """Give it no new requests; what it has goes on."""
        ...

    def remove(self, workload: WorkloadRef, address: str) -> None:
        """Take it out at once and free its place."""
        ...
