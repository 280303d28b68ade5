"""So many nodes closing at once: of the cluster, of a pool, of a pool's nodes in a zone; and who is not moved for now.

Somebody who asks for a node by name, and a cloud that takes one, are held by the cluster's count alone, or by nothing; they use up what
budgets leave for others.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from autoscaler.model.budgets import Budget, Per
from autoscaler.model.calendars import Window
from autoscaler.model.nodes import NodeState
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, PoolName, WorkloadRef
from autoscaler.planning.facts import Facts, Machine

Place = tuple[PoolName, str | None]
"""A pool; or its nodes in a zone."""


@dataclass(slots=True)
class Closings:
    """Nodes that close: `count` of them; and by place what is `there`, and what is `missing` of it for it closes or is not ready.

    `ends`: of each window asked about, until when it is open, if it is.
    """

    facts: Facts
    count: int = 0
    there: Counter[Place] = field(default_factory=Counter)
    missing: Counter[Place] = field(default_factory=Counter)
    ends: dict[Window, Instant | None] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Facts, closing: frozenset[NodeRef]) -> Self:
        """These close already."""
        found = cls(facts, count=len(closing))
        for ref, machine in facts.machines.items():
            here = _places(facts, machine)
            found.there.update(here)
            if ref in closing or machine.node.state is not NodeState.READY:
                found.missing.update(here)
        return found

    def begin(self, node: NodeRef) -> None:
        """One more."""
        self.count += 1
        machine = self.facts.machines.get(node)
        if machine and machine.node.state is NodeState.READY:
            self.missing.update(_places(self.facts, machine))

    def over(self) -> tuple[Reason, ...]:
        """Why the cluster as a whole lets no other begin."""
        most = self.facts.request.policies.limits.closing_at_once
        return (Reason(Code.OVER_BUDGET, (self.count + 1, most), "nodes"),) if self.count >= most else ()

    def spent(self, node: NodeRef | None) -> tuple[Reason, ...]:
        """Why the budgets of the node's pool do not let it begin. One that is not ready is missing already."""
        machine = self.facts.machines.get(node) if node else None
        policy = self.facts.request.policies.pool(machine.pool) if machine and machine.pool else None
        if not machine or not policy or machine.node.state is not NodeState.READY:
            return ()
        places = dict(zip((Per.POOL, Per.ZONE), _places(self.facts, machine), strict=False))
        found = (self._spent(one, places[one.per]) for one in policy.spec.budgets if one.per in places)
        return next((why for why in found if why), ())

    def room(self, node: NodeRef, most: int) -> int:
        """How many may begin, up to `most`, if all are of the node's pool and zone."""
        trial, count = replace(self, missing=Counter(self.missing)), 0
        while count < most and not trial.spent(node):
            trial.begin(node)
            count += 1
        return count

    def staying(self, workloads: Iterable[WorkloadRef]) -> tuple[Reason, ...]:
        """Who of these is not moved for now."""
        windows = ((ref, one, self._until(one)) for ref in workloads for one in self.facts.availability(ref).stays)
        return tuple(Reason(Code.STAYS_UNTIL, (end,), "instant", (str(ref), one.cron, one.timezone)) for ref, one, end in windows if end)

    def _until(self, window: Window) -> Instant | None:
        """Thousands of workloads share the windows of the defaults."""
        if window not in self.ends:
            self.ends[window] = window.open_until(self.facts.now)
        return self.ends[window]

    def _spent(self, budget: Budget, place: Place) -> tuple[Reason, ...]:
        until = self._until(budget.during) if budget.during else None
        if budget.during and until is None:
            return ()
        missing, there = self.missing[place], self.there[place]
        if missing < budget.most(there):
            return ()
        pool, zone = place
        code, names = (Code.POOL_BUDGET, (pool,)) if zone is None else (Code.ZONE_BUDGET, (pool, zone))
        why = Reason(code, (missing, there, budget.most(there)), names=names)
        if budget.during is None or until is None:
            return (why,)
        return why, Reason(Code.BUDGET_UNTIL, (until,), "instant", (budget.during.cron, budget.during.timezone))


def _places(facts: Facts, machine: Machine) -> tuple[Place, ...]:
    """Its pool, and its zone there, where it has one."""
    if machine.pool is None or machine.instance is None or machine.counted_in is None:
        return ()
    offering = facts.offering(machine.instance, machine.pool)
    zone = offering.zone if offering else ""
    return ((machine.pool, None), (machine.pool, zone)) if zone else ((machine.pool, None),)
