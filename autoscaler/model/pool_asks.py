"""What a rule of a pool asks placement for: room that stays free, and limits on what is bought and given back."""

from dataclasses import dataclass

from autoscaler.model.quantities import Money, Share
from autoscaler.model.refs import WorkloadRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """Free on the pool's nodes, all together: of cpu and of memory a share of what its replicas request, or milli-cores and bytes."""

    cpu: Share | int = 0
    memory: Share | int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Utilisation:
    """At most this share of what the pool's nodes offer is requested."""

    cpu: Share | None = None
    memory: Share | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFor:
    """`count` more replicas of the workload find room on the pool's nodes at any time."""

    workload: WorkloadRef
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """Free on the pool's nodes, all together: what so many of the smallest machines it may have offer."""

    nodes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotShare:
    """Of the nodes beyond the first `on_demand` ones at most this share is spot."""

    share: Share
    on_demand: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverse:
    """Of the spot nodes at most this share is of one offering: what a cloud takes back, it mostly takes of one kind in one zone."""

    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRatio:
    """Nodes stand in these zones by weight, as nearly as whole nodes can; in no others."""

    weights: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """Nothing is bought that would bring the pool's price per hour above this."""

    price: Money


Room = Headroom | Utilisation | RoomFor | Warm
"""Asks that buy nodes, and keep some that could go."""

PoolAsk = Room | SpotShare | Diverse | ZoneRatio | Ceiling
