"""Which nodes close now, and the operations that close them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Self

from autoscaler.model.nodes import Node, NodeAvailability
from autoscaler.model.plans import Move, Remark
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, PoolName, ReplicaId, WorkloadRef
from autoscaler.model.rows import rows
from autoscaler.model.steps import Fence
from autoscaler.model.workloads import Workload, WorkloadKind
from autoscaler.placement import Host, Placement, PoolOptions, Problem, Relocation, weighed
from autoscaler.planning.deadlines import START_ESTIMATE, forget, in_order, takes, too_late
from autoscaler.planning.drafts import QUICK, Draft, DraftStep
from autoscaler.planning.facts import Facts, promises
from autoscaler.planning.missing import joins_first
from autoscaler.planning.outbidding import without_swap
from autoscaler.planning.placing import bounds_of, needs_gap
from autoscaler.planning.recipes import Emptying, Part, recipe_for
from autoscaler.planning.replacing import awaited, replacing
from autoscaler.planning.standing import ON_REQUEST
from autoscaler.planning.targets import Targets, floor

Where = tuple[str, tuple[int, ...]]
"""A machine, and its devices, where they are ours to name."""

_Placed = tuple[WorkloadRef, tuple[ReplicaId, ...], tuple[Where, ...]]
"""Who goes of a workload, and where to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """One node to close. `going`: replicas that scale-downs end before. `settles`: workloads whose surge it has to give back.

    `stays`: workloads that are left there until the machine's cloud takes it. `taken`: it has.
    """

    node: Node
    moves: tuple[Relocation, ...]
    going: frozenset[ReplicaId] = frozenset()
    settles: tuple[WorkloadRef, ...] = ()
    tight: frozenset[WorkloadRef] = frozenset()
    reasons: tuple[Reason, ...] = ()
    stays: frozenset[WorkloadRef] = frozenset()
    taken: bool = False

    @property
    def outbid(self) -> bool:
        """Whether cheaper machines take its place."""
        return any(why.code is Code.OUTBID for why in self.reasons)


def needed(facts: Facts, placement: Placement, firm: frozenset[NodeRef]) -> dict[PoolName, int]:
    """Nodes per pool that placement has use for, whatever any window says."""
    spared = _per_pool(facts, (*placement.closes, *(ref.id for ref in firm)))
    opened = Counter(one.pool for one in placement.opens)
    pools = (pool for pool in facts.pools if facts.request.policies.pool(pool))
    return {pool: max(0, facts.pools[pool].wanted + opened[pool] - spared[pool]) for pool in pools}


def idle(facts: Facts, pool: PoolName, needed_now: int) -> tuple[int, tuple[Reason, ...]]:
    """Nodes the pool keeps: the most it had use for within its idle window; all of them until a full window has passed."""
    policy = facts.request.policies.pool(pool)
    if policy is None:
        return facts.pools[pool].wanted, ()
    window = policy.spec.idle.ms
    history = facts.request.histories.of(f"pool:{pool}")
    if window and (history.began is None or facts.now - history.began < window):
        return max(needed_now, facts.pools[pool].wanted), (Reason(Code.NO_HISTORY, (window,), "ms", (pool,)),)
    recent = [one.count for one in history.recommendations if one.at > facts.now - window]
    most = max([needed_now, *recent])
    why = Reason(Code.NOT_IDLE_LONG_ENOUGH, (most, needed_now, window), "needed, now, ms", (pool,))
    return most, (why,) if most > needed_now else ()


def superfluous(facts: Facts, placement: Placement, kept: frozenset[NodeRef]) -> tuple[list[Node], list[Remark]]:
    """Nodes to begin closing, best first, and why others wait. `kept`: those being closed already.

    Those that cheaper ones take the place of go with these, whatever any window says of the rest.
    """
    outbid = [facts.nodes[key] for key in placement.swap.closes] if placement.swap else []
    placement = without_swap(placement)
    uses = needed(facts, placement, frozenset(ref for ref in kept if ref.id not in placement.closes))
    opened = Counter(one.pool for one in placement.opens)
    nodes = facts.nodes
    begin: list[Node] = []
    remarks: list[Remark] = []
    asked = [nodes[key] for key in placement.closes if facts.must_empty(nodes[key]) and nodes[key].ref not in kept]
    for pool, use in uses.items():
        found = [nodes[key] for key in placement.closes if facts.machines[nodes[key].ref].pool == pool]
        free = [node for node in found if node.ref not in kept and node not in asked]
        stay, reasons = idle(facts, pool, use)
        have = facts.pools[pool].wanted + opened[pool] - _closing_in(facts, pool, kept) - sum(node in asked for node in found)
        over = facts.pools[pool].wanted - _most(facts, pool)
        count = max(0, min(len(free), max(have - stay, over)))
        begin += free[:count]
        remarks += [Remark(subject=f"node:{node.name}", reasons=reasons) for node in free[count:]]
    return asked + begin + outbid, remarks


def cause(facts: Facts, node: Node) -> Reason:
    """Why it closes, where nothing takes its place: its cloud takes it, somebody asked for it, or it can be spared."""
    at = facts.ends_at(node.ref)
    if at is not None:
        return takes(node, at)
    if facts.drained(node):
        return Reason(Code.DECIDED, names=(ON_REQUEST,))
    return Reason(Code.FITS_ELSEWHERE if facts.live_on(node.ref) else Code.EMPTY_NODE, names=(node.name,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """Machines by name and pools, to tell of closings what placement held against each other."""

    hosts: dict[str, Host]
    pools: dict[PoolName | None, PoolOptions]

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Of all there are."""
        return cls(hosts={one.key: one for one in problem.hosts}, pools={one.name: one for one in problem.pools})

    def told(self, closing: Closing) -> Closing:
        """With what it saves and what its moves are priced at, where that decided."""
        host = self.hosts[closing.node.ref.id]
        pool = self.pools.get(host.pool)
        weighs = pool is not None and not (host.must_close or closing.outbid)
        found = weighed(pool, host, sum(one.count for one in closing.moves)) if pool and weighs else None
        told = found is not None and found.code in (Code.PAYS, Code.PAYS_UNKNOWN)
        return replace(closing, reasons=(*closing.reasons, found)) if found and told else closing


def close(facts: Facts, targets: Targets, closing: Closing) -> Draft | Remark:
    """The operation that closes the node; or why there is none now."""
    node, name = closing.node, f"node:{closing.node.name}"
    recipe = recipe_for(facts.state.capabilities)
    if recipe is None:
        return Remark(subject=name, reasons=(Reason(Code.NO_RECIPE, names=(node.name,)),))
    parts = in_order(facts, node, _parts(facts, targets, closing))
    if closing.taken:
        settling = recipe.expand(Emptying(node=node, parts=parts, moves=facts.state.capabilities.moves))
        return forget(node, settling, tuple(part.workload for part in parts))
    # Where somebody else places, targets are expected and no more.
    named = dict.fromkeys(target for part in parts for target in part.targets) if facts.state.capabilities.bound else {}
    found = tuple([(key, facts.nodes[key].ref) for key in named if key in facts.nodes])
    machine = facts.machines[node.ref]
    pool = facts.managed_pool(node.ref)
    waits = len(found) < len(named)
    if waits and not (closing.outbid and node.availability is NodeAvailability.OPEN):
        coming = tuple(key for key in named if key not in facts.nodes)
        late = (why for part in parts for why in too_late(facts, node, part))
        return Remark(subject=name, reasons=(Reason(Code.NODE_JOINING, names=coming), *late))
    emptying = Emptying(
        node=node,
        parts=parts,
        moves=facts.state.capabilities.moves,
        pool=pool,
        instance=machine.instance.ref if machine.instance and pool else None,
        found=found,
        ends=facts.ends_at(node.ref) is not None,
        stays=bool(closing.stays),
    )
    # Where a replica's place has to be there before it is named, the node is kept shut until then.
    steps = (DraftStep(step=Fence(node=node.ref), timeout=QUICK),) if waits else recipe.expand(emptying)
    if not steps:
        return Remark(subject=name, reasons=(Reason(Code.EMPTY_NODE, names=(node.name,)),))
    return Draft(
        operation=f"close {node.name}",
        steps=steps,
        node=node.ref,
        pool=pool,
        workloads=tuple(part.workload for part in parts),
        moves=as_moves(facts, closing.moves, recipe.name),
        reasons=closing.reasons,
        late=tuple((part.workload, why) for part in parts for why in too_late(facts, node, part)),
    )


def keeping_minimum(facts: Facts, drafts: list[Draft], kept: frozenset[NodeRef], grows: frozenset[str]) -> list[Draft]:
    """The closes; where all of them would leave a pool too small, none gives its machine back before the pool has grown.

    `kept`: nodes being closed already. `grows`: operations planned or under way.
    """
    small = short(facts, (*kept, *(one.node for one in drafts if one.node)))
    found = ((one, f"grow {one.pool}") for one in drafts)
    return [one.releasing_after(name) if one.pool in small and name in grows else one for one, name in found]


def short(facts: Facts, closing: Iterable[NodeRef]) -> frozenset[PoolName]:
    """Pools that would be below their minimum without these nodes."""
    ending = _per_pool(facts, tuple(ref.id for ref in closing))
    return frozenset(pool for pool, count in ending.items() if facts.pools[pool].wanted - count < _least(facts, pool))


def gap_of(facts: Facts, ref: WorkloadRef) -> Duration:
    """About how long a replica is away while it moves: 0 where its replacement comes first."""
    workload = facts.workloads[ref]
    if not (needs_gap(workload) and facts.availability(ref).allow_gap):
        return Duration(0)
    return Duration(workload.stop_grace.ms + START_ESTIMATE.ms)


def _least(facts: Facts, pool: PoolName) -> int:
    policy = facts.request.policies.pool(pool)
    return bounds_of(facts, policy.spec)[0] if policy else 0


def _most(facts: Facts, pool: PoolName) -> int:
    policy = facts.request.policies.pool(pool)
    return bounds_of(facts, policy.spec)[1] if policy else facts.pools[pool].wanted


def _closing_in(facts: Facts, pool: PoolName, kept: frozenset[NodeRef]) -> int:
    machines = (facts.machines.get(ref) for ref in kept)
    return sum(machine is not None and machine.counted_in == pool for machine in machines)


def _per_pool(facts: Facts, keys: tuple[str, ...]) -> Counter[PoolName]:
    if not keys:
        return Counter()
    pools = {ref.id: machine.counted_in for ref, machine in facts.machines.items()}
    return Counter([pool for pool in (pools.get(key) for key in sorted(set(keys))) if pool])


def _parts(facts: Facts, targets: Targets, closing: Closing) -> tuple[Part, ...]:
    """Every workload on the node, and those that left it already with a surge of ours to give back."""
    there: dict[WorkloadRef, list[ReplicaId]] = {ref: [] for ref in closing.settles}
    for ref, some in {} if closing.taken else facts.held_on(closing.node.ref).items():
        staying = [one.id for one in some if one.id not in closing.going]
        if staying and ref not in closing.stays:
            there[ref] = staying
    where: dict[WorkloadRef, list[Where]] = defaultdict(list)
    bound, ends = facts.state.capabilities.bound, facts.ends_at(closing.node.ref) is not None
    for workload, count, _, target, devices in closing.moves if bound or ends else ():  # else nobody asks
        where[workload] += [(target, one) for one in devices] if devices else [(target, ())] * count
    found = ((ref, tuple(sorted(ids)), tuple(where[ref])) for ref, ids in sorted(there.items()))
    if bound:
        found = (_with_places(facts, *one) for one in found)
    parts = tuple(_part(facts, targets, closing, ref, replicas=ids, where=keys) for ref, ids, keys in found)
    if not bound or ends:
        return parts
    minding = [facts.workloads[one.workload] for one in parts if facts.workloads[one.workload].shape.constraints]
    return tuple(replace(one, beside=_beside(facts.workloads[one.workload], minding)) for one in parts) if minding else parts


def _beside(one: Workload, minding: list[Workload]) -> tuple[WorkloadRef, ...]:
    return tuple(other.ref for other in minding if joins_first(other, one))


def _with_places(facts: Facts, ref: WorkloadRef, ids: tuple[ReplicaId, ...], keys: tuple[Where, ...]) -> _Placed:
    """First those whose replacements stand or come already; of the others, who has no place to go to stays until there is one."""
    known = replacing(facts, ref).keys() | awaited(facts, ref)
    begun, left = tuple(one for one in ids if one in known), tuple(one for one in ids if one not in known)
    return ref, begun + left[: len(keys)], keys[: len(left)]


def _part(
    facts: Facts,
    targets: Targets,
    closing: Closing,
    ref: WorkloadRef,
    *,
    replicas: tuple[ReplicaId, ...],
    where: tuple[Where, ...],
) -> Part:
    availability, workload = facts.availability(ref), facts.workloads[ref]
    ends = workload.kind is WorkloadKind.JOB  # its replicas end by themselves: there is no count to wait for
    base = 0 if ends else targets[ref].count if ref in targets else facts.base(ref)
    least, most, gap = floor(facts, targets, ref), availability.most_extra(facts.base(ref)), gap_of(facts, ref)
    serving = facts.serving[ref] - closing.going if closing.going else facts.serving[ref]
    promising = [one.id for one in facts.held_on(closing.node.ref).get(ref, ()) if promises(one)]
    leaving, booked = len(set(promising).intersection(replicas)), facts.surge(ref) if ref in closing.settles else 0
    # Its own surge is there or will be; one of another move is none of its business.
    have = max(len(serving), facts.base(ref) + booked) if booked else min(len(serving), facts.base(ref))
    spare = have - least
    bound = facts.state.capabilities.bound
    replaced = {old: new for old, new in replacing(facts, ref).items() if old in replicas} if bound else {}
    surge = most if bound else max(0, leaving - max(0, spare))
    return Part(
        workload=ref,
        replicas=replicas,
        seen=workload.wanted,
        base=base,
        floor=least,
        surge=0 if gap.ms else surge,
        booked=booked,
        at_once=max(1, most or spare),
        tight=ref in closing.tight or booked > 0,
        homeless=len(facts.homeless(ref)),
        elsewhere=len(serving) - len(serving.intersection(replicas)) - sum(one in serving for one in replaced.values()),
        replaced=frozenset(replaced) | (awaited(facts, ref) & set(replicas) if bound else frozenset()),
        targets=tuple([target for target, _ in where]),
        devices=tuple([devices for _, devices in where]),
        traffic=availability.traffic,
        gap=gap,
        drain=availability.drain,
    )


def as_moves(facts: Facts, found: Sequence[Relocation], how: str) -> tuple[Move, ...]:
    """As the plan tells them; `how`: by which recipe."""
    if not found:
        return ()
    workloads, counts, sources, targets, _ = zip(*found, strict=True)
    nodes, expected = facts.nodes, not facts.state.capabilities.bound
    gaps, refs = {ref: gap_of(facts, ref) for ref in set(workloads)}, {key: nodes[key].ref for key in set(sources)}
    names = {key: nodes[key].name if key in nodes else key for key in set(targets)}
    leaving, going = map(refs.__getitem__, sources), map(names.__getitem__, targets)
    return tuple(rows(Move, workloads, counts, leaving, going, repeat(expected), repeat(how), map(gaps.__getitem__, workloads)))
