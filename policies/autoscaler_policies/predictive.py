"""Ready before the load is: as many as a forecast of the next minutes needs, while the past shows that this helps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from autoscaler.contracts.rule import Situation
from autoscaler.errors import PolicyError
from autoscaler.model.forecasts import HIGHEST, LEVEL, LOWEST, Forecast, ForecastNeed, SeasonModel
from autoscaler.model.quantities import Duration, Number, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import BUILT_IN_METRICS, MetricName
from autoscaler.model.samples import MetricNeed, PerReplica, Reading, Sample
from autoscaler.model.votes import Vote
from autoscaler_policies.amounts import readable
from autoscaler_policies.target_tracking import Per

HOUR, DAY = 3_600_000, 86_400_000
TEN_MINUTES, LEAST_MODELLED = 600_000, 6 * HOUR
WHOLE = 1000

Seen = tuple[int, int]
"""An instant, and the load then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictive:
    """As many as keep each replica at `target` of the total `metric` that is expected within the `lead` a new replica (or node) needs.

    Expected is what suffices for the share `quantile` of the time, or for as much as `cost` pays for, by what `metric` did each `season` of
    the last `over`. It votes only while, replayed over the past, it would have been short for less time than the reactive rule alone, at
    no more than `cost` of its cost. It only ever adds; `shrink` lets it want fewer than there are, too. `model`: what is tried beside
    profiles of earlier seasons.
    """

    metric: MetricName
    target: Number
    per: Per = Per.REPLICA
    season: Duration = Duration(DAY)
    quantile: Share = Share(900)
    lead: Duration = Duration(120_000)
    over: Duration = Duration(28 * DAY)
    cost: Share = Share(1050)
    model: SeasonModel = SeasonModel.PROFILES
    shrink: bool = False

    def __post_init__(self) -> None:
        """PolicyError for what is no total, and for a season, quantile, lead or past out of bounds."""
        if self.metric in BUILT_IN_METRICS:
            raise PolicyError(
                f"{self.metric} is a share of what the replicas request, not a load", hint="name a metric of the whole load, such as rps"
            )
        if self.target.milli < 1:
            raise PolicyError("a target of 0 is never met", hint="write a number above 0, such as 200")
        _within("season", self.season, Duration(2 * HOUR), Duration(7 * DAY), "1d")
        _within("quantile", self.quantile, Share(500), Share(990), "90%")
        _within("lead", self.lead, Duration(1000), Duration(HOUR), "2m")
        _within("over", self.over, Duration(2 * self.season.ms), Duration(35 * DAY), "28d")
        if self.model is SeasonModel.THETA and (self.season.ms < LEAST_MODELLED or self.season.ms % TEN_MINUTES):
            raise PolicyError(f"season: theta cannot tell {self.season}", hint="write 6h or more, in whole ten minutes, or leave model out")
        _within("cost", self.cost, Share(WHOLE), Share(10 * WHOLE), "105%")

    def needs(self) -> tuple[MetricNeed, ...]:
        """The present load, which says how high the forecast's level is today."""
        return (MetricNeed(metric=self.metric),)

    def foresees(self) -> ForecastNeed:
        """The load of each minute, and whether to follow that."""
        return ForecastNeed(
            metric=self.metric,
            target=self.target,
            season=self.season,
            quantile=self.quantile,
            lead=self.lead,
            over=self.over,
            cost=self.cost,
            model=self.model,
        )

    def vote(self, situation: Situation) -> Vote:
        """At least what is expected; at least none while nothing is, or reacting has done better. The note is what was seen of late."""
        sample = _total(self.metric, situation.samples[self.metric])
        seen = _seen(situation, sample)
        vote = self._voted(situation, seen if isinstance(sample, Sample) else ())
        return replace(vote, note=tuple(number for one in seen for number in one))

    def _voted(self, situation: Situation, seen: tuple[Seen, ...]) -> Vote:
        """`seen`: the loads of the last minutes, none while it cannot be read."""
        forecast = situation.forecast
        if forecast is None:
            return Vote.at_least(0, Reason(Code.NOT_FORESEEN, names=(self.metric, str(self.season))))
        part = forecast.during(situation.now, situation.now + forecast.need.ahead.ms)
        if part is None:
            return Vote.at_least(0, Reason(Code.FORECAST_OLD, (forecast.at,), "instant", (self.metric,)))
        if not forecast.better:
            told = (forecast.short.milli, forecast.plain_short.milli, forecast.cost.milli)
            return Vote.at_least(0, Reason(Code.REACTING_IS_BETTER, told, "%", (self.metric,)))
        level = _level(forecast, seen)
        if level is None:
            return Vote.at_least(*self._counted(max(forecast.upper[part]), self.quantile))
        peak = -(-max(forecast.expected[part]) * level * forecast.margin.milli // (WHOLE * WHOLE))
        counted = self._counted(peak, forecast.suffices)
        return Vote.want(*counted) if self.shrink else Vote.at_least(*counted)

    def _counted(self, peak: int, suffices: Share) -> tuple[int, Reason]:
        names = (self.metric, str(self.lead), str(suffices))
        return -(-peak // self.target.milli), Reason(Code.FORESEEN, (peak, self.target.milli), "milli", names)


def _total(metric: MetricName, reading: Reading) -> Sample | Reason:
    """The load, or why it is not known; samples of each replica are none, for those without one bear a part of it, too."""
    return Reason(Code.MISSING, names=(metric,)) if isinstance(reading, PerReplica) else readable(metric, reading)


def _seen(situation: Situation, sample: Sample | Reason) -> tuple[Seen, ...]:
    """The loads of the last minutes, oldest first: those noted, and this one if it can be read and is new."""
    numbers = situation.note.numbers if situation.note else ()
    noted = [one for one in zip(numbers[::2], numbers[1::2], strict=False) if one[0] > situation.now - LEVEL.ms]
    if isinstance(sample, Reason) or (noted and sample.at <= noted[-1][0]):
        return tuple(noted)
    return (*noted, (sample.at, sample.milli))


def _level(forecast: Forecast, seen: tuple[Seen, ...]) -> int | None:
    """The load of late by what was expected of it, in thousandths; None where nothing was, or nothing is known of it."""
    pairs = tuple(_pairs(forecast, seen))
    usual = sum(expected for _, expected in pairs)
    return max(LOWEST.milli, min(HIGHEST.milli, sum(load for load, _ in pairs) * WHOLE // usual)) if usual else None


def _pairs(forecast: Forecast, seen: tuple[Seen, ...]) -> Iterator[tuple[int, int]]:
    """Each load that was seen, and what was expected of it; one from before the forecast is held against its first minute."""
    for at, load in seen:
        part = forecast.during(max(at, forecast.at), max(at, forecast.at))
        if part is not None:
            yield load, forecast.expected[part.start]


def _within(name: str, value: Duration | Share, least: Duration | Share, most: Duration | Share, usual: str) -> None:
    low, mid, high = (one.ms if isinstance(one, Duration) else one.milli for one in (least, value, most))
    if not low <= mid <= high:
        raise PolicyError(f"{name}: {value} is not between {least} and {most}", hint=f"write {name}: {usual}, or leave it out")
