"""The count a policy arrives at, with every stage on the way."""

from dataclasses import dataclass
from enum import StrEnum

from autoscaler.model.policies import Mode
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import PolicyName, WorkloadRef
from autoscaler.model.samples import MetricReading
from autoscaler.model.votes import Vote


class Stage(StrEnum):
    """In this order."""

    COMBINE = "combine"
    BOUND = "bound"
    STABILISE = "stabilise"
    RATE_LIMIT = "rate_limit"
    CLAMP = "clamp"
    MODE = "mode"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """What one stage made of the count, and why; a stage without a reason changed nothing."""

    stage: Stage
    before: int
    after: int
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVote:
    """A rule, named by its plugin and place in the file (`target_tracking[0]`), and its vote."""

    rule: str
    vote: Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`current` is the wanted count seen, `ready` how many were; `count` what it should be, `recommended` the count before stabilisation.

    `eventually`: what `count` would be with all windows over; a plan shows both. `readings`: the inputs, as read.
    In mode recommend and off, `count` is `current`, and the stages say what it would have been.
    """

    policy: PolicyName
    workload: WorkloadRef
    at: Instant
    mode: Mode
    current: int
    recommended: int
    eventually: int
    count: int
    votes: tuple[RuleVote, ...]
    stages: tuple[StageResult, ...]
    readings: tuple[MetricReading, ...] = ()
    ready: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolBounds:
    """A pool's bounds at one instant, after its rules' at_least and at_most. The policy file's min and max win over rules."""

    pool: str
    min: int
    max: int
    votes: tuple[RuleVote, ...] = ()
