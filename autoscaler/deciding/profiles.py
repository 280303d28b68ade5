"""A load at one value a minute, and what its seasons have in common. A minute nobody knows is not a number, and never zero."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoscaler.deciding.series import highest
from autoscaler.model.forecasts import HIGHEST, LEVEL, LOWEST, MINUTE
from autoscaler.model.quantities import Duration, Instant

Values = NDArray[np.float64]
"""One value a minute, oldest first."""

Continued = Callable[[Values, int, int], Values]
"""Of a past without gaps, how long its season is and how many are wanted: the values that a model has follow."""

PARTS = 144
"""A model is given about so many values of each season: of a day, ten minutes each."""

KNOWN = 14
"""So many seasons it is given, at most: two weeks of days."""

MODELLED = 14
"""Over so many days a model is held against the load."""

LATEST = LEVEL.ms // MINUTE.ms
"""Minutes that a level is of."""

SEASONS = 7
"""So many seasons make one profile: more would remember what the load did before it changed."""

SMOOTH = 5
"""Minutes that a smoothed profile is averaged over: a peak comes a little earlier or later each time."""

DAY = 1440
WEEK = 7 * DAY
WHOLE = 1000
HALF = 0.5
NONE: Mapping[str, Continued] = {}


def per_minute(moments: Iterable[tuple[Instant, float]], over: Duration, end: Instant) -> Values:
    """The load of each whole minute up to `end`, since its first value or since `over`; the last of a minute's values stands."""
    found = np.array([(at, value) for at, value in moments if at < end], dtype=np.float64).reshape(-1, 2)
    size = over.ms // MINUTE.ms
    places = size - 1 - ((end - 1 - found[:, 0]) // MINUTE.ms).astype(np.int64)
    known = (places >= 0) & (found[:, 1] >= 0)
    values = np.full(size, np.nan)
    values[places[known]] = found[known, 1]
    first = int(np.argmax(np.isfinite(values)))
    return values[first:] if known.any() else values[:0]


def profiles(values: Values, span: int, ahead: int, models: Mapping[str, Continued] = NONE, *, begun: int = 0) -> Mapping[str, Values]:
    """For every minute, and those `ahead`, what a season of `span` minutes has then, by earlier ones: in a few ways, for loads differ.

    The season before; the median of several; where a season is a day, the median of the same days of the week; each also smoothed; and
    what models make of them, before each season: the last is `begun` for so many minutes.
    """
    common = _median(values, span, range(1, SEASONS + 1), ahead)
    ways = {"median": common, "last": _before(values, span, ahead)}
    if span == DAY and values.size > WEEK + DAY:
        ways["weekday"] = _median(values, WEEK, range(1, SEASONS + 1), ahead)
    plain = {name: _whole(np.where(np.isnan(way), common, way), ahead) for name, way in ways.items()}
    modelled = ((name, _modelled(values, span, ahead, model, begun)) for name, model in models.items())
    others = {name: np.where(np.isfinite(way), way, plain["median"]) for name, way in modelled}
    return {**plain, **{f"smoothed {name}": _smoothed(way) for name, way in plain.items()}, **others}


def levels(values: Values, profile: Values) -> Values:
    """At each minute, the LATEST of the load by those of the profile; 1 where nothing can be said."""
    both = np.isfinite(values) & np.isfinite(profile)
    seen, usual = (_sums(np.where(both, one, 0.0)) for one in (values, profile))
    return np.clip(np.divide(seen, usual, out=np.ones_like(seen), where=usual > 0), LOWEST.milli / WHOLE, HIGHEST.milli / WHOLE)


def peaks(values: Values, width: int) -> Values:
    """At each minute the highest of the `width` after it; not a number where any of them is none, or they are not over."""
    found = np.full(values.size, np.nan)
    if values.size > width:
        found[:-width] = highest(values[::-1], width - 1)[::-1][1 : values.size - width + 1]
    return found


@dataclass(frozen=True, slots=True)
class Margin:
    """By how much the load passes what a profile has for it."""

    ratios: Values

    @classmethod
    def of(cls, actual: Values, foreseen: Values, least: float) -> "Margin":
        """`least`: what is foreseen is taken for so much at least, for the ratio to nothing says nothing."""
        ratios = actual / np.maximum(foreseen, least)
        return cls(ratios[np.isfinite(ratios)])

    def at(self, quantile: float) -> float:
        """The ratio that so much of the past stayed within, as split conformal prediction has it; 1 of no past."""
        size = self.ratios.size
        if not size:
            return 1.0
        place = min(size - 1, int(np.ceil((size + 1) * quantile)) - 1)
        return float(np.partition(self.ratios, place)[place])


def _modelled(values: Values, span: int, ahead: int, model: Continued, begun: int) -> Values:
    """Each season as the model carries it on from what was known `ahead` before it began; not a number where that was too little.

    So much earlier, for what is foreseen for a minute must not know of those that come before it is told.
    """
    found = np.full(values.size + ahead, np.nan)
    first = max(2 * span + ahead, values.size - MODELLED * DAY)
    for end in reversed(range(values.size - begun, first - 1, -span)):
        known = values[: end - ahead]
        carried = _continued(known[known.size % span :][-KNOWN * span :], span, span + 2 * ahead, model)[ahead:]
        found[end : end + carried.size] = carried[: found.size - end]
    return np.where(found > 0, found, found * 0.0)


def _continued(past: Values, span: int, count: int, model: Continued) -> Values:
    """So many minutes more, after whole seasons: the model sees means of some minutes each, and between its values it goes straight."""
    step = max((one for one in range(1, span // PARTS + 1) if span % one == 0), default=1)
    rows = past.reshape(-1, step)
    sums, counts = np.where(np.isfinite(rows), rows, 0.0).sum(axis=1), np.isfinite(rows).sum(axis=1)
    known = np.flatnonzero(counts)
    if not known.size:
        return np.full(count, np.nan)
    means = np.interp(np.arange(counts.size), known, sums[known] / counts[known])
    steps = model(means, span // step, -(-count // step))
    middles = (np.arange(steps.size) + HALF) * step
    carried: Values = np.interp(np.arange(count) + HALF, middles, steps)
    return carried


def _before(values: Values, shift: int, ahead: int) -> Values:
    """The load `shift` minutes earlier, for every minute and those `ahead`."""
    found = np.full(values.size + ahead, np.nan)
    part = values[: max(0, found.size - shift)]
    found[shift : shift + part.size] = part
    return found


def _median(values: Values, span: int, seasons: range, ahead: int) -> Values:
    """Of those seasons that are known; what is not a number is sorted behind all that are."""
    rows = np.sort(np.stack([_before(values, span * season, ahead) for season in seasons]), axis=0)
    known = np.count_nonzero(np.isfinite(rows), axis=0)
    low, high = (np.take_along_axis(rows, np.maximum(0, place)[np.newaxis, :], axis=0)[0] for place in ((known - 1) // 2, known // 2))
    high = np.where(known % 2 == 1, low, high)
    return np.where(known > 0, (low + high) / 2, np.nan)


def _whole(profile: Values, ahead: int) -> Values:
    """What lies ahead has no gaps: across them it goes straight from one known minute to the next."""
    if not ahead:
        return profile
    known = np.flatnonzero(np.isfinite(profile))
    found, places = profile.copy(), np.arange(profile.size - ahead, profile.size)
    if known.size:
        found[places] = np.interp(places, known, profile[known])
    return found


def _smoothed(profile: Values) -> Values:
    """Each minute the mean of those around it that are known."""
    half = SMOOTH // 2
    known = np.isfinite(profile)
    sums, counts = (
        np.convolve(np.pad(one, half, mode="edge"), np.ones(SMOOTH), mode="valid") for one in (np.where(known, profile, 0.0), known * 1.0)
    )
    return np.where(known, np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0), np.nan)


def _sums(values: Values) -> Values:
    """At each minute the sum of the LATEST."""
    total = np.concatenate((np.zeros(LATEST), np.cumsum(values)))
    return np.maximum(0.0, total[LATEST:] - total[:-LATEST])
