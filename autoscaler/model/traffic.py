"""Which replicas stand in rotation, as the load balancer shows it."""

from dataclasses import dataclass
from enum import StrEnum

from autoscaler.model.quantities import Instant
from autoscaler.model.refs import TrafficName, WorkloadRef


class MemberState(StrEnum):
    """READY gets new requests. DRAINING finishes what it has. OUT gets none and has none."""

    READY = "ready"
    DRAINING = "draining"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One replica in rotation, known by its address (host:port). `up`: the balancer's own check passes. `sessions`: requests in flight."""

    workload: WorkloadRef
    address: str
    state: MemberState
    sessions: int
    up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationState:
    """All members of the workloads asked for. `free`: how many more the balancer has room for, by workload; absent means no bound."""

    traffic: TrafficName
    read_at: Instant
    members: tuple[Member, ...]
    free: tuple[tuple[WorkloadRef, int], ...] = ()
