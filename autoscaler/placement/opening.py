"""Which machines to open: each time the one that costs least for what it will usefully hold."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from autoscaler.model.constraints import NODE
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import OfferingName, PoolName
from autoscaler.model.resources import Resources
from autoscaler.placement.answer import Assignment, Opening
from autoscaler.placement.asking import USABLE, barred, misplaced
from autoscaler.placement.coming import may_come, unwelcome
from autoscaler.placement.devices import hold
from autoscaler.placement.fitting import fit, size
from autoscaler.placement.keeping import hindrance, no_device
from autoscaler.placement.lacking import nearest, would_hold
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import Host, HostState, Load, Offer, PoolOptions, Problem


@dataclass(slots=True, kw_only=True)
class Wish:
    """Replicas still without a place. `told`: of whom the orchestrator knows already."""

    load: Load
    count: int
    told: bool = False


@dataclass(slots=True, kw_only=True)
class Market:
    """What may be bought, what was, and what was `passed` over for a rule of its pool when something was bought last."""

    pools: tuple[PoolOptions, ...]
    opened: list[Opening] = field(default_factory=list)
    passed: dict[tuple[PoolName, OfferingName], Reason] = field(default_factory=dict)
    serial: int = 0

    def copy(self) -> "Market":
        """A market to try things on."""
        return replace(self, opened=list(self.opened), passed=dict(self.passed))

    def room_in(self, pool: PoolOptions) -> int:
        """How many more machines the pool may have."""
        return max(0, pool.max - pool.count - self.bought(pool.name))

    def bought(self, pool: PoolName) -> int:
        """How many were opened here."""
        return sum(one.pool == pool for one in self.opened)

    def ready(self, pool: PoolOptions, offer: Offer) -> bool:
        """Whether one of its machines that stand by is left."""
        return offer.standby > 0 and offer.standby > sum(one.pool == pool.name and one.offering == offer.name for one in self.opened)

    def bars(self, ledger: Ledger, pool: PoolOptions, offer: Offer) -> bool:
        """Whether a rule of the pool forbids one more of it now; remembers why."""
        return self.remembers(pool, offer, barred(ledger, pool, offer))

    def remembers(self, pool: PoolOptions, offer: Offer, why: Reason | None) -> bool:
        """Whether there is a reason; the last one is told of an offer that is not taken."""
        if why:
            self.passed[pool.name, offer.name] = why
        return why is not None

    def offers(self) -> list[tuple[PoolOptions, Offer]]:
        """All that can be had now."""
        pools = (pool for pool in self.pools if self.room_in(pool))
        return [(pool, offer) for pool in pools for offer in pool.offers if not offer.sold_out]

    def ranked(self) -> list[list[tuple[PoolOptions, Offer]]]:
        """The same, of pools of the highest priority first."""
        offers = self.offers()
        ranks = sorted({pool.priority for pool, _ in offers}, reverse=True)
        return [[one for one in offers if one[0].priority == rank] for rank in ranks] if len(ranks) > 1 else [offers]

    def only(self, priority: int) -> "Market":
        """What is on sale in pools of that priority."""
        return replace(self, pools=tuple(pool for pool in self.pools if pool.priority == priority))


def open_for(ledger: Ledger, market: Market, wish: Wish, *, spread: bool) -> list[Assignment]:
    """Open machines until the wish is met, or nothing more can be had for it; where it goes. `wish` keeps what is left."""
    went, barren, first = Counter[str](), set[tuple[PoolName, OfferingName]](), len(market.opened)
    why = no_device(ledger, wish.load) or hindrance(ledger, wish.load) or Reason(Code.NO_ROOM)
    while wish.count:
        ledger.offered = offered(ledger, market, wish.load)
        best = _best(ledger, market, wish, barren)
        lot = [best] if best else _one_each(ledger, market, wish)
        more = _bought(ledger, market, wish, went, lot, why=why, spread=spread) if lot else None
        if more is not None:
            went, barren = more, set()
        elif best:
            # By a rule between workloads nothing may come there just now: others may have to come elsewhere first.
            barren.add((best[0].name, best[1].name))
        else:
            break
    ledger.offered = {}
    _give_up(ledger, market, [one.key for one in market.opened[first:] if not went[one.key]])
    return [Assignment(wish.load.workload, count, key) for key, count in sorted(went.items())]


def _give_up(ledger: Ledger, market: Market, keys: Iterable[str]) -> None:
    """Not bought after all: with a later machine all found better places. What runs on one by itself may be what others joined."""
    for key in [key for key in keys if not ledger.hosts[key].daemons]:
        ledger.drop(key)
        market.opened = [one for one in market.opened if one.key != key]


Lot = list[tuple[PoolOptions, Offer]]
"""Machines that are bought as one."""


def _bought(ledger: Ledger, market: Market, wish: Wish, went: Counter[str], lot: Lot, *, why: Reason, spread: bool) -> Counter[str] | None:
    """Where all of the wish goes with these machines more; None, and nothing bought, where that is no more than before."""
    before = wish.count
    keys = buy_all(ledger, market, lot, why)
    even = wish.load.sure and ledger.relations.of_one(wish.load.workload).even()
    found = _evenly(ledger, wish, went, spread=spread) if even else went + _put(ledger, wish, (HostState.JOINING,), spread=spread)
    if wish.count < before:
        return found
    if even:
        _take_back(ledger, wish, found)
        for key, count in went.items():
            ledger.put(wish.load.workload, key, count)
    wish.count = before
    for key in keys:
        ledger.drop(key)
    del market.opened[-len(keys) :]
    market.serial -= len(keys)
    return None


def _one_each(ledger: Ledger, market: Market, wish: Wish) -> Lot:
    """The cheapest machine in each domain that can be had: where a spread lets no more come before all of them are there."""
    lot: dict[str, tuple[PoolOptions, Offer]] = {}
    for topology in sorted(ledger.offered):
        for pool, offer in sorted(market.offers(), key=lambda one: (-one[0].priority, one[1].price, not market.ready(*one), one[1].name)):
            value = dict(offer.labels).get(topology)
            if value is not None and would_hold(wish.load, offer) and not market.bars(ledger, pool, offer):
                lot.setdefault(value, (pool, offer))
        break
    rooms = Counter(pool.name for pool, _ in lot.values())
    enough = all(market.room_in(pool) >= rooms[pool.name] for pool, _ in lot.values())
    return list(lot.values()) if enough and len(lot) > 1 else []


def offered(ledger: Ledger, market: Market, load: Load) -> dict[str, frozenset[str]]:
    """Domains that can be had for it, by topology: a spread that must be even counts those that can be bought."""
    rules = {rule.topology for rule in ledger.relations.of_one(load.workload).spreads} - {NODE}
    held = [offer for _, offer in market.offers() if would_hold(load, offer)] if rules else []
    return {topology: frozenset(value for offer in held for key, value in offer.labels if key == topology) for topology in rules}


def _evenly(ledger: Ledger, wish: Wish, went: Counter[str], *, spread: bool) -> Counter[str]:
    """All that came so far once more, with one machine more to stand on: it may have to take part of what others have."""
    _take_back(ledger, wish, went)
    wish.count += went.total()
    return _put(ledger, wish, USABLE, spread=spread)


def _take_back(ledger: Ledger, wish: Wish, went: Counter[str]) -> None:
    for key, count in went.items():
        ledger.put(wish.load.workload, key, -count)


def _put(ledger: Ledger, wish: Wish, states: tuple[HostState, ...], *, spread: bool) -> Counter[str]:
    went = fit(ledger, wish.load, wish.count, states, spread=spread, told=wish.told)
    wish.count -= went.total()
    return went


def open_to_minimum(ledger: Ledger, market: Market, pool: PoolOptions, missing: int) -> None:
    """Open the pool's cheapest machines until it has its minimum."""
    for _ in range(min(missing, market.room_in(pool))):
        offers = [offer for offer in pool.offers if not offer.sold_out]
        if not offers:
            return
        # The minimum beats what its rules ask for, as far as they leave nothing to buy.
        sound = [offer for offer in offers if not market.remembers(pool, offer, misplaced(ledger, pool, offer))]
        cheapest = min(sound or offers, key=lambda offer: (offer.price, not market.ready(pool, offer), offer.name))
        buy(ledger, market, pool, cheapest, Reason(Code.POOL_AT_MINIMUM, (pool.min,), "nodes", (pool.name,)))


def why_unplaced(problem: Problem, ledger: Ledger, market: Market, load: Load) -> tuple[Reason, ...]:
    """Why one more of it finds no place, there or on anything that could be bought; where no offer does, what the nearest lacks."""
    why = _why_unplaced(problem, ledger, market, load)
    if why.code is not Code.NO_OFFERING_FITS:
        return (why,)
    return why, nearest(load, [offer for pool in problem.pools for offer in pool.offers])


def _why_unplaced(problem: Problem, ledger: Ledger, market: Market, load: Load) -> Reason:
    if not load.sure and ledger.open_for(load, (HostState.OPEN,)):
        return Reason(Code.REQUEST_UNKNOWN, names=(str(load.workload),))
    offers = [(pool, offer) for pool in problem.pools for offer in pool.offers]
    if not offers:
        matches = any(ledger.allows(load, key) for key in ledger.hosts)
        why = no_device(ledger, load) or hindrance(ledger, load)
        return why or Reason(Code.NO_ROOM if matches else Code.NO_NODE_MATCHES, names=(str(load.workload),))
    fitting = [(pool, offer) for pool, offer in offers if would_hold(load, offer)]
    if not fitting:
        if not any(hold(offer.devices, load.shape.device) for _, offer in offers) and (why := no_device(ledger, load)):
            return why
        return Reason(Code.NO_OFFERING_FITS, names=tuple(sorted({pool.name for pool, _ in offers})))
    return _why_not_bought(ledger, market, load, fitting)


def _why_not_bought(ledger: Ledger, market: Market, load: Load, fitting: list[tuple[PoolOptions, Offer]]) -> Reason:
    """Why none of the offers that would hold it was taken."""
    if all(offer.sold_out for _, offer in fitting):
        return Reason(Code.SOLD_OUT, names=tuple(sorted({offer.name for _, offer in fitting})))
    selling = [(pool, offer) for pool, offer in fitting if not offer.sold_out and market.room_in(pool)]
    rules = [barred(ledger, pool, offer) for pool, offer in selling]
    if rules and rules[0] and all(rules):
        return rules[0]
    if hindered := hindrance(ledger, load) or (hindrance(ledger, load, roomy=False) if selling else None):
        return hindered
    if selling:
        return Reason(Code.NO_ROOM, names=(str(load.workload),))
    full = sorted({(pool.name, pool.max) for pool, _ in fitting})
    return Reason(Code.POOL_AT_MAXIMUM, tuple(most for _, most in full), "nodes", tuple(name for name, _ in full))


def _best(ledger: Ledger, market: Market, wish: Wish, barren: set[tuple[PoolName, OfferingName]]) -> tuple[PoolOptions, Offer] | None:
    """The best that can be had in pools of the highest priority; not one that is `barren`."""
    if not _worth_opening(ledger, wish.load):
        return None
    found = (_best_of(ledger, market, wish, [one for one in some if (one[0].name, one[1].name) not in barren]) for some in market.ranked())
    return next((best for best in found if best), None)


def _best_of(ledger: Ledger, market: Market, wish: Wish, offers: Lot) -> tuple[PoolOptions, Offer] | None:
    """The offer with the lowest price for what it would usefully hold; ties go to the smaller, to who likes it best, to who stands by."""
    whole = largest(host.capacity for host in ledger.hosts.values())
    best: Useful | None = None
    for pool, offer in offers:
        use = 0 if market.bars(ledger, pool, offer) else _use(ledger, pool, offer, wish) * max(1, size(wish.load, whole))
        if use and (best is None or _better(ledger, market, wish.load, (use, pool, offer), best)):
            best = (use, pool, offer)
    return best[1:] if best else None


Useful = tuple[int, PoolOptions, Offer]
"""What an offer would hold, whose it is, and the offer."""


def _better(ledger: Ledger, market: Market, load: Load, mine: Useful, best: Useful) -> bool:
    (use, pool, offer), (its, rival, other) = mine, best
    ours, theirs = (offer.price + 1) * its, (other.price + 1) * use  # price per use, cross-multiplied to stay in integers
    if (ours, offer.price) != (theirs, other.price):
        return (ours, offer.price) < (theirs, other.price)
    first = (unwelcome(ledger, load, offer), not market.ready(pool, offer), offer.name)
    return first < (unwelcome(ledger, load, other), not market.ready(rival, other), other.name)


def _use(ledger: Ledger, pool: PoolOptions, offer: Offer, wish: Wish) -> int:
    """How many it would hold."""
    if not would_hold(wish.load, offer):
        return 0
    most = min(wish.count, may_come(ledger, wish.load, wish.count, offer))
    probe = ledger.apart()
    probe.add(host_of("probe", pool, offer))
    return fit(probe, wish.load, most, (HostState.JOINING,), spread=False).total()


def _worth_opening(ledger: Ledger, load: Load) -> bool:
    """A scheduler that looks at no requests may choose a full machine though an empty one stands beside it."""
    return load.sure or not ledger.open_for(load, (HostState.OPEN,))


def largest(capacities: Iterable[Resources]) -> tuple[int, int]:
    """The largest cpu and the largest memory among them."""
    every = [Resources(1, 1), *capacities]
    return max(one.cpu for one in every), max(one.memory for one in every)


def buy(ledger: Ledger, market: Market, pool: PoolOptions, offer: Offer, reason: Reason, *, spare: bool = False) -> str:
    """One more machine; its name."""
    return buy_all(ledger, market, [(pool, offer)], reason, spare=spare)[0]


def buy_all(ledger: Ledger, market: Market, lot: Lot, reason: Reason, *, spare: bool = False) -> list[str]:
    """All of these; their names."""
    keys = [f"new-{number}" for number, _ in enumerate(lot, market.serial + 1)]
    market.serial += len(lot)
    ledger.add_all([host_of(key, *one) for key, one in zip(keys, lot, strict=True)])
    named, why = zip(keys, lot, strict=True), (reason,)
    market.opened += [Opening(key=key, pool=pool.name, offering=offer.name, reasons=why, spare=spare) for key, (pool, offer) in named]
    return keys


def host_of(key: str, pool: PoolOptions, offer: Offer) -> Host:
    """The machine it would be."""
    return Host(
        key=key,
        capacity=offer.capacity,
        state=HostState.JOINING,
        pool=pool.name,
        labels=offer.labels,
        price=offer.price,
        zone=offer.zone,
        spot=offer.spot,
        offering=offer.name,
        taints=offer.taints,
        devices=offer.devices,
        daemons=offer.daemons,
    )
