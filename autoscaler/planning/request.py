"""What planning is asked: one tick's observation and decisions, and the past they stand on."""

from dataclasses import dataclass

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.model.commitments import NO_COMMITMENTS, Commitments
from autoscaler.model.decisions import Decision, PoolBounds
from autoscaler.model.freezes import Freeze
from autoscaler.model.history import Histories
from autoscaler.model.observations import Observation
from autoscaler.model.plans import Remark
from autoscaler.model.refs import WorkloadRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebalance:
    """Nothing but what spreads workloads evenly again: at most so many `moves`, of these workloads (of all, if none is named)."""

    moves: int = 10
    workloads: frozenset[WorkloadRef] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """All of planning's arguments.

    `policies`: selectors already resolved to workloads. `drains`: names of nodes somebody asked to empty. `reopens`: of those
    somebody wants back, however long ago they were emptied. `undecided`: policies without a decision, and why.
    """

    observation: Observation
    decisions: tuple[Decision, ...]
    policies: ClusterPolicies
    bounds: tuple[PoolBounds, ...] = ()
    histories: Histories = Histories()
    commitments: Commitments = NO_COMMITMENTS
    freezes: tuple[Freeze, ...] = ()
    drains: frozenset[str] = frozenset()
    reopens: frozenset[str] = frozenset()
    undecided: tuple[Remark, ...] = ()
    rebalance: Rebalance | None = None
