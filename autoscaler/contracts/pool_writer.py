"""Changes one pool of machines."""

from typing import Protocol

from autoscaler.model.refs import InstanceRef, OfferingName, Token


class PoolWriter(Protocol):
    """Grows by an absolute count, shrinks by name."""

    def grow(self, *, seen: int, wanted: int, token: Token, offering: OfferingName | None = None) -> None:
        """Raise the count from `seen` to `wanted`; never lower it. Returns once accepted, not once running.

        Repeat: launches nothing more. The count is not `seen` (and not `wanted`): ConflictError. Not found: NotFoundError.
        No capacity: NoCapacityError; what did launch stays. Throttled: UnavailableError. Late: OutcomeUnknownError, read back first.
        """
        ...

    def release(self, gone: frozenset[InstanceRef], *, token: Token) -> None:
        """Give back exactly these incarnations, never a mere number, and lower the count by as many.

        Repeat, instance not found, another incarnation: harmless. Else as `grow`.
        """
        ...
