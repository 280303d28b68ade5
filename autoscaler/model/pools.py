"""Interchangeable machines behind one cloud object."""

from dataclasses import dataclass, field

from autoscaler.model.budgets import Budget
from autoscaler.model.constraints import Taint
from autoscaler.model.devices import Devices
from autoscaler.model.nodes import Instance
from autoscaler.model.policies import Consolidation, Mode
from autoscaler.model.quantities import Duration, Instant, Money
from autoscaler.model.refs import ClusterName, OfferingName, PoolName
from autoscaler.model.resources import Resources

JOIN_TIMEOUT = Duration(600_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """Instance type x zone x capacity type at a price per hour; `capacity` and `devices` are what replicas may use of such a node.

    `sold_out_until`: the cloud refused it; not asked for again before. `priced_at`, `priced_by`: when and by whom the price was told, where
    it came of a catalogue. `standby`: so many such machines are made already and stopped; growing starts these first.
    """

    name: OfferingName
    capacity: Resources
    price: Money
    zone: str = ""
    spot: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    sold_out_until: Instant = Instant(0)
    taints: tuple[Taint, ...] = ()
    devices: Devices = ()
    priced_at: Instant = Instant(0)
    priced_by: str = ""
    standby: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolState:
    """What the cloud says of one pool. `wanted` counts launching and running instances, not stopping or failed ones.

    `failed_launches`: of late, with none that succeeded since. They are forgotten in minutes: a pool that needs no more instances
    tries none, and must not halt its cluster for ever. `rests_until`: its machines never joined, so often in a row, and none is launched
    before that. `standing_by`: what nodes of machines that stand by are called, for these may have joined while they were prepared.
    """

    pool: PoolName
    read_at: Instant
    wanted: int
    instances: tuple[Instance, ...]
    offerings: tuple[Offering, ...]
    failed_launches: int = 0
    rests_until: Instant = Instant(0)
    never_joined: int = 0
    standing_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSpec:
    """What the policy file says of a pool.

    `idle`: how long a node must have been superfluous before it goes. `join_timeout`: how long a machine may run without becoming a node.
    `mode`: whether it may grow, shrink, both or neither.
    `consolidate`: what moving replicas is worth. `budgets`: how many nodes may be missing at once because we close them; all hold.
    `priority`: machines are bought in the pools of the highest first, whatever they cost.
    """

    name: PoolName
    cluster: ClusterName
    min: int
    max: int
    idle: Duration = field(default=Duration(300_000))
    mode: Mode = Mode.ACTIVE
    consolidate: Consolidation = Consolidation()
    budgets: tuple[Budget, ...] = ()
    priority: int = 0
    join_timeout: Duration = JOIN_TIMEOUT
