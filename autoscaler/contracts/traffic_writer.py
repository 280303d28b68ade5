"""Changes one load balancer. Members are known by address (host:port)."""

from typing import Protocol

from autoscaler.model.refs import WorkloadRef


class TrafficWriter(Protocol):
    """Repeats are harmless, and so is an address not there. Down before sending: UnavailableError. No reply: OutcomeUnknownError.

    Each takes several addresses, for balancers that take them in one call; what fails half-way may have been done for some.
    """

    def join(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Give them new requests, also those that were draining. No place left: NoCapacityError."""
        ...

    def leave(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Give them no new requests; what they have goes on."""
        ...

    def remove(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Take them out at once and free their places; a balancer that lets go by itself may let them drain first."""
        ...
