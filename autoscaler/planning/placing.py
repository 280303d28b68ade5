"""The question to placement: this cluster as machines, loads and demands."""

from dataclasses import dataclass
from functools import reduce
from operator import sub

from autoscaler.model.constraints import Labels, Taint
from autoscaler.model.devices import DeviceAsk
from autoscaler.model.leaving import in_order
from autoscaler.model.nodes import Node, NodeAvailability, NodeState
from autoscaler.model.observations import Capabilities
from autoscaler.model.policies import Unmanaged
from autoscaler.model.pools import Offering, PoolSpec, PoolState
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, PoolName, ReplicaId, WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.samples import Unknown
from autoscaler.model.workloads import Obstacle, Origin, Shape, Workload, WorkloadKind
from autoscaler.placement import Demand, Host, HostState, Load, Offer, PoolOptions, Problem, Resident
from autoscaler.planning.currencies import paid_in, ranked
from autoscaler.planning.facts import LIVING, Facts, Machine, ours, promises
from autoscaler.planning.guards.freezing import frozen
from autoscaler.planning.guards.modes import keeps_machine, passive_pool, passive_workload
from autoscaler.planning.guards.velocity import nodes_left
from autoscaler.planning.outbidding import unseen
from autoscaler.planning.recipes import recipe_for
from autoscaler.planning.replacing import replacing
from autoscaler.planning.targets import Targets, floor


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """Nodes that operations of the current plan close or open again: `firm` can only go on; cheaper machines replace `outbid`."""

    soft: frozenset[NodeRef] = frozenset()
    outbid: frozenset[NodeRef] = frozenset()
    firm: frozenset[NodeRef] = frozenset()
    returning: frozenset[NodeRef] = frozenset()


def problem(facts: Facts, targets: Targets, committed: Committed) -> Problem:
    """Machines under their nodes' ids, those on their way under their machines' names."""
    going = victims(facts, targets)
    loads = {ref: _load(facts, targets, workload, going, committed) for ref, workload in facts.workloads.items() if facts.counted(ref)}
    daemons, pools = _daemons(facts), [pool for pool in facts.pools if facts.request.policies.pool(pool)]
    return Problem(
        hosts=(*(_host(facts, machine, committed, daemons) for machine in facts.machines.values()), *_joining(facts, daemons)),
        loads=tuple(loads.values()),
        residents=_residents(facts, going),
        demands=_demands(facts, targets),
        pools=ranked([_options(facts, pool, daemons) for pool in pools], [facts.pools[pool] for pool in pools]),
        spread=not facts.state.capabilities.bound,
        later=_later(facts, targets),
        dearer=facts.request.policies.preferences.milli,
        names=facts.state.capabilities.bound and facts.state.capabilities.names_devices,
        daemons=tuple(Load(workload=ref, shape=one.shape, labels=one.labels) for ref, one in daemons.items()),
    )


Daemons = dict[WorkloadRef, Workload]
"""What runs on every node that may have it, where anybody minds who stands where."""


def _daemons(facts: Facts) -> Daemons:
    minded = any(one.shape.constraints or one.shape.preferences for one in facts.workloads.values())
    return {ref: one for ref, one in facts.workloads.items() if one.kind is WorkloadKind.GLOBAL} if minded else {}


def _will_run(daemons: Daemons, labels: Labels, taints: tuple[Taint, ...]) -> tuple[WorkloadRef, ...]:
    """Those that come to a machine of these labels as soon as it is there."""
    return tuple(ref for ref, one in daemons.items() if one.shape.may_stand(labels, taints))


def victims(facts: Facts, targets: Targets) -> frozenset[ReplicaId]:
    """Replicas that the scale-downs of this plan are expected to end."""
    gone: set[ReplicaId] = set()
    for ref, target in targets.items():
        if target.change < 0:
            gone |= set(leaving_order(facts, ref)[: -target.change])
    return frozenset(gone)


def leaving_order(facts: Facts, ref: WorkloadRef) -> tuple[ReplicaId, ...]:
    """Who goes first: as the orchestrator would have it, or, where we choose, whoever serves least, is one too many, came last."""
    workload = facts.workloads[ref]
    if workload.removal_order:
        return workload.removal_order
    serving = facts.serving[ref]
    there = (*facts.homeless(ref), *facts.live(ref))
    return in_order(there, lambda one: (one.id in serving, one.node is not None), workload.shape, facts.node)


def bounds_of(facts: Facts, spec: PoolSpec) -> tuple[int, int]:
    """The pool's bounds at this instant."""
    found = next((one for one in facts.request.bounds if one.pool == spec.name), None)
    return (found.min, found.max) if found else (spec.min, spec.max)


def _host(facts: Facts, machine: Machine, committed: Committed, daemons: Daemons) -> Host:
    node = machine.node
    running = (one for one in facts.here.get(node.ref, ()) if one.state in LIVING) if daemons else ()
    offering = facts.offering(machine.instance, machine.pool) if machine.pool and machine.instance else None
    return Host(
        key=node.ref.id,
        capacity=node.capacity,
        state=_state(facts, machine, committed),
        pool=machine.counted_in,
        used=_used(facts, node.ref),
        labels=node.labels,
        price=offering.price.micro if offering else 0,
        keep=keep_reasons(facts, machine),
        must_close=facts.must_empty(node) and node.ref not in committed.firm,
        ends_at=machine.ends_at,
        outbid=bool(committed.outbid) and node.ref in committed.outbid,
        zone=offering.zone if offering else "",
        spot=bool(offering and offering.spot),
        offering=offering.name if offering else None,
        taints=node.taints,
        emptied=node.availability is NodeAvailability.EMPTYING,
        devices=node.devices,
        holding=_holding(facts, node.ref),
        daemons=tuple(one.workload for one in running if one.workload in daemons),
    )


def _state(facts: Facts, machine: Machine, committed: Committed) -> HostState:
    node = machine.node
    if node.ref in committed.firm:
        return HostState.LEAVING
    if node.state is not NodeState.READY or node.name in facts.standing_by:
        again = node.availability is NodeAvailability.OPEN and facts.comes_again(machine)
        return HostState.JOINING if again else HostState.SHUT
    if node.ref in committed.returning:
        return HostState.RETURNING
    if node.availability is NodeAvailability.OPEN:
        return HostState.CLOSING if node.ref in committed.soft else HostState.OPEN
    if not ours(node) or (facts.rests(node) and node.ref not in committed.soft):
        return HostState.SHUT
    return HostState.CLOSING if node.ref in committed.soft else HostState.RETURNING


def keep_reasons(facts: Facts, machine: Machine) -> tuple[Reason, ...]:
    """Why the node may not be closed, whatever stands on it. One that has to be emptied need not be in a pool of ours."""
    node, names = machine.node, (machine.node.name,)
    if strangers := facts.strange and facts.strange.intersection(one.workload for one in facts.live_on(node.ref)):
        return (Reason(Code.WORKLOAD_UNKNOWN, names=tuple(sorted(map(str, strangers)))),)
    asked = facts.drained(node)
    lasting = () if asked or _never(node) else keeps_machine(facts, node.ref, machine.pool)
    if lasting:
        return lasting
    code = _never(node) or (None if facts.must_empty(node) else _not_ours(facts, machine))
    return (Reason(code, names=names),) if code else ()


def _never(node: Node) -> Code | None:
    if node.manager:
        return Code.NODE_IS_MANAGER
    return Code.NODE_NOT_READY if node.state is not NodeState.READY else None


def _not_ours(facts: Facts, machine: Machine) -> Code | None:
    """A node may seem to be in no pool only because its pool could not be read."""
    if machine.node.availability is not NodeAvailability.OPEN and not ours(machine.node):
        return Code.NODE_FENCED_BY_OTHERS
    if facts.managed_pool(machine.node.ref):
        return None
    blind = any(isinstance(view.state, Unknown) for view in facts.request.observation.pools)
    return Code.POOL_UNKNOWN if blind else Code.NODE_NOT_IN_POOL


def _used(facts: Facts, ref: NodeRef) -> Resources:
    """What stops there uses it until it is gone; so does what nobody can tell the workload of."""
    total, here = NOTHING, facts.here.get(ref, ())
    if len(here) == len(facts.live_on(ref)):
        return total
    for replica in here:
        workload = facts.workloads.get(replica.workload)
        if workload and facts.counted(replica.workload) and replica.state not in LIVING:
            total += facts.shape(workload).requests
    return total


def _holding(facts: Facts, ref: NodeRef) -> tuple[tuple[DeviceAsk, tuple[int, ...]], ...]:
    """The same of its devices."""
    here = facts.here.get(ref, ())
    if len(here) == len(facts.live_on(ref)):
        return ()
    going = (one for one in here if one.state not in LIVING and facts.counted(one.workload))
    asks = ((facts.workloads[one.workload].shape.device, one) for one in going if one.workload in facts.workloads)
    return tuple((ask, one.devices) for ask, one in asks if ask)


def _joining(facts: Facts, daemons: Daemons) -> list[Host]:
    hosts = []
    for pool in facts.pools:
        for instance in facts.joining(pool):
            offering = facts.offering(instance, pool)
            if offering and instance.ends_at is None:
                hosts.append(_to_join(instance.node_name or instance.ref.id, pool, offering, daemons))
        for number, name in enumerate(unseen(facts, pool), 1):
            if (pool, name) in facts.offered:
                hosts.append(_to_join(f"{pool} {number}", pool, facts.offered[pool, name], daemons))
    return hosts


def _to_join(key: str, pool: PoolName, offering: Offering, daemons: Daemons) -> Host:
    return Host(
        key=key,
        capacity=offering.capacity,
        state=HostState.JOINING,
        pool=pool,
        labels=offering.labels,
        price=offering.price.micro,
        zone=offering.zone,
        spot=offering.spot,
        offering=offering.name,
        taints=offering.taints,
        devices=offering.devices,
        daemons=_will_run(daemons, offering.labels, offering.taints),
    )


def _load(facts: Facts, targets: Targets, workload: Workload, going: frozenset[ReplicaId], committed: Committed) -> Load:
    ref, capabilities = workload.ref, facts.state.capabilities
    shape, availability = facts.shape(workload), facts.availability(workload.ref)
    serving, base, surge = _serving(facts, ref, going, committed), facts.base(ref), facts.surge(ref)
    coming = max(0, surge - max(0, serving - base))  # surged and not serving yet
    recipe = recipe_for(capabilities)
    beside = len(replacing(facts, ref)) if capabilities.bound else 0
    return Load(
        workload=ref,
        shape=shape,
        sure=capabilities.bound or (capabilities.reserves and shape.origin is Origin.DECLARED),
        spare=serving + coming - floor(facts, targets, ref),
        surge=availability.most_extra(base),
        lent=surge + beside,
        booked=min(surge + beside, max(0, len(facts.live(ref)) - base)),
        doubles=recipe is None or recipe.doubles,
        gap=needs_gap(workload) and availability.allow_gap,
        stuck=never_moves(facts, workload, capabilities),
        labels=workload.labels,
    )


def _serving(facts: Facts, ref: WorkloadRef, going: frozenset[ReplicaId], committed: Committed) -> int:
    """How many of those stay that serve, or would if closes had not taken them out."""
    serving, parting = facts.serving[ref], facts.parting(ref, committed.soft)
    return len((serving | parting) - going) if parting or going else len(serving)


def needs_gap(workload: Workload) -> bool:
    """Whether it cannot be in two places at once, or has no count to raise."""
    return bool(workload.obstacles) or workload.kind is WorkloadKind.JOB


def _immovable(workload: Workload) -> bool:
    """Whether it surely needs a gap: where host ports are known, placement finds out if there is a second place."""
    hard = set(workload.obstacles) - {Obstacle.HOST_PORT}
    return bool(hard) or workload.kind is WorkloadKind.JOB or (needs_gap(workload) and not workload.shape.host_ports)


def never_moves(facts: Facts, workload: Workload, capabilities: Capabilities) -> tuple[Reason, ...]:
    """Why the workload cannot be moved, wherever there is room."""
    availability, names = facts.availability(workload.ref), (str(workload.ref),)
    if recipe_for(capabilities) is None:
        return (Reason(Code.NO_RECIPE, names=names),)
    if not availability.managed and facts.request.policies.unmanaged is Unmanaged.LEAVE:
        return (Reason(Code.UNMANAGED_LEFT, names=names),)
    if not facts.request.drains and (passive := passive_workload(facts, workload.ref)):  # but for whoever asks by name
        return passive
    if workload.updating:
        return (Reason(Code.UPDATE_IN_PROGRESS, names=names),)
    if _immovable(workload) and not availability.allow_gap:
        return (Reason(Code.GAP_NOT_ALLOWED, names=(*names, *(one.value for one in workload.obstacles))),)
    return ()


def _residents(facts: Facts, going: frozenset[ReplicaId]) -> tuple[Resident, ...]:
    residents = list[Resident]()
    for ref in facts.machines:
        for workload, found in facts.held_on(ref).items():
            if workload in facts.workloads:
                serving, leaving = sum(map(promises, found)), sum([one.id in going for one in found]) if going else 0
                where = tuple([one.devices for one in found if one.devices])
                residents.append(Resident(workload=workload, host=ref.id, count=len(found), serving=serving, going=leaving, devices=where))
    return tuple(residents)


def _demands(facts: Facts, targets: Targets) -> tuple[Demand, ...]:
    """What the orchestrator was told and has not placed yet, then what we are about to tell it."""
    demands = []
    for ref, workload in facts.workloads.items():
        if workload.kind is not WorkloadKind.REPLICATED:
            continue
        told = facts.base(ref) - len(facts.live(ref))  # a surge is asked for by its own operation, which kept room for it
        extra = targets[ref].change if ref in targets else 0
        if told > 0:
            demands.append(Demand(workload=ref, count=told, told=True))
        if extra > 0:
            demands.append(Demand(workload=ref, count=extra))
    return tuple(demands)


def _later(facts: Facts, targets: Targets) -> tuple[Demand, ...]:
    """What is decided and held back by a limit or a guard, which lets it come in a while."""
    wanted = {one.workload: max(one.count, one.eventually) for one in facts.request.decisions}
    held = ((ref, wanted[ref] - max(one.count, one.base)) for ref, one in targets.items())
    return tuple(Demand(workload=ref, count=count) for ref, count in held if count > 0)


def _options(facts: Facts, pool: PoolName, daemons: Daemons) -> PoolOptions:
    """A pool that is frozen or may not act offers nothing; what may be opened now is bounded by the cluster's pace too.

    A machine that never joined makes up for none: another may come before it goes. One that rests has no room, and its rules hold.
    """
    state = facts.pools[pool]
    spec = facts.request.policies.pool(pool)
    low, high = bounds_of(facts, spec.spec) if spec else (0, 0)
    paying = spec.spec.consolidate if spec else None
    if frozen(facts, frozenset({f"pool:{pool}"})) or passive_pool(facts, pool):
        low, high = min(low, state.wanted), min(high, state.wanted)
        return PoolOptions(name=pool, count=state.wanted, min=low, max=high, consolidate=paying)
    count = state.wanted - sum(one.absent for one in state.instances)
    high = min(high, state.wanted + nodes_left(facts))
    if facts.resting(pool):
        low, high = min(low, count), min(high, count)
    lost = [facts.offering(one, pool) for one in facts.lost(pool)]
    return PoolOptions(
        name=pool,
        count=count,
        min=low,
        max=high,
        offers=_offers(facts, state, daemons),
        asks=spec.asks if spec else (),
        currency=paid_in(state),
        beside=sum(one.price.micro for one in lost if one),
        consolidate=paying,
        priority=spec.spec.priority if spec else 0,
    )


def _offers(facts: Facts, state: PoolState, daemons: Daemons) -> tuple[Offer, ...]:
    shapes = [each.shape for each in facts.workloads.values() if each.kind is WorkloadKind.GLOBAL]
    return tuple(_offer(facts, one, shapes, daemons) for one in sorted(state.offerings, key=lambda one: one.name))


def _offer(facts: Facts, one: Offering, shapes: list[Shape], daemons: Daemons) -> Offer:
    """What one of its machines leaves for replicas: what runs on every node will run there as well."""
    taken = (shape.requests for shape in shapes if shape.may_stand(one.labels, one.taints))
    return Offer(
        name=one.name,
        capacity=reduce(sub, taken, one.capacity),
        price=one.price.micro,
        labels=one.labels,
        sold_out=facts.now < one.sold_out_until,
        zone=one.zone,
        spot=one.spot,
        taints=one.taints,
        devices=one.devices,
        daemons=_will_run(daemons, one.labels, one.taints),
        standby=one.standby,
    )
