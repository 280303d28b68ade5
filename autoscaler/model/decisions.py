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
    """In this order; where GUARD settles the count, only MODE comes after it."""

    GUARD = "guard"
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


class Aspect(StrEnum):
    """What a condition speaks of; the words are those of Kubernetes HPA."""

    ABLE_TO_SCALE = "AbleToScale"
    SCALING_ACTIVE = "ScalingActive"
    SCALING_LIMITED = "ScalingLimited"


class Cause(StrEnum):
    """Why a condition holds or does not; the words are those of Kubernetes HPA (release 1.34)."""

    SUCCEEDED_GET_SCALE = "SucceededGetScale"
    READY_FOR_NEW_SCALE = "ReadyForNewScale"
    SCALE_UP_STABILIZED = "ScaleUpStabilized"
    SCALE_DOWN_STABILIZED = "ScaleDownStabilized"
    SUCCEEDED_RESCALE = "SucceededRescale"
    SCALING_DISABLED = "ScalingDisabled"
    VALID_METRIC_FOUND = "ValidMetricFound"
    FAILED_GET_RESOURCE_METRIC = "FailedGetResourceMetric"
    FAILED_GET_CONTAINER_RESOURCE_METRIC = "FailedGetContainerResourceMetric"
    FAILED_GET_PODS_METRIC = "FailedGetPodsMetric"
    FAILED_GET_OBJECT_METRIC = "FailedGetObjectMetric"
    FAILED_GET_EXTERNAL_METRIC = "FailedGetExternalMetric"
    SCALE_UP_LIMIT = "ScaleUpLimit"
    SCALE_DOWN_LIMIT = "ScaleDownLimit"
    TOO_MANY_REPLICAS = "TooManyReplicas"
    TOO_FEW_REPLICAS = "TooFewReplicas"
    DESIRED_WITHIN_RANGE = "DesiredWithinRange"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One aspect of a policy's state, as Kubernetes shows it."""

    aspect: Aspect
    holds: bool
    cause: Cause


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
