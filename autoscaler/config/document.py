"""A policy file as it is written: one dataclass per map, every part as optional as the file may leave it out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar

from autoscaler.config.markers import AT_MOST_AN_HOUR, AT_MOST_WHOLE, FILLED, POSITIVE, Beside, Defines, Least, Section, Spelt
from autoscaler.config.names import NAME, NAME_HINT
from autoscaler.config.secrets import Place
from autoscaler.config.shapes import Chosen
from autoscaler.errors import PolicyError
from autoscaler.model.budgets import Budget
from autoscaler.model.calendars import Window as Opening
from autoscaler.model.formula import Formula
from autoscaler.model.policies import Combine, Learning, Legacy, Limits, Mode, Pick, Unmanaged
from autoscaler.model.pools import JOIN_TIMEOUT
from autoscaler.model.quantities import Cpu, Duration, Memory, Money, Share
from autoscaler.model.refs import ClusterName, MetricName, PolicyName, PoolName, QueueName, SourceName, TrafficName, WorkloadRef

_CALLED = Spelt(NAME, NAME_HINT)

NewCluster = Annotated[ClusterName, Defines("cluster"), _CALLED]
NewMetric = Annotated[MetricName, Defines("metric"), _CALLED]
NewPolicy = Annotated[PolicyName, Defines("policy"), _CALLED]
NewPool = Annotated[PoolName, Defines("pool"), _CALLED]
NewSource = Annotated[SourceName, Defines("source"), _CALLED]
NewNotices = Annotated[QueueName, Defines("queue of notices"), _CALLED]
NewTraffic = Annotated[TrafficName, Defines("traffic"), _CALLED]

Positive = Annotated[Duration, POSITIVE]
Window = Annotated[Duration, AT_MOST_AN_HOUR]
LEAST_JOIN = Duration(60_000)
"""How far back a decision looks. Histories hold two hours, so a longer window would be cut without a word."""

RuleName = Annotated[str, Spelt("[A-Za-z_][A-Za-z0-9_]{0,39}", "write a word of letters, digits and underscores")]


class ApiVersion(StrEnum):
    """Versions of the policy file this engine reads."""

    V1 = "autoscaler/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePart:
    """The scheduled service: how often it looks, where it answers, where it keeps its state."""

    interval: Positive = Duration(15_000)
    listen: Annotated[str, Spelt(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}", "write host:port, such as 127.0.0.1:9464")] = (
        "127.0.0.1:9464"
    )
    store: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePart:
    """A rule: its kind with its settings; a `name` for formulas, and the `group` it has one opinion with."""

    made_by: Annotated[Chosen, Section.RULES, Beside()]
    name: RuleName | None = None
    group: RuleName | None = None

    @property
    def called(self) -> str:
        """What a formula over the rules calls it: its name, else its kind."""
        return self.name or self.made_by.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRulePart:
    """A rule of a pool: its kind with its settings, and a `name` that its votes are told by, if it has any."""

    made_by: Annotated[Chosen, Section.POOL_RULES, Beside()]
    name: RuleName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackPart:
    """What rules hear while a metric cannot be read: another metric, a count, or a count that is never less than the present one."""

    ONE_OF: ClassVar[tuple[str, ...]] = ("metric", "count", "at_least")

    metric: MetricName | None = None
    count: Annotated[int, Least(0)] | None = None
    at_least: Annotated[int, Least(0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPart:
    """A metric: which source to ask, and what; `$workload` in the query stands for the workload's name."""

    source: SourceName
    query: Annotated[str, FILLED]
    stale_after: Positive = Duration(60_000)
    fallback: FallbackPart | None = None


def _ordered(low: int, high: int) -> None:
    if low > high:
        raise PolicyError(f"min {low} is more than max {high}", hint="write a min that is at most max")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundsPart:
    """Fewest and most replicas."""

    min: int
    max: int

    def __post_init__(self) -> None:
        """PolicyError when no count lies between."""
        _ordered(self.min, self.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodesPart:
    """Fewest and most nodes, how long one must have been superfluous before it goes, and how long a machine may take to become one."""

    min: int
    max: int
    idle: Window = Duration(300_000)
    join_timeout: Window = JOIN_TIMEOUT

    def __post_init__(self) -> None:
        """PolicyError when no count lies between, or no machine could come in time."""
        _ordered(self.min, self.max)
        if self.join_timeout.ms < LEAST_JOIN.ms:
            raise PolicyError(f"no machine starts and joins within {self.join_timeout}", hint=f"write {LEAST_JOIN} or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitPart:
    """At most this change, a count or a share, in any such period."""

    change: Annotated[int, Least(1)] | Annotated[Share, POSITIVE]
    per: Annotated[Window, POSITIVE]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionPart:
    """How fast one way; what is left out is as in the defaults."""

    stabilise: Window | None = None
    limits: Annotated[tuple[LimitPart, ...], Least(1)] | None = None
    pick: Pick | None = None


class Not(StrEnum):
    """What the defaults ask for is not wanted here."""

    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviourPart:
    """How fast a count may rise and fall."""

    scale_up: DirectionPart | None = None
    scale_down: DirectionPart | None = None
    learn: Learning | Not | None = None
    legacy: Legacy | None = None

    def __post_init__(self) -> None:
        """PolicyError where two ways to damp are asked for at once."""
        if self.legacy and (isinstance(self.learn, Learning) or self.scale_up or self.scale_down):
            raise PolicyError("legacy takes the place of windows, limits and lessons", hint="write either legacy or the others")


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityPart:
    """What our changes must leave a workload; what is left out is as in the defaults."""

    floor: Annotated[Share, AT_MOST_WHOLE] | None = None
    surge: int | Share | None = None
    traffic: TrafficName | None = None
    drain: Duration | None = None
    allow_gap: bool | None = None
    stays: tuple[Opening, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPart:
    """What a replica that declares no request is taken to need."""

    cpu: Annotated[Cpu, POSITIVE] | None = None
    memory: Annotated[Memory, POSITIVE] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolidatePart:
    """When replicas are moved so that a node can go; what is left out is as in the defaults."""

    horizon: Positive | None = None
    move: Money | None = None
    hysteresis: Share | None = None
    replace: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultsPart:
    """What holds for every policy and cluster that says nothing else.

    `preferences`: by what part of its price what is bought may cost more, so that preferences of workloads are kept.
    """

    behaviour: BehaviourPart = BehaviourPart()
    availability: AvailabilityPart = AvailabilityPart()
    request: RequestPart = RequestPart()
    limits: Limits = Limits()
    unmanaged: Unmanaged = Unmanaged.MOVE
    preferences: Share = Share(0)
    consolidate: ConsolidatePart = ConsolidatePart()
    budgets: tuple[Budget, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPart:
    """Interchangeable nodes: their cluster, the plugin that makes them, bounds and rules, what may come of them, what moves are worth.

    `priority`: the pools of the highest are bought in first.
    """

    cluster: ClusterName
    made_by: Annotated[Chosen, Section.POOLS, Beside()]
    nodes: NodesPart
    rules: tuple[PoolRulePart, ...] = ()
    mode: Mode = Mode.ACTIVE
    consolidate: ConsolidatePart = ConsolidatePart()
    budgets: tuple[Budget, ...] | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesPart:
    """A queue in which a cloud says what it is about to do to machines of a cluster."""

    cluster: ClusterName
    made_by: Annotated[Chosen, Section.NOTICES, Beside()]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectorPart:
    """Every workload of a cluster that carries all of these labels."""

    cluster: ClusterName
    labels: Annotated[tuple[tuple[str, str], ...], Least(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPart:
    """What one workload, or each workload a selector finds, is kept at."""

    ONE_OF: ClassVar[tuple[str, ...]] = ("workload", "workloads")

    workload: Annotated[WorkloadRef, Defines("policy for")] | None = None
    workloads: SelectorPart | None = None
    replicas: BoundsPart
    rules: tuple[RulePart, ...] = ()
    combine: Combine | Formula = Combine.HIGHEST
    behaviour: BehaviourPart = BehaviourPart()
    availability: AvailabilityPart = AvailabilityPart()
    mode: Mode = Mode.ACTIVE

    def __post_init__(self) -> None:
        """PolicyError for names that two rules have, and for a formula over rules that are not there."""
        names = [one.called for one in self.rules]
        twice = next((one.name for one in self.rules if one.name and names.count(one.name) > 1), None)
        if twice:
            raise PolicyError(f"two rules are called {twice!r}", hint="give each a name of its own")
        if isinstance(self.combine, Formula):
            known = [name for name in names if names.count(name) == 1]
            strange = next((name for name in self.combine.names() if name not in (*known, "replicas")), None)
            if strange:
                raise PolicyError(f"combine: no one rule is called {strange!r}", hint=f"there is: {', '.join(known) or 'none'}; see `name`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One policy file of poolkeeper."""

    api_version: ApiVersion
    service: ServicePart | None = None
    clusters: Mapping[NewCluster, Annotated[Chosen, Section.CLUSTERS]] = field(default_factory=dict)
    sources: Mapping[NewSource, Annotated[Chosen, Section.SOURCES]] = field(default_factory=dict)
    metrics: Mapping[NewMetric, MetricPart] = field(default_factory=dict)
    traffic: Mapping[NewTraffic, Annotated[Chosen, Section.TRAFFIC]] = field(default_factory=dict)
    pools: Mapping[NewPool, PoolPart] = field(default_factory=dict)
    notices: Mapping[NewNotices, NoticesPart] = field(default_factory=dict)
    defaults: DefaultsPart | None = None
    policies: Mapping[NewPolicy, PolicyPart] = field(default_factory=dict)


ONCE = ("defaults", "service")
"""Sections that only one file of a folder may have."""
