"""One owner per cluster: our mark on it, before anything else of ours."""

from datetime import UTC, datetime

from autoscaler.contracts.orchestrator_writer import OrchestratorWriter
from autoscaler.contracts.store import Lease
from autoscaler.errors import AutoscalerError, LostLeaseError, RefusedError
from autoscaler.model.marks import OwnerMark
from autoscaler.model.observations import ClusterState
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import StoreId


def claim(
    state: ClusterState,
    store: StoreId,
    lease: Lease,
    writer: OrchestratorWriter,
    now: Instant,
    *,
    take_over: bool = False,
) -> OwnerMark:
    """Our mark on the cluster; the one there already if it is ours and of this term.

    Another store's: RefusedError naming who and when, unless `take_over`. Our store's under a later term: LostLeaseError. Changed since
    it was read, or not surely written: RefusedError; nothing else may be sent, and the next tick reads it again.
    """
    seen = state.owner
    if seen is not None and not take_over:
        _refuse_others(seen, store, lease)
    if seen is not None and (seen.store, seen.term, seen.holder) == (store, lease.term, lease.holder):
        return seen
    mark = OwnerMark(store=store, term=lease.term, holder=lease.holder, at=now)
    try:
        writer.claim(mark, seen)
    except AutoscalerError as error:
        raise RefusedError(f"the cluster could not be marked as ours: {error}", hint="nothing was sent; it is tried again") from error
    return mark


def _refuse_others(seen: OwnerMark, store: StoreId, lease: Lease) -> None:
    when = datetime.fromtimestamp(seen.at / 1000, UTC).isoformat(timespec="seconds")
    if seen.store != store:
        raise RefusedError(
            f"this cluster belongs to store {seen.store}, marked by {seen.holder} at {when}",
            hint="stop that one first, then repeat with --take-over",
        )
    if seen.term > lease.term:
        raise LostLeaseError(
            f"{seen.holder} leads this cluster since {when} under term {seen.term}; ours is {lease.term}",
            hint="let it lead; if the store was set back to an older copy, repeat with --take-over",
        )
