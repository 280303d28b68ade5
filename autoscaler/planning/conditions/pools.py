"""Conditions of `GrowPool`, `AwaitNode` and `ReleaseInstance`: nothing is launched twice, nothing goes that was not seen empty."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from autoscaler.model.commitments import BEGUN, Intent, StepRecord, StepStatus
from autoscaler.model.nodes import Instance, InstanceState, Node, NodeAvailability, NodeState
from autoscaler.model.observations import instance_of
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PoolName
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import AwaitNode, GrowPool, ReleaseInstance, RemoveNode
from autoscaler.planning.conditions.context import Context, others, stale, unknown
from autoscaler.planning.conditions.landing import Landing
from autoscaler.planning.conditions.machines import empty

MINUTE_MS = 60_000


def may_grow(step: GrowPool, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """The count is what it was when planned, but for what we released since; its policy allows the new one."""
    pool = ctx.pool(step.pool)
    if isinstance(pool, Unknown):
        return unknown(pool, step.pool)
    here, (sure, perhaps) = _apart(pool, record.intent), _released(step.pool, record, ctx)
    if _shown_late(step, pool, record, ctx):
        return (Reason(Code.WAITING, names=(step.pool,)),)
    if here not in range(step.seen - sure - perhaps, step.seen + 1):
        return (Reason(Code.CHANGED_BY_OTHERS, (step.seen, here), "nodes", (step.pool,)),)
    policy, wanted = ctx.policies.pool(step.pool), here + step.wanted - step.seen
    over = policy is not None and wanted > policy.spec.max
    if policy and over:
        return (Reason(Code.POOL_AT_MAXIMUM, (wanted, policy.spec.max), "nodes", (step.pool,)),)
    return _too_fast(record, ctx, step.wanted - step.seen)


def grown(step: GrowPool, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """The count is as asked, or as many new machines as asked are seen, whatever was released meanwhile."""
    pool = ctx.pool(step.pool)
    if isinstance(pool, Unknown):
        return None
    if record.intent is None:
        return () if pool.wanted >= step.wanted else None
    return () if _arrived(step, record.intent, pool) else None


def grow_intent(step: GrowPool, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    """Absolute, from the count just read; the machines there, to tell the new ones."""
    del record
    pool = ctx.pool(step.pool)
    if isinstance(pool, Unknown):
        return intent
    before = tuple(one.ref.id for one in pool.instances)
    return replace(intent, seen=pool.wanted, wanted=pool.wanted + step.wanted - step.seen, before=before)


def grow_landed(step: GrowPool, intent: Intent, ctx: Context) -> Landing:
    """By the count and by new machines: clouds show the one before the other. What it launched may be shown in part."""
    pool = ctx.pool(step.pool)
    if isinstance(pool, Unknown):
        return Landing.UNSEEN
    if _arrived(step, intent, pool):
        return Landing.APPLIED
    strange = any(one.token != intent.token for one in _new(step, intent, pool))
    return Landing.UNTOUCHED if _apart(pool, intent) == intent.seen and not strange else Landing.CHANGED


def may_await_node(step: AwaitNode, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """The pool can be seen."""
    del record
    pool = ctx.pool(step.pool)
    return unknown(pool, step.pool) if isinstance(pool, Unknown) else ()


def nodes_there(step: AwaitNode, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """`count` nodes of the pool are ready and open, and their machines run."""
    del record
    pool = ctx.pool(step.pool)
    if isinstance(pool, Unknown):
        return None
    usable = [node for node in ctx.state.nodes if _usable(node, instance_of(pool, node))]
    return () if len(usable) >= step.count else None


def may_release(step: ReleaseInstance, record: StepRecord, ctx: Context) -> tuple[Reason, ...]:
    """This very machine, seen empty of all but daemons on both sides at one time, and the pool stays at its minimum or above."""
    pool = ctx.pool(step.pool)
    if isinstance(pool, Unknown):
        return unknown(pool, step.pool)
    instance = _instance(step, pool)
    if instance is None:
        return ()
    held = _deserted(step, instance, ctx) or stale(ctx, pool.read_at) or _keeps_minimum(record, pool, ctx)
    return held or _too_fast(record, ctx, 1)


def released(step: ReleaseInstance, record: StepRecord, ctx: Context) -> tuple[Reason, ...] | None:
    """The cloud shows it no more, or stopping."""
    del record
    pool = ctx.pool(step.pool)
    if isinstance(pool, Unknown):
        return None
    instance = _instance(step, pool)
    return () if instance is None or instance.state is InstanceState.STOPPING else None


def release_intent(step: ReleaseInstance, record: StepRecord, ctx: Context, intent: Intent) -> Intent:
    """The count before and after."""
    del record
    pool = ctx.pool(step.pool)
    return intent if isinstance(pool, Unknown) else replace(intent, seen=pool.wanted, wanted=pool.wanted - 1)


def release_landed(step: ReleaseInstance, intent: Intent, ctx: Context) -> Landing:
    """By this machine alone; asking again is harmless."""
    del intent
    pool = ctx.pool(step.pool)
    if isinstance(pool, Unknown):
        return Landing.UNSEEN
    instance = _instance(step, pool)
    there = instance is not None and instance.state is not InstanceState.STOPPING
    return Landing.UNTOUCHED if there else Landing.APPLIED


def _deserted(step: ReleaseInstance, instance: Instance, ctx: Context) -> tuple[Reason, ...]:
    """Why the machine does not count as empty. Seen by its cloud alone it may be joining or lost, unless it failed or never joined."""
    namesakes = [node for node in ctx.state.nodes if node.name == instance.node_name]
    if step.node is not None and ctx.node(step.node):
        strangers = [node.name for node in namesakes if node.ref != step.node] or _misnamed(step, instance, ctx)
        return (Reason(Code.GONE_FROM_CLUSTER, names=tuple(strangers)),) if strangers else empty(step.node, ctx)
    if namesakes:
        return (Reason(Code.NODE_JOINING, names=(instance.node_name,)),)
    removed = step.node is not None and _removed_by_us(step, ctx)
    sure = removed or instance.state is InstanceState.FAILED or instance.absent
    return () if sure else (Reason(Code.NODE_JOINING, names=(instance.node_name,)),)


def _too_fast(record: StepRecord, ctx: Context, change: int) -> tuple[Reason, ...]:
    """Machines change no faster than allowed at the moment of acting, too: steps planned minutes apart may come due at once."""
    told = Counter((entry.subject, one.at, one.change) for entry in ctx.histories.entries for one in entry.events if not one.foreign)
    known = told | Counter(_journalled(record, ctx))
    lately = (often * abs(by) for (name, at, by), often in known.items() if name.startswith("pool:") and at > ctx.now - MINUTE_MS)
    changed = change + sum(lately)
    most = ctx.policies.limits.nodes_per_minute
    return (Reason(Code.TOO_FAST, (changed, most, MINUTE_MS), "nodes"),) if changed > most else ()


def _journalled(record: StepRecord, ctx: Context) -> Iterator[tuple[str, Instant, int]]:
    """What this plan's other steps changed. Histories call it by the same instant once it ended, if no crash lost it in between."""
    for one in others(ctx, record):
        step = one.planned.step
        if isinstance(step, GrowPool | ReleaseInstance) and one.intent and one.status in BEGUN:
            at = (one.ended_at if one.status is StepStatus.DONE else None) or one.acted
            yield f"pool:{step.pool}", at, one.intent.wanted - one.intent.seen


def _misnamed(step: ReleaseInstance, instance: Instance, ctx: Context) -> list[str]:
    node = ctx.node(step.node) if step.node else None
    return [node.name] if node and node.name != instance.node_name else []


def _removed_by_us(step: ReleaseInstance, ctx: Context) -> bool:
    done = (record.planned.step for record in ctx.commitments.records if record.status is StepStatus.DONE)
    return any(isinstance(one, RemoveNode) and one.node == step.node for one in done)


def _keeps_minimum(record: StepRecord, pool: PoolState, ctx: Context) -> tuple[Reason, ...]:
    """A failed machine is in no count, so giving it back lowers none; one that never joined is worth nothing to any."""
    policy, step = ctx.policies.pool(pool.pool), record.planned.step
    instance = _instance(step, pool) if isinstance(step, ReleaseInstance) else None
    if policy is None or (instance and (instance.state is InstanceState.FAILED or instance.absent)):
        return ()
    left = pool.wanted - sum(one.absent for one in pool.instances) - 1 - _under_way(record, pool, ctx)
    return (Reason(Code.POOL_AT_MINIMUM, (left, policy.spec.min), "nodes", (pool.pool,)),) if left < policy.spec.min else ()


def _under_way(record: StepRecord, pool: PoolState, ctx: Context) -> int:
    """Other releases begun that the cloud does not show yet."""
    steps = [one.planned.step for one in others(ctx, record) if one.status in BEGUN]
    shown = [_instance(step, pool) for step in steps if isinstance(step, ReleaseInstance) and step.pool == pool.pool]
    return sum(1 for one in shown if one is not None and one.state in (InstanceState.LAUNCHING, InstanceState.RUNNING))


def _released(pool: PoolName, record: StepRecord, ctx: Context) -> tuple[int, int]:
    """How many machines of the pool we gave back in this plan: surely, and perhaps."""
    mine = [
        one.status
        for one in others(ctx, record)
        if isinstance(one.planned.step, ReleaseInstance) and one.planned.step.pool == pool and one.status in BEGUN
    ]
    return mine.count(StepStatus.DONE), len(mine) - mine.count(StepStatus.DONE)


def _shown_late(step: GrowPool, pool: PoolState, record: StepRecord, ctx: Context) -> bool:
    """The launch before it is done by its machines, and the cloud does not show its count yet."""
    before = [one for one in others(ctx, record) if one.planned.id in record.planned.after and one.status is StepStatus.DONE]
    counts = [one.intent for one in before if isinstance(one.planned.step, GrowPool) and one.planned.step.pool == step.pool]
    return any(one is not None and one.seen == pool.wanted < one.wanted for one in counts)


def _arrived(step: GrowPool, intent: Intent, pool: PoolState) -> bool:
    return pool.wanted >= intent.wanted or len(_new(step, intent, pool)) >= intent.wanted - intent.seen


def _apart(pool: PoolState, intent: Intent | None) -> int:
    """Its count without what this very request launched so far."""
    mine = (one for one in pool.instances if intent and one.token == intent.token)
    return pool.wanted - sum(one.state in (InstanceState.LAUNCHING, InstanceState.RUNNING) for one in mine)


def _new(step: GrowPool, intent: Intent, pool: PoolState) -> list[Instance]:
    """Machines of its kind that came since, in whatever state: a launch that failed was a launch."""
    found = [one for one in pool.instances if one.ref.id not in intent.before]
    return [one for one in found if step.offering in (None, one.offering)]


def _instance(step: ReleaseInstance, pool: PoolState) -> Instance | None:
    return next((one for one in pool.instances if one.ref == step.instance), None)


def _usable(node: Node, instance: Instance | None) -> bool:
    runs = instance is not None and instance.state is InstanceState.RUNNING
    return runs and node.state is NodeState.READY and node.availability is NodeAvailability.OPEN
