"""One kind of vote, a plugin (entry points `autoscaler.rules`): a frozen dataclass whose fields are its settings in YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from autoscaler.model.forecasts import Forecast, ForecastNeed
from autoscaler.model.history import History, Note
from autoscaler.model.pool_asks import PoolAsk
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import MetricNeed, Reading
from autoscaler.model.votes import Vote
from autoscaler.model.workloads import Replica


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a rule votes on. `replicas` is the wanted count now, `ready` how many are healthy. For a pool both count nodes.

    `observed`: how many the orchestrator says there are; None where it does not say.
    """

    name: str
    replicas: int
    ready: int
    observed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All a rule may see. `samples` has an entry for each metric of `needs()`.

    `replicas`: each one of the target, where the orchestrator tells their lifecycle; else empty. `note`: what this rule's last vote left,
    and when; None where there is none. `forecast`: of what a `Foreseeing` rule asks for, if there is one by now, however old.
    """

    target: Target
    now: Instant
    samples: Mapping[MetricName, Reading] = field(default_factory=dict)
    history: History = History(subject="")
    replicas: tuple[Replica, ...] = ()
    note: Note | None = None
    forecast: Forecast | None = None


class Rule(Protocol):
    """Pure: no bounds, no memory, no clock, no prose. Deciding clamps, explaining talks."""

    def needs(self) -> tuple[MetricNeed, ...]:
        """The metrics it will ask `situation.samples` for; constant for one rule."""
        ...

    def vote(self, situation: Situation) -> Vote:
        """What it asks for. A sample it needs being Unknown gives `Vote.unknown`, or a bound; never a want."""
        ...


@runtime_checkable
class Foreseeing(Protocol):
    """A rule that wants a load foreseen, beside being a `Rule`."""

    def foresees(self) -> ForecastNeed:
        """What a job of its own is to reckon for it; constant for one rule."""
        ...


class PoolRule(Protocol):
    """A rule that only pools have (entry points `autoscaler.pool_rules`): it sets no bound, and tells placement what to keep to."""

    def asks(self) -> tuple[PoolAsk, ...]:
        """What it asks for; constant for one rule."""
        ...
