"""The past of one policy or pool, as an argument: deciding keeps no state of its own."""

from dataclasses import dataclass

from autoscaler.model.forecasts import Forecast
from autoscaler.model.quantities import Duration, Instant, Share
from autoscaler.model.refs import OfferingName


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The count before stabilisation, at one tick; `ready`: how many replicas were, where a policy decides on them."""

    at: Instant
    count: int
    ready: int = 0


@dataclass(frozen=True, slots=True)
class ScaleEvent:
    """A change of ours that was carried out: +2, -1. `foreign`: somebody else's."""

    at: Instant
    change: int
    foreign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """How to run ahead of a load, learned from the past at `at`: see `deciding/learning.py`.

    The highest count of the last `hold` stands, with `ahead` of each rise carried on over the `lead` that new replicas need, and never
    fewer than `floor`, the `reserve` quantile of the last hour. Replayed, this was `short` of the time, the plain window `plain_short`,
    and cost this share of what that would have. `outlook`: what the load did a season ago, at today's level, for each minute from `at` on;
    empty where that taught nothing.
    """

    at: Instant
    hold: Duration
    ahead: Share
    lead: Duration
    reserve: Share
    floor: int
    short: Share
    plain_short: Share
    cost: Share
    outlook: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What a rule asked to be told again (`Vote.note`), by the name the file gives it, and when it did."""

    rule: str
    at: Instant
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A pool's cloud had no `offering` at that instant, for the so-manieth time in a row."""

    offering: OfferingName
    at: Instant
    times: int = 1


@dataclass(frozen=True, slots=True)
class Arrival:
    """A machine that had no node when it was first seen. `since`: when it was first seen to run; None while it only launches."""

    instance: str
    since: Instant | None = None
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A pool's new machines, each until it has joined or is gone. `missed_at`: when one last had not come, `times` in a row.

    `looked_at`: when the cluster was last seen while there are any.
    """

    machines: tuple[Arrival, ...] = ()
    missed_at: Instant = Instant(0)
    times: int = 0
    looked_at: Instant = Instant(0)


@dataclass(frozen=True, slots=True)
class Notice:
    """A cloud said `at` that it ends an instance then, and why, in its own words."""

    instance: str
    at: Instant
    ends_at: Instant
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`subject` is a policy's target (`shop/web`) or a pool (`pool:general`). Both lists are oldest first.

    `began`: when the subject was first decided on; None before the first tick. `watched`: since when no recommendation is missing from
    the list; None where the list is all there is to know, as in a past written by hand. `notes`: of rules that need one, their last;
    `forecasts`: likewise. `refusals`: of a pool, what could not be had when it was last asked for; `arrivals`: its new machines.
    `notices`: of all pools together.
    """

    subject: str
    began: Instant | None = None
    recommendations: tuple[Recommendation, ...] = ()
    events: tuple[ScaleEvent, ...] = ()
    lesson: Lesson | None = None
    watched: Instant | None = None
    notes: tuple[Note, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notices: tuple[Notice, ...] = ()
    arrivals: Arrivals = Arrivals()

    def young(self, start: int) -> bool:
        """Whether something may have been recommended after `start` that is not told: a first tick, or a service that was away.

        Not by `began`: after a long absence that is long ago, and tells nothing.
        """
        if self.watched is not None:
            return self.watched > start
        return self.began is None and not self.recommendations


@dataclass(frozen=True, slots=True)
class Histories:
    """The past of everything in one cluster."""

    entries: tuple[History, ...] = ()

    def of(self, subject: str) -> History:
        """The subject's past; an empty one before its first tick."""
        return next((entry for entry in self.entries if entry.subject == subject), History(subject=subject))
