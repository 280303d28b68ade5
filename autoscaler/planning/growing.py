"""The operations that open machines, and that wait for those on their way."""

from collections import Counter

from autoscaler.model.nodes import InstanceState, NodeAvailability, NodeState
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import NodeRef, OfferingName, PoolName
from autoscaler.model.steps import AwaitNode, GrowPool
from autoscaler.placement import HostState, Placement, Problem
from autoscaler.planning.drafts import QUICK, START, Draft, DraftStep
from autoscaler.planning.facts import Facts, Machine


def grow(facts: Facts, problem: Problem, placement: Placement, closing: frozenset[NodeRef]) -> list[Draft]:
    """One per pool that opens machines or whose machines to come are counted on. `closing`: nodes that will not be open then."""
    used = {one.host for one in placement.assignments} | {one.target for one in placement.moves}
    joining = Counter(host.pool for host in problem.hosts if host.state is HostState.JOINING and host.key in used)
    opened = Counter(one.pool for one in placement.opens)
    pools = sorted({pool for pool in (*joining, *opened) if pool})
    usable = {pool: _usable(facts, problem, pool, closing) for pool in pools}
    spare = Counter(one.pool for one in placement.opens if one.spare and one.key not in used)
    return [_grow(facts, placement, pool, usable[pool] + joining[pool] + opened[pool] - spare[pool], usable[pool]) for pool in pools]


def _grow(facts: Facts, placement: Placement, pool: PoolName, count: int, usable: int) -> Draft:
    """Launch what is to be opened, one kind of machine after the other, then wait until `count` can be used.

    Nobody waits for machines whose room is only to be kept free.
    """
    steps: list[DraftStep] = []
    reasons, seen = _why(placement, pool), facts.pools[pool].wanted
    for offering, opened in _kinds(facts, placement, pool):
        launch = GrowPool(pool=pool, seen=seen, wanted=seen + opened, offering=offering)
        steps.append(DraftStep(step=launch, after=(len(steps) - 1,) if steps else (), timeout=QUICK, reasons=reasons))
        seen += opened
    if count > usable or not steps:
        steps.append(DraftStep(step=AwaitNode(pool=pool, count=count), after=(len(steps) - 1,) if steps else (), timeout=START))
    return Draft(operation=f"grow {pool}", steps=tuple(steps), pool=pool, reasons=reasons)


def _kinds(facts: Facts, placement: Placement, pool: PoolName) -> list[tuple[OfferingName | None, int]]:
    """How many of which offering; a pool that offers one kind is not told which.

    Spot comes last: where a chain breaks off, the pool keeps to its share of that.
    """
    opened = Counter(one.offering for one in placement.opens if one.pool == pool)
    spot = {one.name: one.spot for one in facts.pools[pool].offerings}
    if len(spot) > 1:
        return [(name, opened[name]) for name in sorted(opened, key=lambda name: (spot.get(name, False), name))]
    return [(None, opened.total())] if opened else []


def _usable(facts: Facts, problem: Problem, pool: PoolName, closing: frozenset[NodeRef]) -> int:
    """Nodes of the pool that are ready and open, or about to be opened again."""
    back = {host.key for host in problem.hosts if host.state is HostState.RETURNING}
    machines = (one for one in facts.machines.values() if one.pool == pool and one.node.ref not in closing)
    return sum(one.node.ref.id in back or _open(one) for one in machines)


def _open(machine: Machine) -> bool:
    node, runs = machine.node, machine.instance is not None and machine.instance.state is InstanceState.RUNNING
    return runs and node.state is NodeState.READY and node.availability is NodeAvailability.OPEN


def _why(placement: Placement, pool: PoolName) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reason for one in placement.opens if one.pool == pool for reason in one.reasons))
