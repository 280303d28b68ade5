"""Which replicas stand in rotation, as the load balancer shows it."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import StrEnum

from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import TrafficName, WorkloadRef


class MemberState(StrEnum):
    """READY gets new requests. DRAINING finishes what it has. OUT gets none and has none."""

    READY = "ready"
    DRAINING = "draining"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One replica in rotation, known by its address (host:port). `up`: the balancer's own check passes.

    `sessions`: requests in flight; None where the balancer does not tell.
    """

    workload: WorkloadRef
    address: str
    state: MemberState
    sessions: int | None
    up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationState:
    """All members of the workloads asked for. `free`: how many more the balancer has room for, by workload; absent means no bound.

    `drains`: how long, at most, the balancer shows who leaves as draining before it lets go of them by itself, by workload; absent: it
    keeps them until they are removed. `shows_draining`: whoever is not among the members has none any more; else that may not be so before
    that time is over.
    """

    traffic: TrafficName
    read_at: Instant
    members: tuple[Member, ...]
    free: tuple[tuple[WorkloadRef, int], ...] = ()
    drains: tuple[tuple[WorkloadRef, Duration], ...] = ()
    shows_draining: bool = True

    def drain(self, workload: WorkloadRef) -> Duration | None:
        """The balancer's own time for who leaves, if it has one."""
        return dict(self.drains).get(workload)

    def forgotten(self, workload: WorkloadRef, members: Iterable[Member], live: Container[str]) -> list[Member]:
        """Of the workload's members those at addresses that are not `live`, but whom the balancer is about to let go of by itself."""
        itself = self.drain(workload) is not None
        return [one for one in members if one.address not in live and not (itself and one.state is MemberState.DRAINING)]
