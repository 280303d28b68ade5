"""What a reader sees of a plan: every workload and pool it changes, and what was not done and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

from autoscaler.model.arrivals import namesake, strangers
from autoscaler.model.catalogue import is_old
from autoscaler.model.commitments import StepStatus
from autoscaler.model.nodes import Instance, InstanceState
from autoscaler.model.plans import NO_GAP, Goal, Move, PlannedStep, PoolChange, Remark, WorkloadChange
from autoscaler.model.policies import Unmanaged
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, OfferingName, PoolName, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import Evacuate, Purpose, ReleaseInstance, SetReplicas, StartReplica
from autoscaler.placement import Placement
from autoscaler.planning.closing import cause, gap_of
from autoscaler.planning.currencies import uncompared
from autoscaler.planning.facts import Facts
from autoscaler.planning.pricing import launches, opens
from autoscaler.planning.standing import touches
from autoscaler.planning.targets import Target, Targets

COUNTED = (InstanceState.LAUNCHING, InstanceState.RUNNING)


def goal(facts: Facts, targets: Targets, steps: tuple[PlannedStep, ...], closing: frozenset[NodeRef]) -> Goal:
    """The end these steps lead to."""
    found = _by_workload(steps)
    return Goal(
        replicas=tuple((ref, ending(facts, found[ref], ref)) for ref in sorted(targets)),
        closing=tuple(sorted(closing)),
        pools=tuple((pool, _machines_after(facts, steps, pool)) for pool in sorted(_managed(facts))),
    )


def ending(facts: Facts, steps: Iterable[PlannedStep], ref: WorkloadRef) -> int:
    """The workload's count once all the steps that touch it have ended, our surge not counted."""
    return facts.base(ref) + sum(_still_to_come(facts, one) for one in steps)


def workload_changes(facts: Facts, targets: Targets, steps: tuple[PlannedStep, ...], moves: tuple[Move, ...]) -> tuple[WorkloadChange, ...]:
    """Every workload a policy decides on or a step touches."""
    found, moved = _by_workload(steps), Counter[WorkloadRef]()
    for ref, some in groupby(moves, itemgetter(0)):
        moved[ref] += sum(map(itemgetter(1), some))
    shown = sorted((set(targets) | set(found)) & set(facts.workloads))
    return tuple(_workload(facts, targets.get(ref), found[ref], moved[ref], ref) for ref in shown)


def _by_workload(steps: tuple[PlannedStep, ...]) -> dict[WorkloadRef, list[PlannedStep]]:
    found: dict[WorkloadRef, list[PlannedStep]] = defaultdict(list)
    for one in steps:
        for ref in set(touches(one)):
            found[ref].append(one)
    return found


def pool_changes(facts: Facts, steps: tuple[PlannedStep, ...], placement: Placement, closing: frozenset[NodeRef]) -> tuple[PoolChange, ...]:
    """Every pool of a policy that was seen."""
    apart = uncompared(facts.pools[pool] for pool in _managed(facts))
    found = (_pool(facts, steps, placement, closing, pool) for pool in sorted(_managed(facts)))
    return tuple(replace(one, reasons=(*one.reasons, apart[one.pool])) if one.pool in apart else one for one in found)


def remarks(facts: Facts, targets: Targets, placement: Placement, more: list[Remark]) -> tuple[Remark, ...]:
    """What was not done: workloads held, replicas without a place, nodes kept, offerings left, parts unseen."""
    names = {node.ref.id: node.name for node in facts.state.nodes}
    found = [Remark(subject=str(ref), reasons=one.remarks) for ref, one in sorted(targets.items()) if one.remarks]
    found += [Remark(subject=str(one.workload), reasons=one.reasons, count=one.count) for one in placement.unplaced]
    found += [Remark(subject=str(one.workload), reasons=one.reasons) for one in placement.forgone]
    found += _updating(facts, targets)
    found += [Remark(subject=f"node:{names.get(one.host, one.host)}", reasons=one.reasons) for one in placement.kept]
    found += [Remark(subject=f"pool:{one.pool}/{one.offering}", reasons=one.reasons) for one in placement.rejected]
    found += [Remark(subject=f"pool:{one.pool}", reasons=one.reasons) for one in placement.lacking]
    found += _unseen(facts) + _unmanaged(facts)
    return tuple(dict.fromkeys([*more, *found]))


def _updating(facts: Facts, targets: Targets) -> list[Remark]:
    held = {ref for ref, one in targets.items() if one.remarks}
    busy = (one for one in facts.workloads.values() if one.updating and one.ref not in held)
    return [Remark(subject=str(one.ref), reasons=(Reason(Code.UPDATE_IN_PROGRESS, names=(str(one.ref),)),)) for one in busy]


def _unseen(facts: Facts) -> list[Remark]:
    """Pools that could not be read, and machines only their cloud sees."""
    found = [
        Remark(subject=f"pool:{view.pool}", reasons=(Reason(Code.POOL_UNKNOWN, names=(view.pool, view.state.why.value)),))
        for view in facts.request.observation.pools
        if isinstance(view.state, Unknown)
    ]
    for pool in facts.pools:
        joining, lost = facts.joining(pool), facts.lost(pool)
        if joining:
            names = tuple(one.node_name or one.ref.id for one in joining)
            found.append(Remark(subject=f"pool:{pool}", reasons=(Reason(Code.NODE_JOINING, names=names),), count=len(joining)))
        found += [Remark(subject=f"node:{one.node_name}", reasons=(_why_lost(facts, pool, one),)) for one in lost]
        if facts.resting(pool):
            state = facts.pools[pool]
            rest = Reason(Code.POOL_RESTS, (state.never_joined, state.rests_until), "times, instant", (pool,))
            found.append(Remark(subject=f"pool:{pool}", reasons=(rest,)))
    return found


def _why_lost(facts: Facts, pool: PoolName, instance: Instance) -> Reason:
    """Nobody ends what may be a node under another name: most of all where the pool says wrongly how its nodes are called."""
    if instance.absent:
        return Reason(Code.NEVER_JOINED, (facts.patience(pool).ms,), "ms", (instance.node_name,))
    known = facts.request.histories.of(f"pool:{pool}").arrivals.machines
    if any(one.instance == instance.ref.id and not one.joined for one in known):
        other = namesake(instance, strangers(facts.request.observation, facts.state))
        if other:
            return Reason(Code.NAMED_OTHERWISE, names=(instance.node_name, other.name))
    return Reason(Code.GONE_FROM_CLUSTER, names=(instance.node_name,))


def _unmanaged(facts: Facts) -> list[Remark]:
    if facts.request.policies.unmanaged is not Unmanaged.LEAVE:
        return []
    found = (one.ref for one in facts.workloads.values() if facts.counted(one.ref) and not facts.availability(one.ref).managed)
    return [Remark(subject=str(ref), reasons=(Reason(Code.UNMANAGED_LEFT, names=(str(ref),)),)) for ref in found]


def _workload(facts: Facts, target: Target | None, steps: list[PlannedStep], moved: int, ref: WorkloadRef) -> WorkloadChange:
    availability, before, after = facts.availability(ref), facts.base(ref), ending(facts, steps, ref)
    moves_at_all = any(isinstance(one.step, Evacuate | StartReplica) for one in steps)
    return WorkloadChange(
        workload=ref,
        before=before,
        after=after,
        floor=availability.least(before, after),
        moved=moved,
        gap=gap_of(facts, ref) if moves_at_all else NO_GAP,
        keeps=availability,
        reasons=target.reasons if target else (),
    )


def _pool(facts: Facts, steps: tuple[PlannedStep, ...], placement: Placement, closing: frozenset[NodeRef], pool: PoolName) -> PoolChange:
    names = opens(facts, steps, placement, pool)
    why = [reason for one in placement.opens if one.pool == pool for reason in one.reasons] if names else []
    closes = tuple(sorted(ref for ref in closing if ref in facts.machines and facts.machines[ref].pool == pool))
    outbid = placement.swap.closes if placement.swap else ()
    spared = [cause(facts, facts.machines[ref].node) for ref in closes if ref.id not in outbid]
    why += [placement.swap.reason] if placement.swap and len(spared) < len(closes) else []
    why += _together(spared) + list(_told(facts, pool, names))
    return PoolChange(
        pool=pool,
        before=facts.pools[pool].wanted,
        after=_machines_after(facts, steps, pool),
        opens=tuple(sorted(names.items())),
        closes=closes,
        reasons=tuple(dict.fromkeys(why)),
    )


def _told(facts: Facts, pool: PoolName, bought: Mapping[OfferingName, int]) -> Iterator[Reason]:
    """Of what is bought, how many stand by, and whose prices the policy file does not tell; whether those of the pool are old."""
    state = facts.pools[pool]
    for one in state.offerings:
        if started := min(one.standby, bought.get(one.name, 0)):
            yield Reason(Code.STARTS_STANDBY, (started,), "machines", (one.name,))
    told = [one for one in state.offerings if one.priced_at]
    for one in told:
        if one.name in bought:
            yield Reason(Code.PRICED_BY, (one.priced_at,), "instant", (one.name, str(one.price), one.priced_by))
    oldest = min((one.priced_at for one in told), default=state.read_at)
    if is_old(oldest, state.read_at):
        yield Reason(Code.PRICES_OLD, (oldest,), "instant", (pool,))


def _together(causes: list[Reason]) -> list[Reason]:
    """Of nodes that go for the same reason one that names them all; where it has a moment of its own, each its own."""
    named = dict.fromkeys(one.code for one in causes if not one.numbers)
    found = [Reason(code, names=tuple(dict.fromkeys(name for one in causes if one.code is code for name in one.names))) for code in named]
    return [one for one in causes if one.numbers] + found


def _machines_after(facts: Facts, steps: tuple[PlannedStep, ...], pool: PoolName) -> int:
    released = {one.step.instance for one in steps if isinstance(one.step, ReleaseInstance)}
    going = sum(one.state in COUNTED and one.ref in released for one in facts.pools[pool].instances) if released else 0
    return facts.pools[pool].wanted + launches(facts, steps, pool) - going


def _still_to_come(facts: Facts, planned: PlannedStep) -> int:
    """The part of a change of the count that was decided and is not in the count yet."""
    step = planned.step
    if not isinstance(step, SetReplicas) or step.purpose is not Purpose.SCALE:
        return 0
    record = facts.request.commitments.record(planned.id)
    if record is None or record.status is StepStatus.WAITING or record.intent is None:
        return step.change
    landed = record.status is StepStatus.DONE or facts.workloads[step.workload].wanted == record.intent.wanted
    return 0 if landed else step.change


def _managed(facts: Facts) -> list[PoolName]:
    return [pool for pool in facts.pools if facts.request.policies.pool(pool)]
