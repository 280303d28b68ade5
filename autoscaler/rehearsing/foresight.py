"""The forecasts of a replay: made from the load itself as it goes, as often as the service makes them, and of no minute to come."""

from dataclasses import dataclass, field
from math import nan

import numpy as np

from autoscaler.contracts.policy import Policy
from autoscaler.deciding.forecasting import FOLLOWED, Subject, forecast
from autoscaler.deciding.queries import foreseen_by
from autoscaler.model.forecasts import MINUTE, Forecast, ForecastNeed
from autoscaler.model.quantities import Duration, Instant, Share
from autoscaler.model.refs import BUILT_IN_METRICS
from autoscaler.seasons import model_of

EVERY = Duration(3_600_000)
"""How long a forecast is followed before the next."""


@dataclass(slots=True)
class Foresight:
    """Of one policy. `seen`: the load of each minute up to `minute`, as minutes since 1970; `made`: when the last forecasts were."""

    subjects: tuple[Subject, ...]
    seen: list[float] = field(default_factory=list)
    minute: int = 0
    made: int = 0
    forecasts: tuple[Forecast, ...] = ()

    @classmethod
    def of(cls, policy: Policy) -> "Foresight | None":
        """None for a policy that does not look ahead: it has nothing to pay for."""
        hold = policy.behaviour.scale_down.stabilise
        needs = ((rule.name, foreseen_by(rule)) for rule in policy.rules)
        found = tuple(Subject(rule=name, need=one, hold=hold) for name, one in needs if one and one.metric not in BUILT_IN_METRICS)
        return cls(found) if found else None

    def look(self, load: float, at: Instant, now: Instant) -> None:
        """At `now`, `at` is the newest moment whose load is known."""
        minute = at // MINUTE.ms
        if not self.seen or minute > self.minute:
            self.seen += [nan] * (minute - self.minute - 1 if self.seen else 0)
            self.seen.append(load)
            self.minute = minute
            if now - self.made >= EVERY.ms:
                self.made = now
                self.forecasts = tuple(self._foreseen())

    def _foreseen(self) -> list[Forecast]:
        """From the minutes that are over: of the last, only a beginning is known."""
        end = Instant(self.minute * MINUTE.ms)
        spans = ((one, one.need.over.ms // MINUTE.ms) for one in self.subjects)
        found = [forecast(np.array(self.seen[-span - 1 : -1]), one, end, model_of(one.need.model)) for one, span in spans]
        return [one for one in found if one]


def foretold(rule: str, need: ForecastNeed, at: Instant, *, now: int, then: int | None) -> Forecast:
    """A forecast that somebody made up: from the load of `now` straight to that of `then` over the lead, and no more after it.

    Of None, that following it was worse than reacting.
    """
    rise, lead = (then or now) - now, -(-need.lead.ms // MINUTE.ms)
    values = tuple(now + rise * min(minute, lead) // lead for minute in range(FOLLOWED))
    short, plain_short = (Share(10), Share(0)) if then is None else (Share(0), Share(10))
    return Forecast(
        rule=rule,
        need=need,
        at=at,
        expected=values,
        upper=values,
        margin=Share(1000),
        short=short,
        plain_short=plain_short,
        cost=Share(1000),
        coverage=need.quantile,
        better=then is not None,
        quantile=need.quantile,
    )
