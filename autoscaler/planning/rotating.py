"""Rotations that do not show what runs: healthy replicas left out, addresses without a replica."""

from collections import defaultdict
from dataclasses import dataclass

from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.nodes import NodeAvailability
from autoscaler.model.plans import Remark
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ReplicaId, StepId, TrafficName, WorkloadRef
from autoscaler.model.steps import Evacuate, JoinTraffic, LeaveTraffic, SetReplicas, StopReplica
from autoscaler.model.traffic import Member, MemberState, RotationState
from autoscaler.model.workloads import Replica, ReplicaState
from autoscaler.planning.drafts import START, Draft, DraftStep
from autoscaler.planning.facts import Facts
from autoscaler.planning.standing import progress

FLOOR = frozenset({Code.HOLDS_FLOOR, Code.FLOOR_BROKEN})

STARTED = frozenset({StepStatus.INTENDED, StepStatus.SENT, StepStatus.DONE})


def rotate(facts: Facts, kept: frozenset[StepId]) -> tuple[list[Draft], list[Remark]]:
    """Join what should serve and does not; or say who cannot, for there is no place left in rotation.

    `kept`: steps of the current plan that go on, and whose doing is no drift.
    """
    drafts, remarks, members = [], [], _members(facts)
    for ref in facts.workloads:
        traffic = facts.availability(ref).traffic
        rotation = facts.request.observation.rotation(traffic) if traffic else None
        if traffic and isinstance(rotation, RotationState) and not _about_to(facts.request.commitments, kept, ref):
            drift = _drift(facts, kept, ref, rotation, members[traffic].get(ref, []))
            drafts += [_rotate(ref, traffic, drift.reasons)] if drift.joins else []
            remarks += [Remark(subject=str(ref), reasons=drift.full, count=drift.left_out)] if drift.left_out else []
    return drafts, remarks


def starved(commitments: Commitments) -> frozenset[WorkloadRef]:
    """Workloads of which nobody may leave for want of others in rotation: whoever stands outside must come in first."""
    waiting = (one for one in commitments.open if any(reason.code in FLOOR for reason in one.reasons))
    return frozenset(one.planned.step.workload for one in waiting if isinstance(one.planned.step, LeaveTraffic))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drift:
    """`out` replicas should be in and are not, `left_out` of them for want of a place; `dead` members have no replica."""

    ref: WorkloadRef
    traffic: TrafficName
    out: int
    dead: int
    left_out: int

    @property
    def joins(self) -> bool:
        """Whether a joining would bring about anything."""
        return self.out > self.left_out or self.dead > 0

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why there is one."""
        names = (str(self.ref),)
        reasons = (Reason(Code.OUT_OF_ROTATION, (self.out,), "replicas", names),) if self.out else ()
        return reasons + ((Reason(Code.GONE_FROM_CLUSTER, (self.dead,), "members", names),) if self.dead else ())

    @property
    def full(self) -> tuple[Reason, ...]:
        """Why somebody stays out."""
        out = Reason(Code.OUT_OF_ROTATION, (self.left_out,), "replicas", (str(self.ref),))
        return (out, Reason(Code.NO_CAPACITY, names=(self.traffic,)))


def _rotate(ref: WorkloadRef, traffic: TrafficName, reasons: tuple[Reason, ...]) -> Draft:
    # Count 0: joining whoever is healthy is the whole of it; how many must be in is for the steps that rest on a number.
    join = DraftStep(step=JoinTraffic(workload=ref, traffic=traffic, count=0), timeout=START, reasons=reasons)
    return Draft(operation=f"rotate {ref}", steps=(join,), workloads=(ref,))


def _about_to(commitments: Commitments, kept: frozenset[StepId], ref: WorkloadRef) -> bool:
    """A step that joins the workload's replicas is under way, or next in turn."""
    done = {one.planned.id for one in commitments.records if one.status in STARTED}
    return any(_joins(one, ref) and done.issuperset(one.planned.after) for one in commitments.open if one.planned.id in kept)


def _joins(record: StepRecord, ref: WorkloadRef) -> bool:
    return isinstance(record.planned.step, JoinTraffic) and record.planned.step.workload == ref


def _members(facts: Facts) -> dict[TrafficName, dict[WorkloadRef, list[Member]]]:
    """Of each rotation, by workload."""
    found: dict[TrafficName, dict[WorkloadRef, list[Member]]] = defaultdict(lambda: defaultdict(list))
    for view in facts.request.observation.rotations:
        if isinstance(view.state, RotationState):
            for one in view.state.members:
                found[view.traffic][one.workload].append(one)
    return found


def _drift(facts: Facts, kept: frozenset[StepId], ref: WorkloadRef, rotation: RotationState, members: list[Member]) -> _Drift:
    states = {one.address: one.state for one in reversed(members)}
    out = [one for one in _should(facts, kept, ref) if states.get(one.address) is not MemberState.READY]
    dead = rotation.forgotten(ref, members, {one.address for one in facts.of.get(ref, ())})
    strange = [one for one in out if one.address not in states]  # who is a member already needs no place
    places = dict(rotation.free).get(ref, len(strange)) + len(dead)
    return _Drift(ref=ref, traffic=rotation.traffic, out=len(out), dead=len(dead), left_out=max(0, len(strange) - places))


def _should(facts: Facts, kept: frozenset[StepId], ref: WorkloadRef) -> list[Replica]:
    """Healthy, reachable, and nobody on the way out. With more of them than wanted, who goes is not to be told from who stays."""
    live = [one for one in facts.of.get(ref, ()) if one.state is not ReplicaState.STOPPING]
    if len(live) > facts.workloads[ref].wanted:
        return []
    leaving = _leaving(facts.request.commitments, kept, ref)
    sound = (one for one in live if one.healthy and one.state is ReplicaState.RUNNING and one.address)
    return [one for one in sound if one.id not in leaving and not _emptying(facts, one)]


def _leaving(commitments: Commitments, kept: frozenset[StepId], ref: WorkloadRef) -> frozenset[ReplicaId]:
    named = (one for one in commitments.records if one.planned.id in kept and one.intent and progress(one).begun)
    return frozenset(replica for one in named if _takes_out(one, ref) and one.intent for replica in one.intent.replicas)


def _takes_out(record: StepRecord, ref: WorkloadRef) -> bool:
    step = record.planned.step
    if isinstance(step, Evacuate):
        return ref in step.workloads
    return isinstance(step, LeaveTraffic | SetReplicas | StopReplica) and step.workload == ref


def _emptying(facts: Facts, replica: Replica) -> bool:
    machine = facts.machines.get(replica.node) if replica.node else None
    return machine is not None and machine.node.availability is NodeAvailability.EMPTYING
