"""A graph of steps from the observation to what was decided, and what it is for."""

from dataclasses import dataclass
from typing import NamedTuple

from autoscaler.model.policies import Availability
from autoscaler.model.quantities import Duration, Instant, Money
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import ClusterName, NodeRef, OfferingName, PlanId, PoolName, StepId, WorkloadRef
from autoscaler.model.steps import Step

NO_GAP = Duration(0)


# Named tuples: a plan that closes hundreds of machines has thousands of steps, and ten thousand moves.
class PlannedStep(NamedTuple):
    """A step, what must be done before it, how long it may take, and the operation it is part of.

    `operation` groups steps that are kept, dropped, undone or finished together: `close node-3`, `scale shop/web`, `grow general`,
    `rotate shop/web`.
    """

    id: StepId
    step: Step
    operation: str
    after: tuple[StepId, ...] = ()
    timeout: Duration = Duration(600_000)
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """The wanted end. Two plans with the same goal are the same plan, whatever their steps."""

    replicas: tuple[tuple[WorkloadRef, int], ...] = ()
    closing: tuple[NodeRef, ...] = ()
    pools: tuple[tuple[PoolName, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadChange:
    """From `before` to `after` replicas (equal for one that only moves). `keeps`: what stays available meanwhile."""

    workload: WorkloadRef
    before: int
    after: int
    floor: int
    moved: int = 0
    gap: Duration = NO_GAP
    keeps: Availability = Availability()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolChange:
    """From `before` to `after` machines; `opens` of which offering, `closes` which nodes."""

    pool: PoolName
    before: int
    after: int
    opens: tuple[tuple[OfferingName, int], ...] = ()
    closes: tuple[NodeRef, ...] = ()
    reasons: tuple[Reason, ...] = ()


class Move(NamedTuple):
    """`count` replicas leave `source`; `target` is where they are bound or expected to go (`new-1` for a machine not there yet).

    `how` names the recipe. `gap`: how long the workload has fewer than its floor, 0 for a make-before-break.
    """

    workload: WorkloadRef
    count: int  # type: ignore[assignment]  # no tuple's own
    source: NodeRef
    target: str
    expected: bool
    how: str
    gap: Duration = NO_GAP


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that was not done, and why: a node kept, a workload unplaced, an offering rejected; `count` of `subject`."""

    subject: str
    reasons: tuple[Reason, ...]
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A step a guard took out of the plan, and why."""

    step: PlannedStep
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be done, in full. `rounds` of placement search done.

    `bound`: with other machines for what found no room on those that are there it would cost no less per hour, where that is proven.
    `fingerprint`: the parts of the world a saved plan rests on, as one hash. `needed`: nodes per pool before the idle window.
    """

    id: PlanId
    cluster: ClusterName
    made_at: Instant
    goal: Goal
    steps: tuple[PlannedStep, ...]
    workloads: tuple[WorkloadChange, ...]
    pools: tuple[PoolChange, ...]
    moves: tuple[Move, ...]
    price_before: Money
    price_after: Money
    fingerprint: str
    remarks: tuple[Remark, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    bound: Money | None = None
    rounds: int = 0
    needed: tuple[tuple[PoolName, int], ...] = ()

    def change_of(self, workload: WorkloadRef) -> WorkloadChange | None:
        """What the plan says of the workload."""
        return next((change for change in self.workloads if change.workload == workload), None)
