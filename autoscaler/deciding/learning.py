"""What a policy learns from its own past: how long to hold, how far to look ahead, how much to keep in reserve.

Each of a few ways is replayed over the counts that were recommended of late. A replica that is asked for serves once its lead is over,
one given back is gone at once; so what serves is the lowest count wanted within the lead. Chosen is the way that would have been short
for the least time, among those that would have cost no more than the plain window, with what was saved or overspent of late made good.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from autoscaler.deciding.anticipate import GRID, LATE, RISE
from autoscaler.deciding.season import Season, season_of
from autoscaler.deciding.series import ANEW, Counts, highest, lowest, series
from autoscaler.model.history import History, Lesson
from autoscaler.model.policies import Behaviour, Learning
from autoscaler.model.quantities import Duration, Instant, Share

SEEN_LATE = 4
"""So many GRIDs after a load began its count is decided: samples are half a minute old, and ticks come when they come."""

RESERVE_OF = 240
"""A reserve is a share of the counts of the last so many GRIDs: an hour."""

ENOUGH = 120
"""GRIDs of past without which nothing is learned: half an hour."""

SEVEN, EIGHT = 7, 8
"""A replica is overrun when it bears 8 for every 7 it should: 80% where the target is 70%."""

PART = 2
"""Eighths of a replica by which a count, rounded up, is more than its load asks for, on average."""

WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Way:
    """`ahead`: how much of the rise over the lead is added. `reserve`: enough for this share of the last hour.

    `again`: how much of what the load did a season ago, at today's level, is kept ready; none for 0%.
    """

    hold: Duration
    ahead: Share
    reserve: Share
    again: Share = Share(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What some counts would have come to: GRIDs they were short, and replicas times GRIDs."""

    short: int
    cost: int


PACES = tuple(
    (Duration(hold), Share(ahead))
    for hold, ahead in ((180_000, 500), (60_000, 500), (120_000, 500), (120_000, 1000), (180_000, 1000), (240_000, 500))
)
RESERVES = tuple(Share(milli) for milli in (0, 500, 600, 700, 800, 900))
AGAIN = tuple(Share(milli) for milli in (0, 900, 1000, 1100))
WAYS = tuple(Way(hold, ahead, reserve) for (hold, ahead), reserve in product(PACES, RESERVES))
SEASONAL_WAYS = tuple(Way(hold, ahead, reserve, again) for again, (hold, ahead), reserve in product(AGAIN, PACES, RESERVES))


def learn(history: History, behaviour: Behaviour, now: Instant) -> Lesson | None:
    """What the past teaches by now; None while there is too little of it, or the policy does not learn."""
    learning = behaviour.learn
    if learning is None:
        return None
    counts, ready = series(history.recommendations, learning.over, now)
    if counts.size < ENOUGH:
        return None
    season = season_of(history.recommendations, learning, counts, now)
    replay = Replay.of(counts, learning, season)
    (plain,) = replay.tried(highest(counts, behaviour.scale_down.stabilise.ms // GRID)[np.newaxis, :])
    fair = plain.cost * learning.cost.milli // WHOLE
    ways = WAYS if season is None else SEASONAL_WAYS
    way, best = _best(zip(ways, replay.trials(), strict=True), most=2 * fair - int(ready[:-SEEN_LATE].sum()))
    return Lesson(
        at=now,
        hold=way.hold,
        ahead=way.ahead,
        lead=learning.lead,
        reserve=way.reserve,
        floor=int(replay.reserves(way.reserve)[-1]),
        short=_share(best.short, counts.size),
        plain_short=_share(plain.short, counts.size),
        cost=_share(best.cost, plain.cost),
        outlook=() if season is None or not way.again.milli else season.outlook(way.again),
    )


@dataclass(frozen=True, slots=True)
class Replay:
    """The counts of the past, what load stood behind them, and how long new replicas take."""

    counts: Counts
    needed: Counts
    lead: int
    hours: tuple[Counts, ...]
    season: Season | None = None

    @classmethod
    def of(cls, counts: Counts, learning: Learning, season: Season | None = None) -> "Replay":
        """`needed` is what would just have done; each of `hours` the sorted counts before one ANEW, and before now."""
        starts = [*range(0, counts.size, ANEW), counts.size - 1]
        hours = tuple(np.sort(counts[max(0, start - RESERVE_OF) : start + 1]) for start in starts)
        needed = np.maximum(1, -(-(SEVEN * counts - PART) // EIGHT))
        return cls(counts, needed, learning.lead.ms // GRID, hours, season)

    def trials(self) -> Iterator[Trial]:
        """One for each of WAYS, in their order."""
        kept = np.stack([np.repeat(self.reserves(reserve)[:-1], ANEW)[: self.counts.size] for reserve in RESERVES])
        held = np.stack([highest(self.raised(ahead), hold.ms // GRID) for hold, ahead in PACES])
        plain = np.maximum(held[:, np.newaxis, :], kept).reshape(len(WAYS), -1)
        for again in AGAIN if self.season else AGAIN[:1]:
            yield from self.tried(np.maximum(plain, self.season.expected(again)) if self.season else plain)

    def tried(self, wanted: Counts) -> Iterator[Trial]:
        """What each row of counts would have come to."""
        serving = lowest(wanted, self.lead)[:, :-SEEN_LATE]
        short = np.count_nonzero(self.needed[SEEN_LATE:] > serving, axis=1)
        for lacking, cost in zip(short.tolist(), serving.sum(axis=1).tolist(), strict=True):
            yield Trial(short=lacking, cost=cost)

    def raised(self, ahead: Share) -> Counts:
        """The counts with the rise of the last two minutes carried on until what is asked for now will serve."""
        span = RISE.ms // GRID
        rise = np.zeros_like(self.counts)
        rise[span:] = np.maximum(0, self.counts[span:] - self.counts[:-span])
        return self.counts - (-rise * (self.lead + LATE // GRID) * ahead.milli // (span * WHOLE))

    def reserves(self, share: Share) -> Counts:
        """For each of `hours` the count that would have done for so much of it; none at all for 0%."""
        if not share.milli:
            return np.zeros(len(self.hours), np.int64)
        return np.array([hour[min(hour.size - 1, share.milli * hour.size // WHOLE)] for hour in self.hours])


def _best(tried: Iterable[tuple[Way, Trial]], most: int) -> tuple[Way, Trial]:
    """Short for the least time at no more than `most`; where all cost more, the cheapest."""
    return min(tried, key=lambda one: (one[1].cost > most, one[1].short if one[1].cost <= most else 0, one[1].cost))


def _share(part: int, whole: int) -> Share:
    return Share(part * WHOLE // max(1, whole))
