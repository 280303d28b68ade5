"""Changes one cluster."""

from typing import Protocol

from autoscaler.model.marks import FieldChange, Mark, OwnerMark
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.refs import NodeRef, ReplicaId, Token, WorkloadRef
from autoscaler.model.steps import Place


class OrchestratorWriter(Protocol):
    """Every call names exact objects.

    Common to all: object not found, NotFoundError; throttled or down before sending, UnavailableError; changed since it was read,
    ConflictError and nothing written; sent without a reply, OutcomeUnknownError.
    """

    def claim(self, mark: OwnerMark, seen: OwnerMark | None) -> None:
        """Write our owner mark where `seen` was read, by compare-and-set. Another mark there by now: ConflictError."""
        ...

    def set_replicas(
        self,
        workload: WorkloadRef,
        *,
        seen: int,
        wanted: int,
        victims: frozenset[ReplicaId],
        mark: Mark | None,
        places: tuple[Place, ...] = (),
    ) -> None:
        """Set the count from `seen` to `wanted`, and `mark` on the workload (None takes ours off).

        Another count there: ConflictError. Fewer: exactly `victims` go where they can be chosen; where they are predicted, the
        prediction is read again first, and another one is ConflictError. Empty `victims`: any. A repeat changes nothing. Nothing else
        of the workload changes, and nothing of it restarts. An update of its owner under way: ConflictError.

        `places`, only where `names_devices`: as many of those that come start there; not all of them free: ConflictError, nobody starts.
        """
        ...

    def set_availability(self, node: NodeRef, wanted: NodeAvailability, mark: Mark | None) -> None:
        """Open, fence or empty exactly this incarnation; `mark` (None takes ours off) is written with it. A repeat is harmless."""
        ...

    def evacuate(self, node: NodeRef, workload: WorkloadRef, *, at_once: int) -> None:
        """Begin to take the workload off the node, for orchestrators that can. A repeat goes on with what is left."""
        ...

    def start_replica(self, workload: WorkloadRef, node: NodeRef, *, token: Token, devices: tuple[int, ...] = ()) -> ReplicaId:
        """Start one more on exactly this node; the same token starts one once. No room there: NoCapacityError.

        `devices`, only where `names_devices`: on exactly these; one of them not free: NoCapacityError.
        """
        ...

    def stop_replica(self, replica: ReplicaId) -> None:
        """Stop exactly this one, within its grace. Gone already: harmless."""
        ...

    def remove_node(self, node: NodeRef) -> None:
        """Forget exactly this incarnation. Gone already: harmless. Replicas on it: ConflictError."""
        ...

    def restore(self, change: FieldChange) -> None:
        """Take back one field and its mark, if the field still has our value; else take only the mark off."""
        ...
