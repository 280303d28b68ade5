"""What a load will come to over the lead of a new replica, and whether to believe it.

A profile of earlier seasons, at the level of the last minutes, gives the median. How much more it takes to suffice for a quantile of
the time is measured, not assumed: by how much the past went beyond what would have been foreseen for it (split conformal prediction).
Which profile: the one whose quantile misses by the least. How much of the time: no more than may be paid for. All are settled on the
older part of the past; on the newer part the rule is then replayed with and without the forecast, so what is claimed for it was
seen on a past it was not fitted to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from autoscaler.deciding.profiles import DAY, Continued, Margin, Values, levels, peaks, profiles
from autoscaler.deciding.verdict import Verdict, judged
from autoscaler.model.forecasts import MINUTE, Forecast, ForecastNeed
from autoscaler.model.quantities import Duration, Instant, Share

FOLLOWED = 180
"""Minutes that are foreseen: as long as a forecast is followed when no other comes."""

ENOUGH = 0.8
"""Of each of the last two seasons so much must be known."""

CALIBRATED = 14 * DAY
"""Minutes of past that margins are measured on: what was longer ago went wrong in other ways."""

HORIZONS = (1, 5, 15, 30, 60, 120, FOLLOWED)
"""Minutes ahead for which the quantile is measured, up to a season: earlier ones tell no more. Between them it goes straight."""

FADES = 60.0
"""Minutes in which half of a level that is not the usual one is gone."""

SEEN = 1
"""Minutes by which a load is seen late."""

HALF = 0.5
"""Of a replica's load: what is foreseen is judged as if it were no less, for shares of nearly nothing say nothing."""

ROUNDING = 1e-9
"""What comes out as foreseen to the last bit but one has stayed within it."""

WHOLE = 1000
TENTH, MEDIAN = 100, 500
MOST = 10**15
"""Milli-units; beyond them no metric goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose forecast it is: the rule's name, what it needs, and how long its policy lets a highest count stand."""

    rule: str
    need: ForecastNeed
    hold: Duration


@dataclass(frozen=True, slots=True)
class Fit:
    """One profile held against the load. `foreseen`: at each minute, for the peak of the `width` after it; `peak`: what that was."""

    profile: Values
    level: Values
    foreseen: Values
    peak: Values

    @classmethod
    def of(cls, values: Values, profile: Values, width: int) -> "Fit":
        """Everything as it could be known then."""
        level = levels(values, profile[: values.size])
        return cls(profile, level, peaks(profile, width)[: values.size] * level, peaks(values, width))

    def margin(self, part: slice, least: float) -> Margin:
        """How far that part of the past went beyond what was foreseen for it."""
        return Margin.of(self.peak[part], self.foreseen[part], least)

    def loss(self, part: slice, quantile: float, least: float) -> float:
        """What it misses by, where too little counts so much more than too much that the quantile misses by the least (pinball loss)."""
        over = self.peak[part] - np.maximum(self.foreseen[part], least) * self.margin(part, least).at(quantile)
        known = over[np.isfinite(over)]
        return float(np.maximum(quantile * known, (quantile - 1) * known).mean()) if known.size else np.inf


def forecast(values: Values, subject: Subject, at: Instant, model: Continued | None = None) -> Forecast | None:
    """What the past up to `at`, a whole minute, lets foresee; None of less than two seasons, or of one with too many gaps.

    `model`: the one that is needed, where the profiles are not all that is tried.
    """
    need = subject.need
    span = need.season.ms // MINUTE.ms
    if not _enough(values, span):
        return None
    least, width = HALF * need.target.milli / WHOLE, -(-need.ahead.ms // MINUTE.ms) + SEEN
    older, newer = _parts(values.size, span, width)
    models = {need.model.value: model} if model else {}
    tried = profiles(values, span, FOLLOWED + width, models, begun=at // MINUTE.ms % span)
    fits = {name: Fit.of(values, profile, width) for name, profile in tried.items()}
    chosen, settled = _settled(values, fits, older, subject, least)
    fit, quantile = fits[chosen], settled.milli / WHOLE
    trusted = fit.margin(older, least).at(quantile)
    verdict = judged(values, fit.foreseen * trusted, newer, need=need, hold=subject.hold)
    recent = slice(max(span, values.size - CALIBRATED), values.size)
    expected, upper = _ahead(values, fit, recent, need=need, least=least)
    return Forecast(
        rule=subject.rule,
        need=need,
        at=at,
        expected=_milli(expected),
        upper=_milli(upper),
        margin=Share(round(fit.margin(recent, least).at(quantile) * WHOLE)),
        short=verdict.short,
        plain_short=verdict.plain_short,
        cost=verdict.cost,
        coverage=_coverage(fit, newer, trusted),
        better=_better(verdict, need),
        profile=chosen,
        quantile=settled,
    )


def _enough(values: Values, span: int) -> bool:
    """Two whole seasons that are known well enough."""
    if values.size < 2 * span:
        return False
    known = np.isfinite(values[-2 * span :]).reshape(2, span).mean(axis=1)
    return bool((known >= ENOUGH).all())


def _parts(size: int, span: int, width: int) -> tuple[slice, slice]:
    """What margins are settled on, and what is judged by them: the last season or day, or half of what has a season before it.

    The one ends as long before the other as a minute of it looks ahead: no part of what is judged was known beforehand.
    """
    start = size - min(max(span, DAY), (size - span) // 2)
    return slice(max(span, start - CALIBRATED), max(span, start - width)), slice(start, size)


def _settled(values: Values, fits: Mapping[str, Fit], older: slice, subject: Subject, least: float) -> tuple[str, Share]:
    """The quantile asked for, or the highest of 90%, 80%, … that the older past could pay for, or the median; and its profile."""
    need, most = subject.need, subject.need.quantile.milli
    for milli in (most, *range((most - 1) // TENTH * TENTH, MEDIAN - 1, -TENTH)):
        quantile = milli / WHOLE
        name = min(fits, key=lambda one: fits[one].loss(older, quantile, least))
        foreseen = fits[name].foreseen * fits[name].margin(older, least).at(quantile)
        if judged(values, foreseen, older, need=need, hold=subject.hold).cost <= need.cost:
            break
    return name, Share(milli)


def _ahead(values: Values, fit: Fit, recent: slice, *, need: ForecastNeed, least: float) -> tuple[Values, Values]:
    """The median of each minute to come, at a level that fades to the usual one, and what suffices for the quantile."""
    minutes = np.arange(1.0, FOLLOWED + 1)
    horizons = [one for one in HORIZONS if one <= need.season.ms // MINUTE.ms]
    margins = [_margin_at(values, fit, recent, ahead, least).at(need.quantile.milli / WHOLE) for ahead in horizons]
    expected: Values = fit.profile[values.size : values.size + FOLLOWED] * _faded(fit.level[-1:], minutes)
    wider = np.interp(minutes, horizons, np.maximum.accumulate(margins))
    return expected, np.maximum(expected, least * (expected > 0)) * wider


def _margin_at(values: Values, fit: Fit, recent: slice, ahead: int, least: float) -> Margin:
    """Of one minute so far ahead; every fifth minute of the past is enough to tell."""
    origins = np.arange(recent.start, recent.stop - ahead, 5)
    foreseen = fit.profile[origins + ahead] * _faded(fit.level[origins], np.array(float(ahead)))
    return Margin.of(values[origins + ahead], foreseen, least)


def _faded(level: Values, minutes: Values) -> Values:
    faded: Values = 1.0 + (level - 1.0) * 0.5 ** (minutes / FADES)
    return faded


def _coverage(fit: Fit, part: slice, trusted: float) -> Share:
    """How much of a past that was not fitted to stayed within what was foreseen for it."""
    peak, foreseen = fit.peak[part], fit.foreseen[part] * trusted
    known = np.isfinite(peak) & np.isfinite(foreseen)
    within = peak[known] <= foreseen[known] * (1 + ROUNDING)
    return Share(round(float(within.mean()) * WHOLE) if known.any() else 0)


def _better(verdict: Verdict, need: ForecastNeed) -> bool:
    return verdict.short < verdict.plain_short and verdict.cost <= need.cost


def _milli(values: Values) -> tuple[int, ...]:
    """Thousandths; rounded, not up: the last bit of a float must not ask for a replica more."""
    found = np.minimum(np.rint(np.nan_to_num(values, nan=0.0) * WHOLE), MOST)
    return tuple(int(one) for one in found)
