"""A rolling backtest of a forecast: what a reactive rule would have come to over a past, alone and with it.

A load is decided on a minute after it was there, the highest count of the policy's window stands, and a replica that is asked for serves
once its lead is over; so what serves is the lowest count wanted within the lead. Short is a replica that bears eight for every seven it
should: 80% where the target is 70%.
"""

from dataclasses import dataclass

import numpy as np

from autoscaler.deciding.learning import EIGHT, SEVEN
from autoscaler.deciding.profiles import Values
from autoscaler.deciding.series import Counts, highest, lowest
from autoscaler.model.forecasts import MINUTE, ForecastNeed
from autoscaler.model.quantities import Duration, Share

WHOLE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How much of the time it was short with the forecast and without; what that cost by what this did."""

    short: Share
    plain_short: Share
    cost: Share


@dataclass(frozen=True, slots=True)
class Trial:
    """Minutes short, minutes judged, and replicas times minutes."""

    short: int
    minutes: int
    cost: int

    @property
    def part(self) -> Share:
        """The time short, rounded up: a share of nothing must mean nothing."""
        return Share(-(-self.short * WHOLE // max(1, self.minutes)))


def judged(values: Values, foreseen: Values, part: slice, *, need: ForecastNeed, hold: Duration) -> Verdict:
    """`foreseen`: at each minute, the load that was expected of the lead after it."""
    lead, window = -(-need.lead.ms // MINUTE.ms), hold.ms // MINUTE.ms
    padded = slice(max(0, part.start - lead - window - 1), part.stop)
    target, skipped = need.target.milli / WHOLE, part.start - padded.start
    plain, expected = (_late(_counts(one[padded], target)) for one in (_carried(values), foreseen))

    def tried(wanted: Counts) -> Trial:
        serving = lowest(highest(wanted, window), lead)[skipped:]
        return _trial(values[part], serving, target)

    with_it, alone = tried(np.maximum(plain, expected)), tried(plain)
    return Verdict(short=with_it.part, plain_short=alone.part, cost=Share(with_it.cost * WHOLE // max(1, alone.cost)))


def _trial(values: Values, serving: Counts, target: float) -> Trial:
    known = np.isfinite(values)
    short = known & (np.where(known, values, 0.0) * SEVEN > serving * (target * EIGHT))
    return Trial(int(np.count_nonzero(short)), int(np.count_nonzero(known)), int(serving.sum()))


def _counts(load: Values, target: float) -> Counts:
    """As many as bring it to the target; none where it is not known."""
    return np.ceil(np.nan_to_num(load, nan=0.0) / target).astype(np.int64)


def _late(counts: Counts) -> Counts:
    """As they are decided on: a minute later."""
    return np.concatenate((counts[:1], counts[:-1]))


def _carried(values: Values) -> Values:
    """Where it cannot be seen, what was seen last: an unknown load never shrinks."""
    last = np.maximum.accumulate(np.where(np.isfinite(values), np.arange(values.size), 0))
    return values[last]
