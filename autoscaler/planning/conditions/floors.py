"""The floor: fewest available replicas of a workload that our changes leave it, at any instant."""

from collections.abc import Iterable

from autoscaler.model.available import available
from autoscaler.model.commitments import Intent, StepStatus
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ReplicaId, StepId, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import JoinTraffic, SetReplicas, Step
from autoscaler.model.traffic import Member, MemberState
from autoscaler.model.workloads import ReplicaState, Workload, WorkloadKind, surge_of
from autoscaler.planning.conditions.context import Context, idle, leaving, members, stale, unknown


def floor_of(ctx: Context, workload: Workload) -> int:
    """The fewest available: of the smaller of the counts before and after the plan; the present one where no plan changes it.

    A count that was raised, or is being raised now, counts as the one before: what was asked for is not there yet. One that somebody
    raised past both is theirs, and its floor too: our surge may have become part of it.
    0 where the policy allows a gap and the plan said there would be one, and for what has no count of its own.
    """
    if workload.kind is not WorkloadKind.REPLICATED:
        return 0
    availability = ctx.policies.availability_of(workload.ref)
    change = ctx.commitments.plan.change_of(workload.ref) if ctx.commitments.plan else None
    seen = workload.wanted - surge_of(workload)
    count = max(seen, _being_set(ctx, workload.ref))
    if change is None:
        return availability.least(count, count)
    if availability.allow_gap and change.gap.ms > 0:
        return 0
    if seen > max(change.before, change.after):
        return availability.least(seen, seen)
    return availability.least(max(change.before, count), change.after)


def keeps_floor(ctx: Context, workload: Workload, going: Iterable[ReplicaId], *, but: StepId) -> tuple[Reason, ...]:
    """Why `going` may not leave: fewer than the floor would stay available. `but`: the step that asks, not counted itself.

    Below the floor already, nothing healthy may go, not even what was taken out of rotation: it can serve again at once.
    """
    floor, leave = floor_of(ctx, workload), frozenset(going)
    if floor == 0 or leave.isdisjoint(_healthy(ctx, workload.ref)):
        return ()
    stays = available(ctx.observation, workload.ref, ctx.traffic_of(workload.ref)) - leaving(ctx, workload.ref, but=but)
    left = len(stays - leave)
    code = Code.FLOOR_BROKEN if len(stays) < floor else Code.HOLDS_FLOOR
    return (Reason(code, (left, floor), "replicas", (str(workload.ref),)),) if left < floor else ()


def out_of_traffic(ctx: Context, workload: WorkloadRef, going: frozenset[ReplicaId], ended: frozenset[ReplicaId]) -> tuple[Reason, ...]:
    """Why `going` may not end yet: some get requests, or are about to, or have some in flight and their time (`ended`) is not over."""
    name = ctx.traffic_of(workload)
    if name is None:
        return ()
    rotation = ctx.rotation(name)
    if isinstance(rotation, Unknown):
        return unknown(rotation, name)
    places, joins = members(rotation, workload), _joining(ctx, workload)
    there = [one for one in ctx.replicas(workload) if one.id in going]
    busy = [one.id for one in there if one.address in joins or not _out(places.get(one.address), over=one.id in ended)]
    waits = (Reason(Code.WAITING, (len(busy),), "replicas in rotation", (str(workload),)),) if busy else ()
    return waits + stale(ctx, rotation.read_at)


def readable(ctx: Context, workload: WorkloadRef) -> tuple[Reason, ...]:
    """Why the workload's availability cannot be told: its rotation is unknown, or was read at another time than the cluster."""
    name = ctx.traffic_of(workload)
    rotation = ctx.rotation(name) if name else None
    if isinstance(rotation, Unknown):
        return unknown(rotation, name)
    return stale(ctx, rotation.read_at) if rotation else stale(ctx)


def _joining(ctx: Context, workload: WorkloadRef) -> frozenset[str]:
    """Addresses that are being put into rotation right now, or may have been."""
    intended = (one for one in ctx.commitments.records if one.status is StepStatus.INTENDED and one.intent)
    joins = (one.intent.addresses for one in intended if _joins(one.planned.step, workload) and one.intent)
    return frozenset(address for some in joins for address in some)


def _joins(step: Step, workload: WorkloadRef) -> bool:
    return isinstance(step, JoinTraffic) and step.workload == workload


def _being_set(ctx: Context, workload: WorkloadRef) -> int:
    """The highest count without surge that is being set and may not be seen yet."""
    under_way = (one for one in ctx.commitments.records if one.status in (StepStatus.INTENDED, StepStatus.SENT) and one.intent)
    steps = ((one.planned.step, one.intent) for one in under_way)
    counts = (base_of(intent) for step, intent in steps if intent and isinstance(step, SetReplicas) and step.workload == workload)
    return max(counts, default=0)


def base_of(intent: Intent) -> int:
    """What a mark calls the count before the surge; all of it where there is no mark."""
    return next((int(change.was) for change in intent.fields), intent.wanted)


def _healthy(ctx: Context, workload: WorkloadRef) -> frozenset[ReplicaId]:
    return frozenset(one.id for one in ctx.replicas(workload) if one.healthy and one.state is ReplicaState.RUNNING)


def _out(member: Member | None, *, over: bool) -> bool:
    """Whether its replica may end: nothing in flight, or no new requests and its time is over."""
    return idle(member) or (over and member is not None and member.state is not MemberState.READY)
