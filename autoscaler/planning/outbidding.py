"""Which nodes cheaper ones may take the place of now, what is being bought for that, and whether it is done at all: as a whole or not."""

from collections.abc import Mapping
from dataclasses import replace

from autoscaler.model.commitments import IN_FLIGHT, OPEN, StepRecord
from autoscaler.model.plans import Remark
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import OfferingName, PoolName, WorkloadRef
from autoscaler.model.steps import Fence, GrowPool
from autoscaler.placement import Bidding, Placement
from autoscaler.planning.drafts import Draft, DraftStep
from autoscaler.planning.facts import Facts, Machine
from autoscaler.planning.guards import Guarded, troubles, unfit, withheld_alone
from autoscaler.planning.guards.budget import Closings
from autoscaler.planning.guards.velocity import nodes_left
from autoscaler.planning.pricing import PAID
from autoscaler.planning.standing import Operation
from autoscaler.planning.targets import Targets

NEVER = Instant(2**62)
"""Of a workload none of whose replicas may go: after any instant."""


def bidding(facts: Facts, targets: Targets) -> Bidding:
    """None may go while anything is under way, decided or held back; nor one where somebody came or went within its pool's idle window."""
    busy = facts.request.commitments.open or facts.request.drains or troubles(facts)
    if busy or any(one.change or one.decided != one.base for one in targets.values()):
        return Bidding()
    starts = {pool: Instant(facts.now - _window(facts, pool).ms) for pool in facts.pools if not _changed(facts, pool)}
    changed = {ref: max((event.at for event in facts.lately.of(str(ref)).events), default=Instant(0)) for ref in facts.workloads}
    left, closings = nodes_left(facts), Closings.of(facts, frozenset())
    able = {ref: at for ref, at in changed.items() if not (unfit(facts, ref) or closings.staying((ref,)))}
    found = [one.node.ref for one in facts.machines.values() if one.pool in starts and _at_rest(facts, one, starts[one.pool], able)]
    most = min(facts.request.policies.limits.closing_at_once, left)
    rooms = {ref: room for ref in found if (room := closings.room(ref, most))}
    # As if all were of the pool and zone with least room: none is found that budgets would take a part of.
    return Bidding(hosts=frozenset(ref.id for ref in rooms), most=min(rooms.values(), default=0), bought=left)


def coming(facts: Facts) -> Bidding:
    """Of launches of machines that take others' place, what has not ended."""
    found = ((pool, name) for pool, state in facts.pools.items() for one in _launching(facts, pool) for name in _names(state, one))
    return Bidding(coming=tuple(found))


def why_outbid(operation: Operation) -> Reason | None:
    """The reason of a closing that was begun because cheaper machines take its node's place."""
    return next((why for one in operation.records for why in one.planned.reasons if why.code is Code.OUTBID), None)


def only_fences(operation: Operation) -> bool:
    """Whether all it does yet is to keep its node for the machines that are on their way."""
    return why_outbid(operation) is not None and all(isinstance(one.planned.step, Fence) for one in operation.records)


def too_early(facts: Facts, placement: Placement) -> tuple[Reason, ...]:
    """Why nobody knows yet how long what is to be replaced has been as it is."""
    swap = placement.swap
    pools = {facts.machines[facts.nodes[key].ref].pool for key in swap.closes} if swap else set()
    windows = [(pool, _window(facts, pool)) for pool in sorted(one for one in pools if one)]
    return tuple(Reason(Code.NO_HISTORY, (window.ms,), "ms", (pool,)) for pool, window in windows if _young(facts, pool, window))


def without_swap(placement: Placement) -> Placement:
    """As if nothing had been found to replace."""
    swap = placement.swap
    if swap is None:
        return placement
    return replace(
        placement,
        closes=tuple(key for key in placement.closes if key not in swap.closes),
        opens=tuple(one for one in placement.opens if one.key not in swap.opens),
        moves=tuple(one for one in placement.moves if one.source not in swap.closes),
        tight=tuple(one for one in placement.tight if one[0] not in swap.closes),
        rejected=(),
        swap=None,
    )


def put_off(facts: Facts, placement: Placement, why: tuple[Reason, ...]) -> list[Remark]:
    """What would be replaced, and why it is not now."""
    swap = placement.swap
    names = [facts.nodes[key].name for key in swap.closes] if swap else []
    return [Remark(subject=f"node:{name}", reasons=(swap.reason, *why)) for name in names if swap]


def lost(facts: Facts, placement: Placement, guarded: Guarded) -> tuple[Reason, ...]:
    """Why not all of it can be done now; nothing where it can."""
    swap = placement.swap
    if swap is None:
        return ()
    names = {f"close {facts.nodes[key].name}" for key in swap.closes}
    names |= {f"grow {one.pool}" for one in placement.opens if one.key in swap.opens}
    missing = names - {one.operation for one in guarded.stays}
    reasons = (
        why for draft, found in guarded.out if draft.operation in missing for why in found if why.code is not Code.DEPENDS_ON_WITHHELD
    )
    return tuple(dict.fromkeys(reasons)) or tuple(Reason(Code.WAITING, names=(name,)) for name in sorted(missing))


def unseen(facts: Facts, pool: PoolName) -> list[OfferingName]:
    """Machines that the pool was asked for, to take others' place, and does not show yet."""
    state = facts.pools[pool]
    missing = max(0, state.wanted - sum(one.state in PAID for one in state.instances))
    flying = (one for one in _launching(facts, pool) if one.status in IN_FLIGHT)
    return [name for one in flying for name in _names(state, one)][:missing]


def _launching(facts: Facts, pool: PoolName) -> list[StepRecord]:
    """Launches of machines that take others' place, as far as they have not ended."""
    records = (one for one in facts.request.commitments.records if one.status in OPEN)
    return [one for one in records if isinstance(one.planned.step, GrowPool) and one.planned.step.pool == pool and _outbids(one)]


def _names(state: PoolState, record: StepRecord) -> list[OfferingName]:
    """What it launches; a pool that offers one kind is not told which."""
    step = record.planned.step
    named = getattr(step, "offering", None) or next((one.name for one in state.offerings), None)
    return [named] * (step.wanted - step.seen) if named and isinstance(step, GrowPool) else []


def _outbids(record: StepRecord) -> bool:
    return any(why.code is Code.OUTBID for why in record.planned.reasons)


def _window(facts: Facts, pool: PoolName) -> Duration:
    policy = facts.request.policies.pool(pool)
    return policy.spec.idle if policy else Duration(0)


def _young(facts: Facts, pool: PoolName, window: Duration) -> bool:
    began = facts.request.histories.of(f"pool:{pool}").began
    return bool(window.ms) and (began is None or facts.now - began < window.ms)


def _changed(facts: Facts, pool: PoolName) -> bool:
    """Whether it needed now more nodes, now fewer."""
    start = facts.now - _window(facts, pool).ms
    return len({one.count for one in facts.request.histories.of(f"pool:{pool}").recommendations if one.at > start}) > 1


def _at_rest(facts: Facts, machine: Machine, start: Instant, changed: Mapping[WorkloadRef, Instant]) -> bool:
    """Whether nobody came to it since, no count of who stands there was `changed`, and no guard would hold its closing."""
    there = facts.live_on(machine.node.ref)
    if not there or any(one.started_at > start or changed.get(one.workload, NEVER) > start for one in there):
        return False
    workloads, name = tuple({one.workload: None for one in there}), f"close {machine.node.name}"
    step = DraftStep(step=Fence(node=machine.node.ref))
    return not withheld_alone(facts, Draft(operation=name, steps=(step,), node=machine.node.ref, pool=machine.pool, workloads=workloads))
