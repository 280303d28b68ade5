"""Which replicas serve: healthy and, where a rotation is named, in it and up. The one definition of "available"."""

from autoscaler.model.observations import ClusterState, Observation, member_of, replicas_of
from autoscaler.model.refs import ReplicaId, TrafficName, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.traffic import MemberState, RotationState
from autoscaler.model.workloads import Replica, ReplicaState


def available(observation: Observation, workload: WorkloadRef, traffic: TrafficName | None) -> frozenset[ReplicaId]:
    """The workload's available replicas; none while the cluster, or the rotation it needs, is unknown."""
    if isinstance(observation.state, Unknown):
        return frozenset()
    rotation = observation.rotation(traffic) if traffic else None
    if isinstance(rotation, Unknown):
        return frozenset()
    return frozenset(one.id for one in _healthy(observation.state, workload) if rotation is None or in_rotation(rotation, one))


def in_rotation(rotation: RotationState, replica: Replica) -> bool:
    """Whether the replica gets new requests: a member, ready, and up by the balancer's own check."""
    member = member_of(rotation, replica)
    return member is not None and member.state is MemberState.READY and member.up


def _healthy(state: ClusterState, workload: WorkloadRef) -> tuple[Replica, ...]:
    return tuple(one for one in replicas_of(state, workload) if one.healthy and one.state is ReplicaState.RUNNING)
