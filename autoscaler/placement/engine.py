"""First-fit-decreasing over what is there, then the cheapest of what can be had; then every machine that can be spared."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.answer import Assignment, Kept, Lacking, Placement, Relocation, Unplaced
from autoscaler.placement.asking import Moved, held, worse
from autoscaler.placement.closing import Emptied, empty, immovable, stuck, surge_for
from autoscaler.placement.fitting import fit, size
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.opening import Market, Wish, largest, open_for, open_to_minimum, rejections, why_unplaced
from autoscaler.placement.problem import Demand, Host, HostState, Load, PoolOptions, Problem, Resident, always
from autoscaler.placement.sparing import open_to_spare

STAGES = ((HostState.OPEN,), (HostState.JOINING, HostState.RETURNING))
"""Where replicas go before anything is taken back or bought."""


@dataclass(slots=True, kw_only=True)
class _Search:
    """One search: the ledger and what was found so far."""

    problem: Problem
    ledger: Ledger
    market: Market
    assignments: list[Assignment] = field(default_factory=list)
    unfence: list[str] = field(default_factory=list)
    closes: list[str] = field(default_factory=list)
    moves: list[Relocation] = field(default_factory=list)
    tight: list[tuple[str, WorkloadRef]] = field(default_factory=list)
    booked: Counter[WorkloadRef] = field(default_factory=Counter)
    unplaced: list[Unplaced] = field(default_factory=list)
    later: list[Assignment] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    lacking: list[Lacking] = field(default_factory=list)
    rounds: int = 0
    before: "_Search | None" = None


def place(problem: Problem, keep_going: Callable[[int], bool] = always) -> Placement:
    """Find places for all demands, then machines to spare.

    `keep_going` is asked with the number of candidates tried, and ends the search; what was found by then is whole.
    """
    search = _Search(problem=problem, ledger=Ledger.of(problem), market=Market(pools=problem.pools))
    search.booked = Counter({load.workload: load.booked for load in problem.loads})
    for demand in _ordered(problem):
        _place_demand(search, demand)
    _let_go(search)
    _empty_those_that_must(search)
    _keep_room(search)
    _keep_closing(search)
    _reach_minimum(search)
    _keep_free(search)
    _close(search, keep_going)
    return _answer(search)


def _ordered(problem: Problem) -> list[Demand]:
    """What the orchestrator was told comes first, for it waits for nobody; then the largest."""
    loads = {load.workload: load for load in problem.loads}
    whole = largest([host.capacity for host in problem.hosts] or [offer.capacity for pool in problem.pools for offer in pool.offers])

    def rank(demand: Demand) -> tuple[bool, int, WorkloadRef]:
        return (not demand.told, -size(loads[demand.workload], whole), demand.workload)

    return sorted(problem.demands, key=rank)


def _place_demand(search: _Search, demand: Demand) -> None:
    """Open machines, then those on their way, then those being closed, then new ones."""
    ledger, load = search.ledger, search.ledger.loads[demand.workload]
    went = _fit_in(search, load, demand.count)
    search.assignments += went
    wish = Wish(load=load, count=demand.count - _total(went))
    _buy(search, wish)
    if wish.count:
        reasons = (why_unplaced(search.problem, ledger, search.market, load),)
        search.unplaced.append(Unplaced(workload=load.workload, count=wish.count, reasons=reasons))


def _buy(search: _Search, wish: Wish) -> None:
    """One workload after the other; what a new machine has left is found by the next one, for it is JOINING then."""
    before = len(search.market.assignments)
    open_for(search.ledger, search.market, [wish], spread=search.problem.spread)
    search.assignments += search.market.assignments[before:]


def _fit_in(search: _Search, load: Load, count: int) -> list[Assignment]:
    """Where up to `count` of it find room without opening anything: on machines that are there, then on those taken back for it."""
    went: list[Assignment] = []
    for states in STAGES:
        went += _assigned(search, load, count - _total(went), states)
    while load.sure and _total(went) < count:
        key = _to_unfence(search, load)
        if key is None:
            break
        _unfence(search, key)
        went += _assigned(search, load, count - _total(went), (HostState.RETURNING,))
    return went


def _assigned(search: _Search, load: Load, count: int, states: tuple[HostState, ...]) -> list[Assignment]:
    if count <= 0:
        return []
    went = fit(search.ledger, load, count, states, spread=search.problem.spread)
    return [Assignment(workload=load.workload, count=many, host=key) for key, many in sorted(went.items()) if many]


def _total(assignments: list[Assignment]) -> int:
    return sum(one.count for one in assignments)


def _keep_room(search: _Search) -> None:
    """For what comes later, so that no machine is given back today that has to be opened again tomorrow."""
    for demand in sorted(search.problem.later, key=lambda demand: demand.workload):
        search.later += _fit_in(search, search.ledger.loads[demand.workload], demand.count)


def _to_unfence(search: _Search, load: Load) -> str | None:
    """The machine being closed that would hold most of it."""
    hosts = search.ledger.hosts.values()
    able = [(search.ledger.fits(load, host.key), host.key) for host in hosts if host.state is HostState.CLOSING and not host.must_close]
    return min(((-many, key) for many, key in able if many), default=(0, None))[1]


def _unfence(search: _Search, key: str) -> None:
    search.ledger.set_state(key, HostState.RETURNING)
    search.unfence.append(key)


def _standing(problem: Problem, key: str) -> list[Resident]:
    """What will stand there once all on its way out has gone."""
    here = (one for one in problem.residents if one.host == key)
    left = (replace(one, count=one.count - one.going, serving=max(0, one.serving - one.going), going=0) for one in here)
    return sorted((one for one in left if one.count > 0), key=lambda one: one.workload)


def _moving(search: _Search, key: str) -> list[Resident]:
    """What has to move off it, in the order that leaves least room.

    Where somebody else places, the small may come before the large, and what needs room everywhere after all others.
    """
    there = _standing(search.problem, key)
    if not search.problem.spread:
        return there
    return sorted(there, key=lambda one: _adverse(search.ledger.loads[one.workload]))


def _adverse(load: Load) -> tuple[bool, int, int, WorkloadRef]:
    return (not load.sure, load.shape.requests.cpu, load.shape.requests.memory, load.workload)


def _empty_those_that_must(search: _Search) -> None:
    hosts = list(search.ledger.hosts.values())
    for host in hosts:
        if host.state is HostState.LEAVING:
            _rehouse(search, host)
    for host in hosts:
        if host.must_close and host.state is not HostState.LEAVING:
            _force(search, host)


def _rehouse(search: _Search, host: Host) -> None:
    """What stands on a machine that leaves is on its way already: keep it a place."""
    for one in _standing(search.problem, host.key):
        load = search.ledger.loads[one.workload]
        stands = min(search.booked[one.workload], one.count) if load.sure else 0
        search.booked[one.workload] -= stands
        went = fit(search.ledger, load, one.count - stands, STAGES[0] + STAGES[1], spread=search.problem.spread)
        left = one.count - stands - went.total()
        moved = [Relocation(workload=one.workload, count=n, source=host.key, target=key) for key, n in sorted(went.items()) if n]
        search.moves += moved
        if left:
            _place_demand(search, Demand(workload=one.workload, count=left, told=True))


def _force(search: _Search, host: Host) -> None:
    """Empty it wherever there is room, buying some if need be."""
    residents = _moving(search, host.key)
    reasons = host.keep or stuck(search.ledger, host.key, residents)
    if not reasons:
        # It must go: where the order that leaves least room does not do, the other one is hoped for.
        why = _evict(search, host, residents) and _evict(search, host, residents[::-1], hoping=True)
        reasons = (why,) if why else ()
    if reasons:
        search.kept.append(Kept(host=host.key, reasons=reasons))


def _evict(search: _Search, host: Host, residents: list[Resident], *, hoping: bool = False) -> Reason | None:
    """Empty it in this order; else why not."""
    trial, market, booked = search.ledger.copy(), search.market.copy(), search.booked.copy()
    _make_room(trial, market, residents, search)
    found = empty(trial, host.key, residents, booked, into=STAGES[0] + STAGES[1], spread=search.problem.spread, hoping=hoping)
    if isinstance(found, Reason):
        return found
    search.ledger, search.market, search.booked = trial, market, booked
    _closed(search, host.key, found)
    return None


def _make_room(trial: Ledger, market: Market, residents: list[Resident], search: _Search) -> None:
    """Open what is missing for them: tried on yet another ledger, so that only the machines opened count."""
    probe = trial.copy()
    for one in residents:
        load = probe.loads[one.workload]
        extra = surge_for(load, one.serving)
        needed = max(one.count, extra) - min(one.count, search.booked[one.workload]) if load.sure else one.count + extra
        needed -= fit(probe, load, needed, STAGES[0] + STAGES[1], spread=search.problem.spread).total()
        open_for(probe, market, [Wish(load=load, count=needed)], spread=search.problem.spread)
    for key, host in probe.hosts.items():
        if key not in trial.hosts:
            trial.add(host)


def _keep_closing(search: _Search) -> None:
    """Machines being closed go on, unless what stands on them, or came since, may not be moved or has no place any more."""
    for host in _by_cost(search, HostState.CLOSING):
        if not host.must_close:
            reasons = immovable(search.ledger, _standing(search.problem, host.key))
            reason = reasons[0] if reasons else _try(search, host.key)
            if reason:
                search.kept.append(Kept(host=host.key, reasons=(reason,)))
                _unfence(search, host.key)


def _try(search: _Search, key: str) -> Reason | None:
    """Close it if it can be; else why not."""
    search.rounds += 1
    if search.before and search.ledger.replicas(key) != search.before.ledger.replicas(key):
        return _try_all(search, search.before, key)
    trial, booked = search.ledger.copy(), search.booked.copy()
    found = empty(trial, key, _moving(search, key), booked, spread=search.problem.spread)
    if isinstance(found, Reason):
        return found
    if tight := worse(search.ledger, trial, search.problem.pools, closing=key, astray=_astray(search, found.moves)):
        return tight
    search.ledger, search.booked = trial, booked
    _closed(search, key, found)
    return None


def _astray(search: _Search, moves: Sequence[Relocation]) -> Moved:
    """What may come elsewhere than is expected."""
    return tuple((one.workload, one.count, one.target) for one in moves) if search.problem.spread else ()


def _fork(search: _Search) -> _Search:
    """The search as it stands, to go back to."""
    return replace(
        search,
        ledger=search.ledger.copy(),
        booked=search.booked.copy(),
        closes=list(search.closes),
        moves=list(search.moves),
        tight=list(search.tight),
    )


def _try_all(search: _Search, before: _Search, key: str) -> Reason | None:
    """Others were to move there: close it together with all that were found before it, from where those began."""
    if any(one.target == key for one in before.moves):
        return Reason(Code.MAKES_ROOM)
    keys = [*search.closes[len(before.closes) :], key]
    again = _fork(before)
    for one in keys:
        again.ledger.set_state(one, HostState.CLOSING)
    for one in keys:
        found = empty(again.ledger, one, _moving(search, one), again.booked, spread=search.problem.spread)
        if isinstance(found, Reason):
            return found
        _closed(again, one, found)
    if tight := worse(before.ledger, again.ledger, search.problem.pools, astray=_astray(search, again.moves[len(before.moves) :])):
        return tight
    search.ledger, search.booked, search.closes = again.ledger, again.booked, again.closes
    search.moves, search.tight = again.moves, again.tight
    return None


def _closed(search: _Search, key: str, found: Emptied) -> None:
    search.closes.append(key)
    search.moves += found.moves
    search.tight += [(key, workload) for workload in found.tight]


def _closing_in(search: _Search, pool: PoolOptions) -> int:
    leaving = (host for host in search.problem.hosts if host.pool == pool.name and host.state is HostState.LEAVING)
    return sum(search.ledger.hosts[key].pool == pool.name for key in search.closes) + sum(1 for _ in leaving)


def _reach_minimum(search: _Search) -> None:
    for pool in search.problem.pools:
        have = pool.count + search.market.bought(pool.name) - _closing_in(search, pool)
        open_to_minimum(search.ledger, search.market, pool, pool.min - have)


def _keep_free(search: _Search) -> None:
    """Whatever is still lacking of the room that pools keep free is bought; what cannot be had is told."""
    found = (open_to_spare(search.ledger, search.market, pool) for pool in search.problem.pools if pool.asks)
    search.lacking += [one for one in found if one]


def _let_go(search: _Search) -> None:
    """Room of what is about to end may take what moves: moves come after."""
    for one in search.problem.residents:
        search.ledger.put(one.workload, one.host, -one.going)


def _close(search: _Search, keep_going: Callable[[int], bool]) -> None:
    """Those with least to move first, the dearer first among equals; any may fail without ending the search."""
    search.before = _fork(search)
    for host in _candidates(search):
        reason = _spared(search, host) or (None if keep_going(search.rounds) else Reason(Code.SEARCH_ENDED))
        reason = reason or _try(search, host.key)
        if reason:
            search.kept.append(Kept(host=host.key, reasons=(reason,)))


def _candidates(search: _Search) -> list[Host]:
    forced = set(search.closes) | {one.host for one in search.kept}
    return [host for host in _by_cost(search, HostState.OPEN) if host.key not in forced]


def _by_cost(search: _Search, state: HostState) -> list[Host]:
    hosts = [host for host in search.ledger.hosts.values() if host.state is state]

    def cost(host: Host) -> tuple[int, int, str]:
        return (sum(one.count for one in _standing(search.problem, host.key)), -host.price, host.key)

    return sorted(hosts, key=cost)


def _spared(search: _Search, host: Host) -> Reason | None:
    """Why it stays whatever room there is elsewhere."""
    if host.keep:
        return host.keep[0]
    pool = next((pool for pool in search.problem.pools if pool.name == host.pool), None)
    if pool is None:
        return Reason(Code.NODE_NOT_IN_POOL)
    if pool.count + search.market.bought(pool.name) - _closing_in(search, pool) <= pool.min:
        return Reason(Code.POOL_AT_MINIMUM, (pool.min,), "nodes", (pool.name,))
    return (
        held(search.ledger, pool, host)
        or _room_for(search, host)
        or next(iter(stuck(search.ledger, host.key, _standing(search.problem, host.key))), None)
    )


def _room_for(search: _Search, host: Host) -> Reason | None:
    """What its room is for: replicas that come now, or off a machine being closed, that a limit holds back, or that have no place."""
    begun = search.before.moves if search.before else []
    if any(one.host == host.key for one in search.assignments) or any(one.target == host.key for one in begun):
        return Reason(Code.MAKES_ROOM)
    awaited = sorted({str(one.workload) for one in search.later if one.host == host.key})
    if awaited:
        return Reason(Code.KEPT_FOR_LATER, names=tuple(awaited))
    wanting = [str(one.workload) for one in search.unplaced if _could_take(search, host, one.workload)]
    return Reason(Code.MAKES_ROOM, names=tuple(wanting)) if wanting else None


def _could_take(search: _Search, host: Host, workload: WorkloadRef) -> bool:
    """Whether it would hold one that has no place now, once what stands there now is gone."""
    load = search.ledger.loads[workload]
    return search.ledger.allows(load, host.key) and load.shape.requests.fits(host.capacity - host.used)


def _answer(search: _Search) -> Placement:
    unplaced = tuple(search.unplaced)
    wanting = [search.ledger.loads[one.workload] for one in unplaced]
    stays = (host.price for host in search.ledger.hosts.values() if host.key not in search.closes)
    return Placement(
        assignments=tuple(search.assignments),
        opens=tuple(search.market.opened),
        unfence=tuple(search.unfence),
        closes=tuple(search.closes),
        moves=tuple(search.moves),
        tight=tuple(search.tight),
        unplaced=unplaced,
        kept=tuple(search.kept),
        rejected=rejections(search.market, wanting, _housed(search)),
        lacking=tuple(search.lacking),
        price=sum(stays),
        rounds=search.rounds,
    )


def _housed(search: _Search) -> list[Load]:
    """What is to stand on machines that are opened for it."""
    opened = {one.key for one in search.market.opened}
    found = [one.workload for one in search.assignments if one.host in opened]
    found += [one.workload for one in search.moves if one.target in opened]
    return [search.ledger.loads[workload] for workload in dict.fromkeys(found)]
