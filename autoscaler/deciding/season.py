"""What the load did a season ago, at today's level: how much of it to keep ready is for the replay to say."""

from dataclasses import dataclass

import numpy as np

from autoscaler.deciding.anticipate import GRID, LATE, MINUTE
from autoscaler.deciding.series import ANEW, Counts, highest, series
from autoscaler.model.history import Recommendation
from autoscaler.model.policies import Learning
from autoscaler.model.quantities import Duration, Instant, Share

WHOLE = 1000

LEVEL = 20
"""GRIDs over which today's level is held against that of a season ago: five minutes."""

LEVELS = 333, 3000
"""Thousandths between which the one is taken to be of the other."""

OUTLOOK = 60
"""Minutes a lesson looks out: as long as one is followed at most."""


@dataclass(frozen=True, slots=True)
class Season:
    """`before`: for each GRID of the past, the highest count over the lead that followed it a season before; `to_come`: from now on.

    `levels`: today's by that of a season ago, in thousandths, for each ANEW.
    """

    before: Counts
    levels: Counts
    to_come: Counts

    def expected(self, again: Share) -> Counts:
        """At each GRID of the past what would have been kept ready; nothing for 0%."""
        if not again.milli:
            return np.zeros_like(self.before)
        levels = np.repeat(self.levels[:-1], ANEW)[: self.before.size]
        return -(-self.before * levels * again.milli // (WHOLE * WHOLE))

    def outlook(self, again: Share) -> tuple[int, ...]:
        """For each minute from now on."""
        found = -(-self.to_come * int(self.levels[-1]) * again.milli // (WHOLE * WHOLE))
        per = MINUTE // GRID
        return tuple(int(found[start : start + per].max()) for start in range(0, found.size - per + 1, per))


def season_of(recommendations: tuple[Recommendation, ...], learning: Learning, counts: Counts, now: Instant) -> Season | None:
    """What was recommended a season ago; None where there is no season, or nothing is remembered from so long ago."""
    if learning.season is None:
        return None
    span = (learning.lead.ms + LATE) // GRID
    ahead = OUTLOOK * MINUTE // GRID + span
    end = now - learning.season.ms + ahead * GRID
    if not recommendations or recommendations[0].at > now - learning.season.ms - (counts.size - 1) * GRID or end > now:
        return None
    then, _ = series(recommendations, Duration((counts.size - 1 + ahead) * GRID), Instant(end))
    peaks = highest(then[::-1], span)[::-1]
    starts = [*range(0, counts.size, ANEW), counts.size - 1]
    levels = np.array([_level(counts, then, start) for start in starts])
    return Season(peaks[: counts.size], levels, peaks[counts.size - 1 : counts.size - 1 + OUTLOOK * MINUTE // GRID])


def _level(counts: Counts, then: Counts, place: int) -> int:
    part = slice(max(0, place - LEVEL), place + 1)
    low, high = LEVELS
    return max(low, min(high, int(counts[part].sum()) * WHOLE // max(1, int(then[part].sum()))))
