"""What a load is expected to do: reckoned from its past by a job of its own, stored with its date, and handed to the rule that asked."""

from dataclasses import dataclass
from enum import StrEnum

from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.refs import MetricName

MINUTE = Duration(60_000)

LEVEL = Duration(300_000)
"""Over so long the present level of a load is held against the expected one: a single value is mostly noise."""

LOWEST, HIGHEST = Share(500), Share(2000)
"""Between which the one is taken to be of the other: beyond, what is expected is another load."""


class SeasonModel(StrEnum):
    """What is tried to foresee a season with, beside profiles of earlier ones."""

    PROFILES = "profiles"
    THETA = "theta"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastNeed:
    """What a rule wants foreseen: `metric`, a total, of which one replica takes `target`.

    After a `season` the load does again what it did; `over` so much of its past that is looked for. What is foreseen for the `lead` that a
    new replica needs should suffice for the share `quantile` of the time, or for less of it where that costs more than `cost` of what the
    reactive rule alone would; while even that does, it is not followed. `model`: what is tried beside the profiles.
    """

    metric: MetricName
    target: Number
    season: Duration
    quantile: Share
    lead: Duration
    over: Duration
    cost: Share
    model: SeasonModel = SeasonModel.PROFILES

    @property
    def ahead(self) -> Duration:
        """How far ahead must be ready what is asked for now: until what is asked for at the next look serves."""
        return Duration(self.lead.ms + MINUTE.ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What `rule`, by the name the file gives it, is told of the load it `need`s.

    `expected`: the median for each `step` from `at` on; `upper`: what suffices for the quantile needed. `margin`: how much of the highest
    expected of a lead, at the level of the last minutes, does so for the `quantile` settled on, as much of that as can be paid.
    Replayed over the past, the rule with this would have been `short` of the time, the reactive one alone `plain_short`, at this `cost` of
    that one; `coverage` of the past leads had no more load than was foreseen for them. `better`: whether it may be followed. `profile`:
    what a season is expected to be like.
    """

    rule: str
    need: ForecastNeed
    at: Instant
    expected: tuple[int, ...]
    upper: tuple[int, ...]
    margin: Share
    short: Share
    plain_short: Share
    cost: Share
    coverage: Share
    better: bool
    step: Duration = MINUTE
    profile: str = ""
    quantile: Share | None = None

    @property
    def suffices(self) -> Share:
        """For how much of the time; one written before that was settled is for as much as was asked for."""
        return self.need.quantile if self.quantile is None else self.quantile

    def during(self, start: int, end: int) -> slice | None:
        """Which values are of the time from `start` up to `end`; None where it does not know all of it."""
        first, last = (start - self.at) // self.step.ms, (end - self.at) // self.step.ms
        return slice(first, last + 1) if 0 <= first <= last < min(len(self.expected), len(self.upper)) else None
