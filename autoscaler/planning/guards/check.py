"""All guards in their order: counts before placement, operations after."""

from collections.abc import Iterable
from dataclasses import dataclass

from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, WorkloadRef
from autoscaler.planning.drafts import Draft, destructive
from autoscaler.planning.facts import Facts
from autoscaler.planning.guards.budget import Closings
from autoscaler.planning.guards.freezing import frozen_operation, frozen_workload
from autoscaler.planning.guards.freshness import stale_cluster, stale_pool, stale_rotation
from autoscaler.planning.guards.health import launches_failing, replicas_failing, unhealthy
from autoscaler.planning.guards.modes import asked, passive_operation, passive_workload
from autoscaler.planning.guards.retrying import failed_lately
from autoscaler.planning.guards.velocity import nodes_left, replicas_left


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """Operations that stay, and those taken out, each with why."""

    stays: tuple[Draft, ...]
    out: tuple[tuple[Draft, tuple[Reason, ...]], ...] = ()


def replicas_allowed(facts: Facts, ref: WorkloadRef, change: int) -> tuple[int, tuple[Reason, ...]]:
    """As much of `change` as may happen now, and why not all."""
    reasons = frozen_workload(facts, ref) + passive_workload(facts, ref)
    if change < 0:
        reasons += unhealthy(facts) + launches_failing(facts) + stale_rotation(facts, ref) + stale_cluster(facts)
    if reasons:
        return 0, reasons
    left = replicas_left(facts, ref)
    if abs(change) <= left:
        return change, ()
    return (left if change > 0 else -left), (Reason(Code.TOO_FAST, (abs(change), left), "replicas", (str(ref),)),)


def guard(facts: Facts, drafts: Iterable[Draft], *, closing: frozenset[NodeRef], going_on: frozenset[str] = frozenset()) -> Guarded:
    """Take out what may not be, then what rests on it.

    `closing`: nodes being closed already. `going_on`: operations that only go on with what was begun, and are in no budget anew.
    """
    stays: list[Draft] = []
    out: list[tuple[Draft, tuple[Reason, ...]]] = []
    wrong, closings, closes = troubles(facts), Closings.of(facts, closing), 0
    for draft in drafts:
        begins = draft.operation not in going_on
        reasons = frozen_operation(facts, draft)
        reasons = reasons or ((passive_operation(facts, draft) or failed_lately(facts, draft)) if begins else ())
        reasons = reasons or _taking_away(facts, draft, wrong)
        if not reasons and begins and draft.node and draft.verb == "close":
            reasons = _pace(facts, draft, closings, closes) if facts.ends_at(draft.node) is None else ()  # no pace holds its cloud back
            if not reasons:
                closings.begin(draft.node)
                closes += 1
        if reasons:
            out.append((draft, reasons))
        else:
            stays.append(draft)
    return _without_orphans(stays, out)


def troubles(facts: Facts) -> tuple[Reason, ...]:
    """Why nothing in the cluster is taken away."""
    return unhealthy(facts) + launches_failing(facts) + stale_cluster(facts)


def unfit(facts: Facts, ref: WorkloadRef) -> tuple[Reason, ...]:
    """Why no replica of the workload is taken away."""
    return stale_rotation(facts, ref) + replicas_failing(facts, ref)


def withheld_alone(facts: Facts, draft: Draft) -> tuple[Reason, ...]:
    """Why the operation, not begun, could not be, whatever else is planned, and whatever is wrong with the cluster or its workloads."""
    reasons = frozen_operation(facts, draft) or passive_operation(facts, draft) or failed_lately(facts, draft)
    return reasons or (stale_pool(facts, draft.pool) if draft.pool else ())


def _pace(facts: Facts, draft: Draft, closings: Closings, closes: int) -> tuple[Reason, ...]:
    if closes >= nodes_left(facts):
        return (Reason(Code.TOO_FAST, (closes + 1, nodes_left(facts)), "nodes"),)
    if over := closings.over():
        return over
    return () if asked(facts, draft.node) else closings.spent(draft.node) + closings.staying(draft.workloads)


def _taking_away(facts: Facts, draft: Draft, wrong: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """`wrong`: with the cluster as a whole."""
    if draft.verb not in ("close", "rebalance") or not any(destructive(one.step) for one in draft.steps):
        return ()
    machine = facts.machines.get(draft.node) if draft.node else None
    reasons = wrong
    for ref in draft.workloads:
        reasons += unfit(facts, ref)
    if machine and machine.pool:
        reasons += stale_pool(facts, machine.pool)
    return reasons


def _without_orphans(stays: list[Draft], out: list[tuple[Draft, tuple[Reason, ...]]]) -> Guarded:
    """Steps whose operation rests on one taken out go too; an operation that loses a step before its end goes whole."""
    roots = {draft.operation: frozenset((draft.operation,)) for draft, _ in out}
    while any(_rests_on(draft, roots) for draft in stays) if roots else False:
        before, stays = stays, []
        for draft in before:  # mostly those that rest on others come after them
            if _rests_on(draft, roots):
                stays += _cut(draft, roots, out)
            else:
                stays.append(draft)
    return Guarded(stays=tuple(stays), out=tuple(out))


Roots = dict[str, frozenset[str]]
"""Of each operation that is out, those that it rests on which are out for their own sake."""


def _rests_on(draft: Draft, roots: Roots) -> bool:
    return not all(roots.keys().isdisjoint(one.needs) for one in draft.steps)


def _cut(draft: Draft, roots: Roots, out: list[tuple[Draft, tuple[Reason, ...]]]) -> list[Draft]:
    """What stays of it: a count may go part of the way; nothing else may."""
    first = next(place for place, one in enumerate(draft.steps) if not roots.keys().isdisjoint(one.needs))
    why = frozenset[str]().union(*(roots[name] for one in draft.steps for name in one.needs if name in roots))
    reasons = (Reason(Code.DEPENDS_ON_WITHHELD, names=tuple(sorted(why))),)
    roots[draft.operation] = roots.get(draft.operation, frozenset()) | why
    if draft.verb != "scale" or first == 0:
        out.append((draft, reasons))
        return []
    out.append((Draft(operation=draft.operation, steps=draft.steps[first:], workloads=draft.workloads), reasons))
    return [Draft(operation=draft.operation, steps=draft.steps[:first], workloads=draft.workloads)]
