"""Which replicas serve: healthy and, where a rotation is named, in it and up. The one definition of "available"."""

from collections.abc import Iterable

from autoscaler.model.observations import Observation, member_of, replicas_of
from autoscaler.model.refs import ReplicaId, TrafficName, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.traffic import Member, MemberState, RotationState
from autoscaler.model.workloads import Replica, ReplicaState


def available(observation: Observation, workload: WorkloadRef, traffic: TrafficName | None) -> frozenset[ReplicaId]:
    """The workload's available replicas; none while the cluster, or the rotation it needs, is unknown."""
    if isinstance(observation.state, Unknown):
        return frozenset()
    return Rotations(observation).available(replicas_of(observation.state, workload), traffic)


class Rotations:
    """Who is in which rotation, looked up once for all workloads."""

    def __init__(self, observation: Observation) -> None:
        self._observation = observation
        self._serving: dict[TrafficName, frozenset[tuple[WorkloadRef, str]] | None] = {}

    def available(self, replicas: Iterable[Replica], traffic: TrafficName | None) -> frozenset[ReplicaId]:
        """Those that are healthy and, where `traffic` is named, in rotation; none while that is unknown."""
        running = ReplicaState.RUNNING
        healthy = [one for one in replicas if one.healthy and one.state is running]
        serving = None if traffic is None else self._in(traffic) or frozenset()
        return frozenset([one.id for one in healthy if serving is None or (one.workload, one.address) in serving])

    def _in(self, traffic: TrafficName) -> frozenset[tuple[WorkloadRef, str]] | None:
        if traffic not in self._serving:
            rotation = self._observation.rotation(traffic)
            self._serving[traffic] = None if isinstance(rotation, Unknown) else _serving(rotation)
        return self._serving[traffic]


def _serving(rotation: RotationState) -> frozenset[tuple[WorkloadRef, str]]:
    """Members that get new requests; where one is listed twice, the first counts."""
    members = {(one.workload, one.address): one for one in reversed(rotation.members)}
    return frozenset(key for key, one in members.items() if _gets_requests(one))


def in_rotation(rotation: RotationState, replica: Replica) -> bool:
    """Whether the replica gets new requests: a member, ready, and up by the balancer's own check."""
    member = member_of(rotation, replica)
    return member is not None and _gets_requests(member)


def _gets_requests(member: Member) -> bool:
    return member.state is MemberState.READY and member.up
