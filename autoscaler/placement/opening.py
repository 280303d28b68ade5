"""Which machines to open: each time the one that costs least for what it will usefully hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import OfferingName, PoolName
from autoscaler.model.resources import Resources
from autoscaler.placement.answer import Assignment, Opening, Rejected
from autoscaler.placement.asking import barred, misplaced
from autoscaler.placement.fitting import fit, size
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import Host, HostState, Load, Offer, PoolOptions, Problem


@dataclass(slots=True, kw_only=True)
class Wish:
    """Replicas still without a place."""

    load: Load
    count: int


@dataclass(slots=True, kw_only=True)
class Market:
    """What may be bought, what was, and what was `passed` over for a rule of its pool when something was bought last."""

    pools: tuple[PoolOptions, ...]
    opened: list[Opening] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    passed: dict[tuple[PoolName, OfferingName], Reason] = field(default_factory=dict)
    serial: int = 0

    def copy(self) -> "Market":
        """A market to try things on."""
        return replace(self, opened=list(self.opened), assignments=list(self.assignments), passed=dict(self.passed))

    def room_in(self, pool: PoolOptions) -> int:
        """How many more machines the pool may have."""
        return max(0, pool.max - pool.count - self.bought(pool.name))

    def bought(self, pool: PoolName) -> int:
        """How many were opened here."""
        return sum(one.pool == pool for one in self.opened)

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


def open_for(ledger: Ledger, market: Market, wishes: list[Wish], *, spread: bool) -> None:
    """Open machines until every wish that can be met is; `wishes` keep what is left."""
    while any(wish.count for wish in wishes):
        best = _best(ledger, market, wishes)
        if best is None:
            return
        host = buy(ledger, market, *best, Reason(Code.NO_ROOM))
        placed = [_fill(ledger, market, wish, host, spread=spread) for wish in wishes]
        if not any(placed):  # the search said something fits; without this a slip there would never end
            return


def open_to_minimum(ledger: Ledger, market: Market, pool: PoolOptions, missing: int) -> None:
    """Open the pool's cheapest machines until it has its minimum."""
    for _ in range(min(missing, market.room_in(pool))):
        offers = [offer for offer in pool.offers if not offer.sold_out]
        if not offers:
            return
        # The minimum beats what its rules ask for, as far as they leave nothing to buy.
        sound = [offer for offer in offers if not market.remembers(pool, offer, misplaced(ledger, pool, offer))]
        cheapest = min(sound or offers, key=lambda offer: (offer.price, offer.name))
        buy(ledger, market, pool, cheapest, Reason(Code.POOL_AT_MINIMUM, (pool.min,), "nodes", (pool.name,)))


def rejections(market: Market, wanting: list[Load], housed: list[Load]) -> tuple[Rejected, ...]:
    """Why offers were left, if anything was to be bought at all. `wanting` have no place; `housed` are to stand on what was opened."""
    if not (market.opened or wanting):
        return ()
    taken = {(one.pool, one.offering) for one in market.opened}
    left = [(pool, offer) for pool in market.pools for offer in pool.offers if (pool.name, offer.name) not in taken]
    found = ((pool, offer, _why_not(market, pool, offer, (wanting, housed))) for pool, offer in left)
    return tuple(Rejected(pool=pool.name, offering=offer.name, reasons=(why,)) for pool, offer, why in found if why)


def _why_not(market: Market, pool: PoolOptions, offer: Offer, kinds: tuple[list[Load], ...]) -> Reason | None:
    """What forbade it; else what was opened in its place cost less for what it holds."""
    if offer.sold_out:
        return Reason(Code.SOLD_OUT, names=(offer.name,))
    if not market.room_in(pool):
        return Reason(Code.POOL_AT_MAXIMUM, (pool.max,), "nodes", (pool.name,))
    if any(loads and not any(would_hold(load, pool, offer) for load in loads) for loads in kinds):
        return Reason(Code.NO_OFFERING_FITS, names=(offer.name,))
    if why := market.passed.get((pool.name, offer.name)):
        return why
    return Reason(Code.DEARER, names=(offer.name, market.opened[0].offering)) if market.opened else None


def why_unplaced(problem: Problem, ledger: Ledger, market: Market, load: Load) -> Reason:
    """Why one more of it finds no place, there or on anything that could be bought."""
    if not load.sure and ledger.open_for(load, (HostState.OPEN,)):
        return Reason(Code.REQUEST_UNKNOWN, names=(str(load.workload),))
    offers = [(pool, offer) for pool in problem.pools for offer in pool.offers]
    if not offers:
        matches = any(ledger.allows(load, key) for key in ledger.hosts)
        return Reason(Code.NO_ROOM if matches else Code.NO_NODE_MATCHES, names=(str(load.workload),))
    fitting = [(pool, offer) for pool, offer in offers if would_hold(load, pool, offer)]
    if not fitting:
        return Reason(Code.NO_OFFERING_FITS, names=tuple(sorted({pool.name for pool, _ in offers})))
    if all(offer.sold_out for _, offer in fitting):
        return Reason(Code.SOLD_OUT, names=tuple(sorted({offer.name for _, offer in fitting})))
    rules = [barred(ledger, pool, offer) for pool, offer in fitting if not offer.sold_out and market.room_in(pool)]
    if rules and rules[0] and all(rules):
        return rules[0]
    full = sorted({(pool.name, pool.max) for pool, _ in fitting})
    return Reason(Code.POOL_AT_MAXIMUM, tuple(most for _, most in full), "nodes", tuple(name for name, _ in full))


def would_hold(load: Load, pool: PoolOptions, offer: Offer) -> bool:
    """Whether an empty machine of the offer would hold one replica."""
    ledger = Ledger.empty({load.workload: load})
    ledger.add(host_of("probe", pool, offer))
    return ledger.fits(load, "probe") > 0


def _best(ledger: Ledger, market: Market, wishes: list[Wish]) -> tuple[PoolOptions, Offer] | None:
    """The offer with the lowest price for what it would usefully hold; ties go to the smaller, then by name."""
    whole = largest(host.capacity for host in ledger.hosts.values())
    best: tuple[int, int, PoolOptions, Offer] | None = None
    for pool, offer in market.offers():
        use = 0 if market.bars(ledger, pool, offer) else _use(ledger, pool, offer, wishes, whole)
        if use and (best is None or _cheaper(offer, use, best)):
            best = (offer.price, use, pool, offer)
    return (best[2], best[3]) if best else None


def _cheaper(offer: Offer, use: int, best: tuple[int, int, PoolOptions, Offer]) -> bool:
    ours, theirs = (offer.price + 1) * best[1], (best[0] + 1) * use  # price per use, cross-multiplied to stay in integers
    return (ours, offer.price, offer.name) < (theirs, best[0], best[3].name)


def _use(ledger: Ledger, pool: PoolOptions, offer: Offer, wishes: list[Wish], whole: tuple[int, int]) -> int:
    probe = ledger.apart()
    probe.add(host_of("probe", pool, offer))
    used = 0
    for wish in wishes:
        if wish.count and _worth_opening(ledger, wish.load):
            went = fit(probe, wish.load, wish.count, (HostState.JOINING,), spread=False).total()
            used += went * max(1, size(wish.load, whole))
    return used


def _worth_opening(ledger: Ledger, load: Load) -> bool:
    """A scheduler that looks at no requests may choose a full machine though an empty one stands beside it."""
    return load.sure or not ledger.open_for(load, (HostState.OPEN,))


def largest(capacities: Iterable[Resources]) -> tuple[int, int]:
    """The largest cpu and the largest memory among them."""
    every = [Resources(1, 1), *capacities]
    return max(one.cpu for one in every), max(one.memory for one in every)


def buy(ledger: Ledger, market: Market, pool: PoolOptions, offer: Offer, reason: Reason, *, spare: bool = False) -> str:
    """One more machine; its name."""
    market.serial += 1
    key = f"new-{market.serial}"
    ledger.add(host_of(key, pool, offer))
    market.opened.append(Opening(key=key, pool=pool.name, offering=offer.name, reasons=(reason,), spare=spare))
    return key


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
    )


def _fill(ledger: Ledger, market: Market, wish: Wish, host: str, *, spread: bool) -> int:
    if not _worth_opening(ledger, wish.load):
        return 0
    went = fit(ledger, wish.load, wish.count, (HostState.JOINING,), spread=spread)
    market.assignments += [Assignment(workload=wish.load.workload, count=count, host=key) for key, count in sorted(went.items())]
    wish.count -= went.total()
    return went[host]
