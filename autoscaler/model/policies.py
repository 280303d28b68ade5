"""The parts of a policy that deciding and planning read: bounds, behaviour, availability, mode, limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from autoscaler.errors import PolicyError
from autoscaler.model.calendars import Window
from autoscaler.model.quantities import Duration, Money, Number, Share
from autoscaler.model.refs import MetricName, TrafficName


class Mode(StrEnum):
    """What may come of a policy's decision: everything, only growth, a recommendation, or nothing at all."""

    ACTIVE = "active"
    SCALE_OUT_ONLY = "scale_out_only"
    RECOMMEND = "recommend"
    OFF = "off"


class Pick(StrEnum):
    """Which of several rate limits binds: the one that allows most, least, or (none) no change at all."""

    MOST = "most"
    LEAST = "least"
    NONE = "none"


class Combine(StrEnum):
    """What counts of several rules: the most, the fewest, or whoever wants a change (any of them may shrink, the most counts)."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """In place of a metric that cannot be read: `metric`, another one; or the rule wants `count`, or no fewer than `at_least` and now."""

    metric: MetricName | None = None
    count: int | None = None
    at_least: int | None = None

    def wanted(self, current: int) -> int | None:
        """The count a rule wants that cannot see; None where there is none."""
        return self.count if self.at_least is None else max(self.at_least, current)


Fallbacks = Mapping[MetricName, Fallback]


def standing_in(metric: MetricName, fallbacks: Fallbacks) -> tuple[MetricName, ...]:
    """The metric, what is read in its place, what in the place of that, and so on: each once, though they make a ring."""
    found: dict[MetricName, None] = {}
    following: MetricName | None = metric
    while following and following not in found:
        found[following] = None
        following = fallbacks[following].metric if following in fallbacks else None
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """min <= count <= max, always."""

    min: int
    max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most `change` (replicas, or a share of the count at the period's start) in any `per`."""

    change: int | Share
    per: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """How fast one way: the stabilisation window, the limits, and which of them binds."""

    stabilise: Duration
    limits: tuple[RateLimit, ...]
    pick: Pick = Pick.MOST


SCALE_UP = Direction(
    stabilise=Duration(0),
    limits=(
        RateLimit(change=Share(1000), per=Duration(15_000)),
        RateLimit(change=4, per=Duration(15_000)),
    ),
)
SCALE_DOWN = Direction(stabilise=Duration(300_000), limits=(RateLimit(change=Share(1000), per=Duration(15_000)),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """Learn from the last `over` how to run ahead of the load, at no more than `cost` of what `scale_down.stabilise` would cost.

    `lead`: how long a new replica takes to serve. `season`: after so long the load is expected to do again what it did.
    """

    over: Duration = Duration(6 * 3_600_000)
    lead: Duration = Duration(120_000)
    cost: Share = Share(1010)
    season: Duration | None = None

    PASTS: ClassVar[tuple[Duration, Duration]] = Duration(3_600_000), Duration(86_400_000)
    LONGEST: ClassVar[Duration] = Duration(900_000)
    SEASONS: ClassVar[tuple[Duration, Duration]] = Duration(2 * 3_600_000), Duration(7 * 86_400_000)
    COSTS: ClassVar[tuple[Share, Share]] = Share(1000), Share(2000)

    @property
    def reach(self) -> Duration:
        """How far back a lesson looks."""
        return Duration(self.over.ms + (self.season.ms if self.season else 0) + 60_000)

    def __post_init__(self) -> None:
        """PolicyError for a past that is too short or too long to learn from, and for a lead nothing can be ready for."""
        if not self.PASTS[0] <= self.over <= self.PASTS[1]:
            raise PolicyError(f"nothing is learned from {self.over}", hint="write from 1h to 1d, such as 6h")
        if self.lead > self.LONGEST:
            raise PolicyError(f"no load is known {self.lead} ahead from its own rise", hint="write 15m or less; a schedule goes further")
        if self.season and not self.SEASONS[0] <= self.season <= self.SEASONS[1]:
            raise PolicyError(f"no season is {self.season} long", hint="write from 2h to 7d, such as 1d")
        if not self.COSTS[0] <= self.cost <= self.COSTS[1]:
            raise PolicyError(f"{self.cost} of the plain window's cost leaves no choice", hint="write from 100% to 200%, such as 101%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Legacy:
    """How Kubernetes HPA damps without a `behavior`: up at most to `factor` times the count or to `minimum`, whichever is more.

    The highest recommendation of `window` counts, its edge included, also where that is more than the present count.
    """

    window: Duration = Duration(300_000)
    factor: Number = Number(2000)
    minimum: int = 4

    FACTORS: ClassVar[tuple[Number, Number]] = Number(1000), Number(1_000_000)

    def __post_init__(self) -> None:
        """PolicyError for a factor that would shrink, or a minimum that is none."""
        low, high = self.FACTORS
        if not low <= self.factor <= high:
            raise PolicyError(f"a factor of {self.factor} is no limit to growth", hint=f"write from {low} to {high}, such as 2")
        if self.minimum < 0:
            raise PolicyError(f"a minimum of {self.minimum} replicas says nothing", hint="write 0 or more, such as 4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Both ways; the defaults are those of Kubernetes HPA v2 with a `behavior`. `learn` takes the place of both windows once it can.

    `legacy` takes the place of windows and limits both ways.
    """

    scale_up: Direction = SCALE_UP
    scale_down: Direction = SCALE_DOWN
    learn: Learning | None = None
    legacy: Legacy | None = None

    @property
    def window(self) -> Duration:
        """How far back any window looks."""
        return self.legacy.window if self.legacy else max(self.scale_up.stabilise, self.scale_down.stabilise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What our changes must leave a workload.

    `floor`: share of the replicas that stays available. `surge`: most extra replicas while we move (a count, or a share).
    `traffic`: the rotation its replicas stand in. `drain`: how long open sessions get. `allow_gap`: move even what cannot be in two places.
    `managed`: a policy names the workload; others move only under the file's defaults. `stays`: while one of these is open no replica is
    moved so that a node can close.
    """

    floor: Share = Share(1000)
    surge: int | Share = 1
    traffic: TrafficName | None = None
    drain: Duration = Duration(30_000)
    allow_gap: bool = False
    managed: bool = True
    stays: tuple[Window, ...] = ()

    def least(self, before: int, decided: int) -> int:
        """The fewest available replicas while a count goes from `before` to `decided`: at least 1 when there is one."""
        count = min(before, decided)
        return max(1, self.floor.of(count)) if count > 0 else 0

    def most_extra(self, count: int) -> int:
        """The most extra replicas beside `count`; at least 1 while a surge is allowed at all."""
        return self.surge if isinstance(self.surge, int) else self.surge.of(count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidation:
    """When replicas are moved so that a node can go: if it saves more within `horizon` than the moves are priced at.

    `move`: the price of moving one replica; None for a thousandth of whatever currency the pool is paid in. `hysteresis`: it must save
    more than the moves by this share of them. `replace`: nodes also go where cheaper ones would hold what stands there.
    """

    horizon: Duration = Duration(86_400_000)
    move: Money | None = None
    hysteresis: Share = Share(50)
    replace: bool = True

    USUAL: ClassVar[int] = 1000
    HOUR: ClassVar[int] = 3_600_000

    def saves(self, price: int) -> int:
        """What a machine of that price per hour costs within the horizon; both in millionths, rounded down."""
        return price * self.horizon.ms // self.HOUR

    def priced(self, moves: int) -> int:
        """What so many moves are priced at, hysteresis included; in millionths, rounded up."""
        return -(-moves * (self.USUAL if self.move is None else self.move.micro) * (WHOLE + self.hysteresis.milli) // WHOLE)


class Unmanaged(StrEnum):
    """Workloads no policy names: MOVE them under the defaults, or LEAVE them and the nodes they stand on."""

    MOVE = "move"
    LEAVE = "leave"


WHOLE = 1000
MOST_APART = Duration(30_000)
"""Nothing destructive rests on two parts of an observation further apart than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What no plan of a cluster may pass, whatever the policies say.

    Replica changes count per workload, node changes per cluster. `unhealthy`: with more of the nodes not ready, nothing destructive.
    `fresh`: two parts of an observation that a destructive step rests on are at most this far apart.
    """

    replicas_per_minute: int = 1000
    replicas_per_hour: int = 10_000
    nodes_per_minute: int = 20
    nodes_per_hour: int = 200
    closing_at_once: int = 2
    unhealthy: Share = Share(450)
    failed_launches: int = 3
    fresh: Duration = MOST_APART

    def __post_init__(self) -> None:
        """PolicyError for limits that would not limit, or let nothing ever happen: freezes and modes are for that."""
        if self.unhealthy.milli >= WHOLE:
            raise PolicyError(f"with unhealthy {self.unhealthy} no trouble is ever enough", hint="write less than 100%, such as 45%")
        if self.fresh > MOST_APART:
            raise PolicyError(f"parts of an observation {self.fresh} apart speak of two worlds", hint=f"write {MOST_APART} or less")
        counts = ("replicas_per_minute", "replicas_per_hour", "nodes_per_minute", "nodes_per_hour", "closing_at_once", "failed_launches")
        for name in counts:
            if getattr(self, name) < 1:
                raise PolicyError(f"{name} of {getattr(self, name)} lets nothing happen", hint="write 1 or more; to hold all, freeze it")
