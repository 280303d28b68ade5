"""Finds a workload's slots among all that HAProxy has."""

from collections.abc import Mapping

from autoscaler.errors import NotFoundError
from autoscaler.model.refs import WorkloadRef
from autoscaler_haproxy.settings import HaproxySettings
from autoscaler_haproxy.slots import Slot

TEMPLATE = "server-template s 1-20 127.0.0.1:1 check disabled"


def slots_of(workload: WorkloadRef, found: Mapping[str, tuple[Slot, ...]], settings: HaproxySettings) -> tuple[Slot, ...]:
    """The workload's slots; NotFoundError if HAProxy has no backend for it, or one without servers."""
    backend = settings.backend_of(workload)
    if backend not in found:
        raise NotFoundError(
            f"HAProxy has no backend {backend!r} with servers for {workload}",
            hint=f"write `backends: {{{workload.path}: NAME}}` at the traffic entry, or a `backend {backend}` with `{TEMPLATE}`",
        )
    return found[backend]
