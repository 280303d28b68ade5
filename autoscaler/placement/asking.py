"""What rules of a pool ask for, held against the ledger: what is lacking, what may not be bought, what may not go."""

from collections import Counter
from dataclasses import dataclass

from autoscaler.model.pool_asks import Ceiling, Diverse, Headroom, PoolAsk, Room, RoomFor, SpotShare, Utilisation, Warm, ZoneRatio
from autoscaler.model.quantities import Money, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import OfferingName, WorkloadRef
from autoscaler.model.resources import NOTHING, Resources
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import Host, HostState, Load, Offer, PoolOptions

WHOLE = 1000
UNITS = {"cpu": "cpu", "memory": "bytes"}
USABLE = (HostState.OPEN, HostState.JOINING, HostState.RETURNING)
STANDING = (HostState.OPEN, HostState.RETURNING)
"""Machines whose room is there: what is on its way is no reason to give back what stands."""

Moved = tuple[tuple[WorkloadRef, int, str], ...]
"""Replicas that move, how many, and to which machine."""

Shortage = tuple[int, ...]
"""For each resource or place that the asks of one pool speak of, how much is lacking; in a fixed order, nothing below zero."""


def shortage(ledger: Ledger, pool: PoolOptions, states: tuple[HostState, ...] = USABLE, astray: Moved = ()) -> Shortage:
    """What the pool lacks of the room its asks want, on machines in these states."""
    return tuple(lack for ask in pool.asks if isinstance(ask, Room) for lack in _lacks(ledger, pool, ask, states, astray))


def worse(before: Ledger, after: Ledger, pools: tuple[PoolOptions, ...], *, closing: str = "", astray: Moved = ()) -> Reason | None:
    """The first room of which more is lacking after than before, on machines that stand.

    `closing`: one that could be kept, being closed or not. `astray`: replicas that move, where somebody else chooses: wherever they are
    expected, they may as well come to the pool that keeps its room.
    """
    keeping = [pool for pool in pools if any(isinstance(ask, Room) for ask in pool.asks)]
    if keeping and closing and before.hosts[closing].state is HostState.CLOSING:
        before = before.copy()
        before.set_state(closing, HostState.RETURNING)
    more = (_first(pool, shortage(after, pool, STANDING, astray), shortage(before, pool, STANDING)) for pool in keeping)
    return next((why for why in more if why), None)


def lacking(ledger: Ledger, pool: PoolOptions, astray: Moved = ()) -> Reason | None:
    """The first room that is not there; `astray` as in `worse`."""
    lacks = shortage(ledger, pool, USABLE, astray)
    return _first(pool, lacks, (0,) * len(lacks))


def helped(before: Ledger, after: Ledger, pool: PoolOptions) -> Reason | None:
    """The first room of which less is lacking after than before."""
    return _first(pool, shortage(before, pool), shortage(after, pool))


def unseen(ledger: Ledger, pool: PoolOptions) -> tuple[Reason, ...]:
    """Workloads that room is asked for and nobody has seen."""
    asked = (ask.workload for ask in pool.asks if isinstance(ask, RoomFor))
    return tuple(Reason(Code.WORKLOAD_UNKNOWN, names=(str(ref),)) for ref in asked if ref not in ledger.loads)


def barred(ledger: Ledger, pool: PoolOptions, offer: Offer) -> Reason | None:
    """Why one more machine of the offer may not be bought."""
    if not pool.asks:
        return None
    here = _Here.of(ledger, pool)
    return _too_dear(here, pool, offer) or _misplaced(here, pool, offer)


def misplaced(ledger: Ledger, pool: PoolOptions, offer: Offer) -> Reason | None:
    """The same whatever it costs: too much spot, too much of one kind, or the wrong zone."""
    return _misplaced(_Here.of(ledger, pool), pool, offer)


def _misplaced(here: "_Here", pool: PoolOptions, offer: Offer) -> Reason | None:
    return _too_much(here, pool, offer) or _wrong_zone(here, pool, offer)


def _too_much(here: "_Here", pool: PoolOptions, offer: Offer) -> Reason | None:
    return _too_much_spot(here, pool, offer) or _too_much_alike(here, pool, offer)


def held(ledger: Ledger, pool: PoolOptions, host: Host) -> Reason | None:
    """Why the machine may not go, wherever what stands on it could: too much of the rest were spot, or too little in its zone."""
    left = [one for one in _staying(ledger, pool) if one.key != host.key] if pool.asks else []
    reasons = (_holds(pool, ask, host, left) for ask in pool.asks)
    return next((reason for reason in reasons if reason), None)


def _first(pool: PoolOptions, more: Shortage, less: Shortage) -> Reason | None:
    """The room that the first place is of at which the one is greater than the other."""
    reasons = (why for ask in pool.asks if isinstance(ask, Room) for why in _kept(pool, ask))
    return next((why for why, one, other in zip(reasons, more, less, strict=True) if one > other), None)


def _kept(pool: PoolOptions, ask: Room) -> tuple[Reason, ...]:
    """What it keeps free, for each of its places in a shortage."""
    match ask:
        case Headroom(cpu=cpu, memory=memory):
            return _spared(pool, cpu, "cpu"), _spared(pool, memory, "memory")
        case Utilisation(cpu=cpu, memory=memory):
            limits = ((cpu, "cpu"), (memory, "memory"))
            return tuple(Reason(Code.KEEPS_BELOW, (most.milli if most else WHOLE,), "%", (pool.name, name)) for most, name in limits)
        case RoomFor(workload=workload, count=count):
            return (Reason(Code.KEEPS_ROOM_FOR, (count,), "replicas", (pool.name, str(workload))),)
        case Warm(nodes=nodes):
            return (Reason(Code.KEEPS_WARM, (nodes,), "nodes", (pool.name,)),) * 2


def _spared(pool: PoolOptions, part: Share | int, name: str) -> Reason:
    if isinstance(part, Share):
        return Reason(Code.KEEPS_HEADROOM, (part.milli,), "%", (pool.name, name))
    return Reason(Code.KEEPS_FREE, (part,), UNITS[name], (pool.name, name))


def _lacks(ledger: Ledger, pool: PoolOptions, ask: Room, states: tuple[HostState, ...], astray: Moved) -> Shortage:
    hosts = [one for one in ledger.hosts.values() if one.pool == pool.name and one.state in states and not one.must_close]
    strays = [(ledger.loads[ref], count) for ref, count, key in astray if ledger.hosts[key].pool != pool.name]
    coming = [(load, count) for load, count in strays if any(ledger.allows(load, host.key) for host in hosts)]
    if isinstance(ask, RoomFor):
        return (_places_lacking(ledger, hosts, ask, coming),)
    offered, free = _offered(ledger, hosts)
    for load, count in coming:
        free -= load.shape.requests.times(count)
    wanted = _wanted(pool, ask, offered, offered - free)
    return max(0, wanted.cpu - free.cpu), max(0, wanted.memory - free.memory)


def _wanted(pool: PoolOptions, ask: Headroom | Utilisation | Warm, offered: Resources, requested: Resources) -> Resources:
    """What should be free."""
    match ask:
        case Headroom(cpu=cpu, memory=memory):
            return Resources(_part(cpu, requested.cpu), _part(memory, requested.memory))
        case Utilisation(cpu=cpu, memory=memory):
            return Resources(_rest(cpu, offered.cpu), _rest(memory, offered.memory))
        case Warm(nodes=nodes):
            smallest = min(pool.offers, key=lambda one: (one.capacity.cpu, one.capacity.memory, one.name), default=None)
            return smallest.capacity.times(nodes) if smallest else NOTHING


def _part(asked: Share | int, requested: int) -> int:
    return asked if isinstance(asked, int) else asked.of(requested)


def _rest(most: Share | None, offered: int) -> int:
    return offered - offered * most.milli // WHOLE if most else 0


def _places_lacking(ledger: Ledger, hosts: list[Host], ask: RoomFor, coming: list[tuple[Load, int]]) -> int:
    load = ledger.loads.get(ask.workload)
    if load is None:
        return 0
    taken = sum(_places_of(one.shape.requests, load.shape.requests) * count for one, count in coming)
    return max(0, ask.count + taken - sum(ledger.fits(load, host.key, ledger.settled(host.key)) for host in hosts))


def _places_of(one: Resources, place: Resources) -> int:
    """How many such places it takes, wherever it comes."""
    pairs = ((one.cpu, place.cpu), (one.memory, place.memory))
    return max(1, *(-(-takes // holds) for takes, holds in pairs if holds))


def _offered(ledger: Ledger, hosts: list[Host]) -> tuple[Resources, Resources]:
    """What the machines have, and what of that will be free; one that is overfull has nothing free, and lends nothing."""
    offered, free = NOTHING, NOTHING
    for host in hosts:
        room = ledger.settled(host.key)
        offered += host.capacity
        free += Resources(max(0, room.cpu), max(0, room.memory))
    return offered, free


@dataclass(frozen=True, slots=True)
class _Here:
    """A pool's machines: those that stay as far as is known, by zone, and spot ones by offering; and what all of them cost."""

    zones: Counter[str]
    kinds: Counter[OfferingName | None]
    price: int

    @classmethod
    def of(cls, ledger: Ledger, pool: PoolOptions) -> "_Here":
        """Every machine costs as long as it is there: what is being closed is paid for too."""
        staying = _staying(ledger, pool)
        price = pool.beside + sum(host.price for host in ledger.hosts.values() if host.pool == pool.name)
        return cls(Counter(host.zone for host in staying), Counter(host.offering for host in staying if host.spot), price)

    @property
    def spot(self) -> int:
        """How many are spot."""
        return self.kinds.total()


def _staying(ledger: Ledger, pool: PoolOptions) -> list[Host]:
    here = (host for host in ledger.hosts.values() if host.pool == pool.name)
    return [host for host in here if host.state not in (HostState.CLOSING, HostState.LEAVING) and not host.must_close]


def _too_dear(here: _Here, pool: PoolOptions, offer: Offer) -> Reason | None:
    for ask in pool.asks:
        if isinstance(ask, Ceiling):
            currency, price = ask.price.currency, here.price + offer.price
            if pool.currency != currency:
                return Reason(Code.OTHER_CURRENCY, names=(pool.name, pool.currency, currency))
            if price > ask.price.micro:
                return Reason(Code.PRICE_CEILING, names=(pool.name, str(Money(price, currency)), str(ask.price)))
    return None


def _too_much_spot(here: _Here, pool: PoolOptions, offer: Offer) -> Reason | None:
    shares = [ask for ask in pool.asks if isinstance(ask, SpotShare)] if offer.spot else []
    total = here.zones.total() + 1
    return next((_spot(pool, ask, total) for ask in shares if here.spot + 1 > _most_spot(ask, total)), None)


def _too_much_alike(here: _Here, pool: PoolOptions, offer: Offer) -> Reason | None:
    """One of each may come, whatever the share."""
    for ask in pool.asks:
        if isinstance(ask, Diverse) and offer.spot:
            total = here.spot + 1
            most = max(1, -(-total * ask.share.milli // WHOLE))
            if here.kinds[offer.name] + 1 > most:
                return Reason(Code.OFFERING_HAS_ITS_SHARE, (most, total), "nodes", (offer.name, pool.name))
    return None


def _most_spot(ask: SpotShare, total: int) -> int:
    return max(0, total - ask.on_demand) * ask.share.milli // WHOLE


def _spot(pool: PoolOptions, ask: SpotShare, total: int) -> Reason:
    return Reason(Code.SPOT_SHARE, (_most_spot(ask, total), total), "nodes", (pool.name,))


def _wrong_zone(here: _Here, pool: PoolOptions, offer: Offer) -> Reason | None:
    """Among zones that have something to sell: one that is sold out, or too dear, does not hold up the others."""
    for weights in (dict(ask.weights) for ask in pool.asks if isinstance(ask, ZoneRatio)):
        if offer.zone not in weights:
            return Reason(Code.ZONE_NOT_NAMED, names=(offer.zone, pool.name))
        open_to = [one for one in pool.offers if not (one.sold_out or _too_dear(here, pool, one) or _too_much(here, pool, one))]
        selling = {one.zone for one in open_to if one.zone in weights} | {offer.zone}
        whole, total = sum(weights[zone] for zone in selling), sum(here.zones[zone] for zone in selling) + 1
        if here.zones[offer.zone] + 1 > -(-total * weights[offer.zone] // whole):
            return Reason(Code.ZONE_HAS_ITS_SHARE, (here.zones[offer.zone], total - 1), "nodes", (offer.zone, pool.name))
    return None


def _holds(pool: PoolOptions, ask: PoolAsk, host: Host, left: list[Host]) -> Reason | None:
    match ask:
        case SpotShare() if not host.spot and sum(one.spot for one in left) > _most_spot(ask, len(left)):
            return _spot(pool, ask, len(left))
        case ZoneRatio(weights=weights) if host.zone in dict(weights):
            shares, zones = dict(weights), Counter(one.zone for one in left)
            least = sum(zones[zone] for zone in shares) * shares[host.zone] // sum(shares.values())
            if zones[host.zone] < least:
                return Reason(Code.ZONE_KEEPS_ITS_SHARE, (least,), "nodes", (host.zone, pool.name))
    return None
