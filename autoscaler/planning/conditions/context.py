"""What the conditions of a step are judged by: the world as just seen, the journal, the policies, the instant."""

from dataclasses import dataclass
from typing import Self

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.model.commitments import BEGUN, OPEN, Commitments, StepRecord, StepStatus
from autoscaler.model.history import Histories
from autoscaler.model.nodes import Node
from autoscaler.model.observations import ClusterState, Observation, node_of, replicas_of, workload_of
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, PoolName, ReplicaId, StepId, TrafficName, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import Evacuate, LeaveTraffic, SetReplicas, StopReplica
from autoscaler.model.traffic import Member, MemberState, RotationState
from autoscaler.model.workloads import Replica, Workload

NO_HISTORIES = Histories()
"""Before the first tick, and for whoever has no store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All arguments of a condition. The cluster was read: while it is unknown no step can be judged, so none may move.

    `histories`: changes of plans before this one, of which the commitments tell nothing any more.
    """

    state: ClusterState
    observation: Observation
    commitments: Commitments
    policies: ClusterPolicies
    now: Instant
    histories: Histories = NO_HISTORIES

    @classmethod
    def of(
        cls,
        observation: Observation,
        commitments: Commitments,
        policies: ClusterPolicies,
        now: Instant,
        histories: Histories = NO_HISTORIES,
    ) -> Self | None:
        """The context; None while the cluster could not be read."""
        state = observation.state
        if isinstance(state, Unknown):
            return None
        return cls(state=state, observation=observation, commitments=commitments, policies=policies, now=now, histories=histories)

    def workload(self, ref: WorkloadRef) -> Workload | None:
        """The workload, if it was seen."""
        return workload_of(self.state, ref)

    def node(self, ref: NodeRef) -> Node | None:
        """The node, same incarnation, if it was seen."""
        return node_of(self.state, ref)

    def replicas(self, ref: WorkloadRef) -> tuple[Replica, ...]:
        """The workload's replicas."""
        return replicas_of(self.state, ref)

    def rotation(self, name: TrafficName) -> RotationState | Unknown:
        """The rotation, or why it is unknown."""
        return self.observation.rotation(name)

    def pool(self, name: PoolName) -> PoolState | Unknown:
        """The pool, or why it is unknown."""
        return self.observation.pool(name)

    def traffic_of(self, ref: WorkloadRef) -> TrafficName | None:
        """The rotation the workload's replicas stand in, if its policy names one."""
        return self.policies.availability_of(ref).traffic

    def drain(self, ref: WorkloadRef) -> Duration:
        """How long those who leave are waited for: the balancer's own time, where it has one, else the policy's."""
        rule = self.policies.availability_of(ref)
        rotation = self.observation.rotation(rule.traffic) if rule.traffic else None
        own = rotation.drain(ref) if isinstance(rotation, RotationState) else None
        return own or rule.drain


def still_due(count: int, ref: WorkloadRef, ctx: Context) -> int:
    """How many replicas are worth waiting for: `count`, or as many as are wanted by now.

    A count lowered since the step was planned must not be waited for: nobody will start those replicas any more. Where replicas are
    started one by one, the count does not tell of the extra ones, and `count` stands.
    """
    workload = ctx.workload(ref)
    return count if workload is None or ctx.state.capabilities.bound else min(count, workload.wanted)


def gone(name: object) -> tuple[Reason, ...]:
    """The object of the step is no longer there."""
    return (Reason(Code.GONE_FROM_CLUSTER, names=(str(name),)),)


def unknown(part: Unknown, name: object) -> tuple[Reason, ...]:
    """A part of the observation the step rests on could not be read."""
    return (Reason(part.why, names=(str(name),)),)


def stale(ctx: Context, *read_at: Instant) -> tuple[Reason, ...]:
    """Why these parts do not fit together: more than `limits.fresh` apart, from each other or from now."""
    instants = (ctx.state.read_at, ctx.now, *read_at)
    apart, allowed = max(instants) - min(instants), ctx.policies.limits.fresh.ms
    return (Reason(Code.INPUT_STALE, (apart, allowed), "ms"),) if apart > allowed else ()


def ends(ctx: Context) -> dict[str, Instant]:
    """Names of nodes whose clouds take them, and when."""
    seen = (view.state for view in ctx.observation.pools if not isinstance(view.state, Unknown))
    return {one.node_name: one.ends_at for pool in seen for one in pool.instances if one.ends_at is not None}


def members(rotation: RotationState, workload: WorkloadRef) -> dict[str, Member]:
    """The workload's members by address."""
    return {one.address: one for one in rotation.members if one.workload == workload}


def leaving(ctx: Context, workload: WorkloadRef, *, but: StepId | None = None) -> frozenset[ReplicaId]:
    """Replicas on their way out because of a step begun in the current plan, whatever the rotation showed when it was read.

    `but`: a step whose own part is not counted. Who had left for a step that will not come any more, or failed, may come back.
    """
    return frozenset(
        replica
        for record in ctx.commitments.records
        if record.planned.id != but and _takes_out(record, workload, ctx)
        for replica in (record.intent.replicas if record.intent else ())
    )


def idle(member: Member | None) -> bool:
    """Whether nothing is in flight to it and nothing new comes."""
    return member is None or (member.state is not MemberState.READY and member.sessions == 0)


def drained(ctx: Context, workload: WorkloadRef) -> frozenset[ReplicaId]:
    """Replicas whose leaving has ended: their sessions are over, or their time was."""
    return frozenset(
        replica
        for record in ctx.commitments.records
        if record.status is StepStatus.DONE and isinstance(record.planned.step, LeaveTraffic)
        if record.planned.step.workload == workload and record.intent
        for replica in record.intent.replicas
    )


def others(ctx: Context, record: StepRecord) -> tuple[StepRecord, ...]:
    """All records of the plan but this one."""
    return tuple(one for one in ctx.commitments.records if one.planned.id != record.planned.id)


def _takes_out(record: StepRecord, workload: WorkloadRef, ctx: Context) -> bool:
    step = record.planned.step
    if record.status not in BEGUN or record.intent is None:
        return False
    if isinstance(step, LeaveTraffic):
        return step.workload == workload and (record.status is not StepStatus.DONE or _awaited(record, ctx))
    if isinstance(step, StopReplica | SetReplicas):
        return step.workload == workload
    return isinstance(step, Evacuate) and workload in step.workloads


def _awaited(record: StepRecord, ctx: Context) -> bool:
    """Whether a step that comes after this one is still to come, or came."""
    after = (one for one in ctx.commitments.records if record.planned.id in one.planned.after)
    return any(one.status in OPEN | BEGUN for one in after)
