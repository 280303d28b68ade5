"""The question: machines, what stands on them, what is to come, what may be bought."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from autoscaler.model.constraints import Labels, Taint
from autoscaler.model.devices import DeviceAsk, Devices
from autoscaler.model.policies import Consolidation
from autoscaler.model.pool_asks import PoolAsk
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import OfferingName, PoolName, WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.model.workloads import Shape


class HostState(StrEnum):
    """What a machine is good for, best first.

    OPEN takes replicas. JOINING will. RETURNING is being opened again. CLOSING is being emptied by us and can be taken back.
    LEAVING is being emptied and cannot. SHUT takes none: down, or fenced by somebody else.
    """

    OPEN = "open"
    JOINING = "joining"
    RETURNING = "returning"
    CLOSING = "closing"
    LEAVING = "leaving"
    SHUT = "shut"


OPEN = (HostState.OPEN,)
"""Only what takes replicas now."""


# Named tuples: thousands are sold and bought at once, and each try to empty one makes another host of it.
class Host(NamedTuple):
    """A machine, named by `key`. `used`: what stands on it beside the residents. `price` per hour, in millionths.

    `keep`: why it may not be closed; empty when it may. `must_close`: it has to be emptied, wanted or not. `emptied`: its orchestrator is
    emptying it, and spreads nothing over it any more; over one that is only fenced it does. `holding`: what uses its devices beside the
    residents, and which of them, where known. `ends_at`: its cloud takes it then, so whoever can move goes, and who cannot stays.
    `outbid`: it is being closed because cheaper machines take its place, and may wait for them.
    `daemons`: what runs there as on other machines, is in its capacity already, and ends with it.
    """

    key: str
    capacity: Resources
    state: HostState = HostState.OPEN
    pool: PoolName | None = None
    used: Resources = NOTHING
    labels: Labels = ()
    price: int = 0
    keep: tuple[Reason, ...] = ()
    must_close: bool = False
    zone: str = ""
    spot: bool = False
    offering: OfferingName | None = None
    taints: tuple[Taint, ...] = ()
    emptied: bool = False
    devices: Devices = ()
    holding: tuple[tuple[DeviceAsk, tuple[int, ...]], ...] = ()
    ends_at: Instant | None = None
    outbid: bool = False
    daemons: tuple[WorkloadRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A workload, as far as placing it goes.

    `sure`: whoever places a replica keeps its requests free there; else every machine it may choose must have room for all.
    `spare`: how many available replicas may leave at once without a replacement; below 0 the floor is broken already.
    `surge`: most extra replicas while it moves; `lent`: those asked for by now; `booked`: of these, those that stand. `doubles`: the
    orchestrator starts replacements itself, beside the surge; else each replacement is started by name. `gap`: it may be away for a while.
    `stuck`: why it cannot be moved at all. `labels`: what selectors of constraints find it by.
    """

    workload: WorkloadRef
    shape: Shape
    sure: bool = True
    spare: int = 0
    surge: int = 0
    lent: int = 0
    booked: int = 0
    doubles: bool = True
    gap: bool = False
    stuck: tuple[Reason, ...] = ()
    labels: Labels = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """`count` replicas of a workload on a machine: `serving` of them available, `going` of them about to end anyway.

    `devices`: numbers of the devices that each uses, of those of whom they are known.
    """

    workload: WorkloadRef
    host: str
    count: int
    serving: int = 0
    going: int = 0
    devices: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """`count` replicas to come. `told`: the orchestrator knows already and will place them whatever we do."""

    workload: WorkloadRef
    count: int
    told: bool = False


class Offer(NamedTuple):
    """What a pool may open: capacity, devices and labels of one machine, `price` per hour in millionths. `daemons` will run there.

    `standby`: so many are made already, and are started before any is made.
    """

    name: OfferingName
    capacity: Resources
    price: int
    labels: Labels = ()
    sold_out: bool = False
    zone: str = ""
    spot: bool = False
    taints: tuple[Taint, ...] = ()
    devices: Devices = ()
    daemons: tuple[WorkloadRef, ...] = ()
    standby: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """A pool with its count of machines now, its bounds, what it offers in which currency, and what its rules ask for.

    `beside`: the price of its machines that are paid for and no hosts. `consolidate`: what its moves are priced at; None for nothing.
    `priority`: what can be had here is not bought in a pool of a lower one.
    """

    name: PoolName
    count: int
    min: int
    max: int
    offers: tuple[Offer, ...] = ()
    asks: tuple[PoolAsk, ...] = ()
    currency: str = ""
    beside: int = 0
    consolidate: Consolidation | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bidding:
    """Machines, by key, that cheaper ones may take the place of, and how many of them at most in one answer.

    `bought`: how many may be bought for them at most. `coming`: what is being bought for those that are outbid already, and not seen yet.
    """

    hosts: frozenset[str] = frozenset()
    most: int = 0
    bought: int = 1_000_000
    coming: tuple[tuple[PoolName, OfferingName], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """All of it. `spread`: somebody else chooses the machine, and is expected to spread; else replicas are packed.

    `daemons`: what runs on machines and never moves, for rules that count it, and that it has against others.
    `later`: replicas that come once a limit lets them: they keep the machines that are there for them, and open none but for room that a
    pool keeps free beside them. `dearer`: by so many thousandths of its price what is bought may cost more for the sake of preferences.
    `names`: not only the machine of each replica to come is ours to choose, but its devices too.
    """

    hosts: tuple[Host, ...]
    loads: tuple[Load, ...]
    residents: tuple[Resident, ...] = ()
    demands: tuple[Demand, ...] = ()
    pools: tuple[PoolOptions, ...] = ()
    spread: bool = False
    later: tuple[Demand, ...] = ()
    dearer: int = 0
    names: bool = False
    bidding: Bidding = Bidding()
    daemons: tuple[Load, ...] = ()


KeepGoing = Callable[[int], bool]
"""Asked with the rounds done, whether to go on; only whoever has a clock ties it to one."""


def always(rounds: int) -> bool:
    """Search to the end."""
    return rounds >= 0
