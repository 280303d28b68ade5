"""Conditions of `SetReplicas`: nobody else changed the count, there is room, and exactly those who left will end."""

from dataclasses import replace

from autoscaler.model.commitments import BEGUN, Intent, StepRecord, StepStatus
from autoscaler.model.leaving import in_order
from autoscaler.model.marks import REPLICAS, FieldChange, mark_of
from autoscaler.model.quantities import Duration, since
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ReplicaId, WorkloadRef
from autoscaler.model.steps import LeaveTraffic, Purpose, SetReplicas, StartReplica
from autoscaler.model.workloads import ReplicaState, Workload, WorkloadKind, surge_of
from autoscaler.planning.conditions.capacity import room_for
from autoscaler.planning.conditions.context import Context, drained, gone, others
from autoscaler.planning.conditions.floors import base_of, keeps_floor, out_of_traffic, readable
from autoscaler.planning.conditions.landing import Landing
from autoscaler.planning.conditions.places import refused_places

SHOWN_WITHIN = Duration(15_000)
"""A count that was set is seen by then."""


def may_set(step: SetReplicas, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """All of: it has a count, its owner is not changing it, it is the count we know, and the way up or down is clear."""
    workload = ctx.workload(step.workload)
    if workload is None:
        return gone(step.workload)
    if workload.kind is not WorkloadKind.REPLICATED:
        return (Reason(Code.NO_RECIPE, names=(str(workload.ref),)),)
    if workload.updating:
        return (Reason(Code.UPDATE_IN_PROGRESS, names=(str(workload.ref),)),)
    if absorbed(step, workload):
        return () if record.intent is None or record.intent.seen == record.intent.wanted else (_by_others(record, ctx, workload),)
    if _in_flight(record, ctx, workload.ref):
        return (Reason(Code.WAITING, names=(str(workload.ref),)),)
    strange = () if step.purpose is Purpose.GIVE_BACK else _strange(step, record, ctx, workload)
    return strange or _within(step, ctx, workload) or _way(step, record, ctx, workload)


def count_set(step: SetReplicas, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """The count is what it should be, and those who were to end are ending."""
    workload, intent = ctx.workload(step.workload), record.intent
    if workload and intent is None and absorbed(step, workload) and not mark_of(workload.marks, REPLICAS):
        return (_by_others(record, ctx, workload),)
    if workload is None or intent is None or count_landed(step, intent, ctx) is Landing.UNTOUCHED:
        return None
    if intent.seen == intent.wanted:
        return (_by_others(record, ctx, workload),)
    if _changed_since(record, workload):
        return (Reason(Code.CHANGED_BY_OTHERS, (intent.wanted, workload.wanted), "replicas", (str(workload.ref),)),)
    staying = _live(ctx, workload.ref) & frozenset(intent.replicas)
    return () if workload.wanted == intent.wanted and not staying else None


def count_failed(step: SetReplicas, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """The count is down and other replicas went than those that had left; or somebody set it back before we saw it change."""
    workload, intent = ctx.workload(step.workload), record.intent
    if workload is None:
        return gone(step.workload)
    if intent is None or workload.wanted != intent.wanted:
        return _set_back(step, record, ctx)
    live = _live(ctx, workload.ref)
    staying = live & frozenset(intent.replicas)
    wrong = staying and len(live) <= workload.wanted
    return (Reason(Code.PREDICTION_CHANGED, (len(staying),), "replicas", (str(workload.ref),)),) if wrong else ()


def overruled(step: SetReplicas, intent: Intent, ctx: Context) -> tuple[Reason, ...]:
    """The count without surge that our call had set, or may have, and the one that somebody else set before we saw it."""
    workload = ctx.workload(step.workload)
    counts = (base_of(intent), workload.wanted - surge_of(workload)) if workload else ()
    return (Reason(Code.CHANGED_BY_OTHERS, counts, "replicas", (str(step.workload),)),)


def _set_back(step: SetReplicas, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """Our call came back well, and the count is still what it was, longer than any orchestrator's list lags behind its writes."""
    intent = record.intent
    if intent is None or record.status is not StepStatus.SENT or since(record.acted, ctx.now) < SHOWN_WITHIN:
        return ()
    if intent.seen == intent.wanted or count_landed(step, intent, ctx) is not Landing.UNTOUCHED:
        return ()
    return overruled(step, intent, ctx)


def count_intent(step: SetReplicas, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    """The count just read and the one to be; who goes; what our mark says from then on (no field: no mark)."""
    workload = ctx.workload(step.workload)
    if workload is None:
        return intent
    if absorbed(step, workload):
        return replace(intent, seen=workload.wanted, wanted=workload.wanted)
    change = _change_now(step, workload)
    wanted = workload.wanted + change
    surge = surge_of(workload) + (0 if step.purpose is Purpose.SCALE else change)
    field = FieldChange(object=str(workload.ref), field=REPLICAS, was=str(wanted - surge), ours=str(wanted))
    return replace(
        intent,
        seen=workload.wanted,
        wanted=wanted,
        replicas=going(step, record, ctx, workload),
        fields=(field,) if surge > 0 else (),
        before=tuple(one.id for one in ctx.replicas(workload.ref)),
    )


def count_landed(step: SetReplicas, intent: Intent, ctx: Context) -> Landing:
    """By the count alone: it is absolute."""
    workload = ctx.workload(step.workload)
    if workload is None:
        return Landing.CHANGED
    if intent.seen == intent.wanted:
        return Landing.UNTOUCHED if mark_of(workload.marks, REPLICAS) else Landing.APPLIED
    if workload.wanted == intent.wanted:
        return Landing.APPLIED
    return Landing.UNTOUCHED if workload.wanted == intent.seen else Landing.CHANGED


def absorbed(step: SetReplicas, workload: Workload) -> bool:
    """No mark says that our surge is in the count: theirs is the count now, and nothing is given back but a mark that is left over."""
    return step.purpose is Purpose.GIVE_BACK and surge_of(workload) <= 0


def going(step: SetReplicas, record: StepRecord, ctx: Context, workload: Workload) -> tuple[ReplicaId, ...]:
    """Who ends: those that left for it, or whom we choose; else the first of the removal order. Nobody on the way up."""
    if step.change >= 0:
        return ()
    left = _left(record, ctx, workload.ref)
    if ctx.state.capabilities.chosen_victims:
        return tuple(sorted(left & _live(ctx, workload.ref))) if left else _choice(step, ctx, workload)
    return workload.removal_order[: -_change_now(step, workload)]


def _choice(step: SetReplicas, ctx: Context, workload: Workload) -> tuple[ReplicaId, ...]:
    """Who goes where we choose and nobody had to leave first: whoever serves least, is one too many in its zone, is youngest."""
    live = (one for one in ctx.replicas(workload.ref) if one.state is not ReplicaState.STOPPING)
    nodes = {node.ref: node for node in ctx.state.nodes}
    return in_order(live, lambda one: (one.healthy, one.node is not None), workload.shape, nodes.get)[: -_change_now(step, workload)]


def _change_now(step: SetReplicas, workload: Workload) -> int:
    """By how much: no more is given back than our mark says is in the count."""
    return step.change if step.purpose is not Purpose.GIVE_BACK else -min(-step.change, surge_of(workload))


def _by_others(record: StepRecord, ctx: Context, workload: Workload) -> Reason:
    """From the count without surge as we last set it, else as it would be after this step, to the one somebody else set."""
    ours = [one for one in others(ctx, record) if one.status in BEGUN and one.intent and _sets(one, workload.ref)]
    last = max(ours, key=lambda one: one.acted, default=None)
    step = record.planned.step
    planned = step.seen + step.change if isinstance(step, SetReplicas) else workload.wanted
    known = base_of(last.intent) if last and last.intent else planned
    return Reason(Code.CHANGED_BY_OTHERS, (known, workload.wanted), "replicas", (str(workload.ref),))


def _way(step: SetReplicas, record: StepRecord, ctx: Context, workload: Workload) -> tuple[Reason, ...]:
    if step.change >= 0:
        return _surge_allowed(step, ctx, workload) or _room_above(step, record, ctx, workload)
    who = going(step, record, ctx, workload)
    left = _left(record, ctx, workload.ref)
    others_go = any(known and frozenset(who) != known for known in (left, _named(record)))
    fewer = -_change_now(step, workload)
    if len(who) < fewer or others_go:
        return (Reason(Code.PREDICTION_CHANGED, (fewer, len(who)), "replicas", (str(workload.ref),)),)
    named = frozenset(who)
    if not named.isdisjoint(_being_replaced(ctx)):  # else both it and who comes in its place would be counted as gone
        return (Reason(Code.WAITING, names=(str(workload.ref),)),)
    served = out_of_traffic(ctx, workload.ref, named, drained(ctx, workload.ref))
    return readable(ctx, workload.ref) or served or keeps_floor(ctx, workload, named, but=record.planned.id)


def _being_replaced(ctx: Context) -> frozenset[ReplicaId]:
    """In whose place another one was asked for and may still come."""
    starts = (one.planned.step for one in ctx.commitments.records if one.status in (StepStatus.INTENDED, StepStatus.SENT))
    return frozenset(one.instead_of for one in starts if isinstance(one, StartReplica) and one.instead_of)


def _room_above(step: SetReplicas, record: StepRecord, ctx: Context, workload: Workload) -> tuple[Reason, ...]:
    """Where we choose, those very places; where anybody else does, wherever all of them may come."""
    taken = refused_places(ctx, workload, step.places, record.planned.id) if step.places else ()
    return taken or (room_for(ctx, workload, step.change, but=record.planned.id) if len(step.places) < step.change else ())


def _named(record: StepRecord) -> frozenset[ReplicaId]:
    """Who went by the intent, where there is one: it is sent again only if they are still those who would go."""
    return frozenset(record.intent.replicas) if record.intent else frozenset()


def _surge_allowed(step: SetReplicas, ctx: Context, workload: Workload) -> tuple[Reason, ...]:
    if step.purpose is not Purpose.SURGE:
        return ()
    surge = surge_of(workload)
    most = ctx.policies.availability_of(workload.ref).most_extra(workload.wanted - surge)
    fits = surge + step.change <= most
    return () if fits else (Reason(Code.OVER_BUDGET, (surge + step.change, most), "replicas", (str(workload.ref),)),)


def _left(record: StepRecord, ctx: Context, workload: WorkloadRef) -> frozenset[ReplicaId]:
    """Who was taken out of rotation for this very step: by the `LeaveTraffic` it comes after."""
    before = frozenset(record.planned.after)
    return frozenset(
        replica
        for one in ctx.commitments.records
        if one.planned.id in before and one.intent and isinstance(one.planned.step, LeaveTraffic)
        if one.planned.step.workload == workload and one.planned.step.node is None
        for replica in one.intent.replicas
    )


def _in_flight(record: StepRecord, ctx: Context, workload: WorkloadRef) -> bool:
    """Another change of the same count is under way: one at a time."""
    held = (StepStatus.INTENDED, StepStatus.SENT)
    return any(one.status in held and _sets(one, workload) for one in others(ctx, record))


def _strange(step: SetReplicas, record: StepRecord, ctx: Context, workload: Workload) -> tuple[Reason, ...]:
    """The count is neither what it was when planned, with what we changed since, nor what we last set."""
    known = _known(step, record, ctx, workload)
    if workload.wanted in known:
        return ()
    return (Reason(Code.CHANGED_BY_OTHERS, (known[0], workload.wanted), "replicas", (str(workload.ref),)),)


def _known(step: SetReplicas, record: StepRecord, ctx: Context, workload: Workload) -> tuple[int, ...]:
    """Counts that are ours. A step may be older than its plan, and planned beside others that changed the count before it."""
    ours = [one for one in others(ctx, record) if one.status in BEGUN and one.intent and _sets(one, workload.ref)]
    mine = record.planned.operation
    made = ctx.commitments.plan.made_at if ctx.commitments.plan else 0
    together = step.seen + sum(_change(one) for one in ours if one.planned.operation == mine)
    lately = step.seen + sum(_change(one) for one in ours if one.acted >= made)
    last = max(ours, key=lambda one: one.acted, default=None)
    told = [one.intent.wanted for one in (last,) if one and one.intent] + ([record.intent.seen] if record.intent else [])
    return (lately, together, together + surge_of(workload), *told)


def _sets(record: StepRecord, workload: WorkloadRef) -> bool:
    return isinstance(record.planned.step, SetReplicas) and record.planned.step.workload == workload


def _change(record: StepRecord) -> int:
    return record.intent.wanted - record.intent.seen if record.intent else 0


def _within(step: SetReplicas, ctx: Context, workload: Workload) -> tuple[Reason, ...]:
    """The decided count stays within its policy's bounds; moving towards them is always right."""
    policy = ctx.policies.of(workload.ref)
    if policy is None or step.purpose is not Purpose.SCALE:
        return ()
    count = workload.wanted - surge_of(workload) + step.change
    names = (str(workload.ref),)
    if step.change < 0 and count < policy.bounds.min:
        return (Reason(Code.AT_MINIMUM, (count, policy.bounds.min), "replicas", names),)
    over = step.change > 0 and count > policy.bounds.max
    return (Reason(Code.AT_MAXIMUM, (count, policy.bounds.max), "replicas", names),) if over else ()


def _live(ctx: Context, workload: WorkloadRef) -> frozenset[ReplicaId]:
    return frozenset(one.id for one in ctx.replicas(workload) if one.state is not ReplicaState.STOPPING)


def _changed_since(record: StepRecord, workload: Workload) -> bool:
    """Our call came back and now the count is neither the old nor ours: it was set, and then somebody else set another."""
    intent = record.intent
    sent = record.status is StepStatus.SENT and intent is not None
    return sent and intent is not None and workload.wanted not in {intent.seen, intent.wanted}
