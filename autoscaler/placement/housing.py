"""Where replicas to come find room: on machines that are there, on those taken back for them, on new ones."""

from autoscaler.model.constraints import NODE
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.answer import Assignment, Unplaced
from autoscaler.placement.buying import MANY, bought, worth_a_mix
from autoscaler.placement.fitting import fit, size
from autoscaler.placement.joining import Joins, joined_first, joins
from autoscaler.placement.lacking import would_hold
from autoscaler.placement.naming import named, names
from autoscaler.placement.opening import Wish, largest, open_for, why_unplaced
from autoscaler.placement.posing import can_ask
from autoscaler.placement.preferring import preferred
from autoscaler.placement.problem import Demand, HostState, Load, Problem
from autoscaler.placement.search import STAGES, Search


def ordered(problem: Problem, found: Joins) -> list[Demand]:
    """What the orchestrator was told comes first, for it waits for nobody; then by priority, then who asks most of devices, the largest.

    `found`: who has somebody to join waits after all, and comes after him.
    """
    loads = {load.workload: load for load in problem.loads}
    whole = largest([host.capacity for host in problem.hosts] or [offer.capacity for pool in problem.pools for offer in pool.offers])

    def rank(demand: Demand) -> tuple[bool, int, int, int, WorkloadRef]:
        load = loads[demand.workload]
        milli = load.shape.device.milli if load.shape.device else 0
        return (not demand.told or demand.workload in found, -load.shape.priority, -milli, -size(load, whole), demand.workload)

    ranked = sorted(problem.demands, key=rank)
    return joined_first(ranked, found) if found else ranked


def house_all(search: Search) -> None:
    """Every demand; what is to be bought for them, together, where that pays."""
    search.joins = joins(search.ledger, [demand.workload for demand in search.problem.demands])
    demands = ordered(search.problem, search.joins)
    if not worth_a_mix(search.problem):
        search.level = _only_levelled(search, demands)
        for demand in demands:
            house(search, demand)
        search.level = False
        return
    wishes = [wish for demand in demands if (wish := _wish(search, demand)).count]
    together, alone = list[Wish](), list[Wish]()
    for wish in wishes:
        (together if can_ask(search.ledger, wish) else alone).append(wish)
    highest = max((wish.load.shape.priority for wish in together), default=0)
    first, last = list[Wish](), list[Wish]()
    for wish in alone:
        (first if wish.load.shape.priority >= highest and wish.load.workload not in search.joins else last).append(wish)
    for wish in first:
        _fit_again(search, wish)
        _buy(search, wish)
    _buy_by_rank(search, together)
    for wish in (*together, *last):
        _fit_again(search, wish)
        _buy(search, wish)


def _only_levelled(search: Search, demands: list[Demand]) -> bool:
    """Whether all find room on machines that are there if spread over them, and not if packed: then nothing need be bought."""
    packed = not (search.problem.spread or names(search.ledger)) and sum(demand.count for demand in demands) < MANY
    return packed and not _room_for_all(search, demands, spread=False) and _room_for_all(search, demands, spread=True)


def _room_for_all(search: Search, demands: list[Demand], *, spread: bool) -> bool:
    trial = search.ledger.copy()
    for demand in demands:
        load, left = trial.loads[demand.workload], demand.count
        for states in STAGES:
            left -= fit(trial, load, left, states, spread=spread, told=demand.told).total() if left else 0
        if left:
            return False
    return True


def _fit_again(search: Search, wish: Wish) -> None:
    """What was bought for others since may have room for it, or whom it joins; else a machine would be bought and that one filled."""
    if not (wish.count and search.market.opened):
        return
    went = _fit_in(search, wish.load, Demand(workload=wish.load.workload, count=wish.count, told=wish.told))
    search.assignments += went
    wish.count -= _total(went)


def _buy_by_rank(search: Search, wishes: list[Wish]) -> None:
    """In pools of the highest priority first: all of it together, where they have room for that; else each of them is filled.

    Not those that are spread over domains, if pools differ: machines of any may be what they need.
    """
    ranks = search.market.ranked()
    able = [wish for wish in wishes if not _over_domains(search, wish)] if len(ranks) > 1 else wishes
    for offers in ranks:
        last = offers is ranks[-1]
        some = [wish for wish in able if wish.count and (last or any(would_hold(wish.load, offer) for _, offer in offers))]
        if offers and some:
            _buy_together(search, some, offers[0][0].priority)
            if not last:
                _fill(search, some, offers[0][0].priority)


def _fill(search: Search, wishes: list[Wish], priority: int) -> None:
    """What has found no place yet, as far as pools of that priority go, one after the other."""
    part = search.market.only(priority)
    for wish in wishes:
        if wish.count:
            search.assignments += open_for(search.ledger, part, wish, spread=search.problem.spread)
    search.market.opened, search.market.serial = part.opened, part.serial


def _over_domains(search: Search, wish: Wish) -> bool:
    return any(rule.topology != NODE for rule in search.ledger.relations.of_one(wish.load.workload).spreads)


def _buy_together(search: Search, wishes: list[Wish], priority: int) -> None:
    """As the mix would have it: expected, where somebody else places."""
    found = preferred(search.ledger, search.market.only(priority), wishes, search.problem.dearer)
    search.forgone += found.forgone
    machines = bought(search, found.quote) if found.quote else []
    search.ledger.put_many((wish.load.workload, key, count) for key, one in machines for wish, count in one.holds)
    for key, machine in machines:
        for wish, count in machine.holds:
            search.assignments.append(Assignment(wish.load.workload, count, key))
            wish.count -= count


def house(search: Search, demand: Demand) -> None:
    """Open machines, then those on their way, then those being closed, then new ones."""
    _buy(search, _wish(search, demand))


def _wish(search: Search, demand: Demand) -> Wish:
    """What of it has no place on machines that are there."""
    load = search.ledger.loads[demand.workload]
    went = _fit_in(search, load, demand) if search.ledger.hosts else []
    search.assignments += went
    return Wish(load=load, count=demand.count - _total(went), told=demand.told)


def _buy(search: Search, wish: Wish) -> None:
    """Where there is nothing to be had for it, it is said why."""
    if wish.count:
        search.assignments += open_for(search.ledger, search.market, wish, spread=search.problem.spread)
    if wish.count:
        reasons = why_unplaced(search.problem, search.ledger, search.market, wish.load)
        search.unplaced.append(Unplaced(workload=wish.load.workload, count=wish.count, reasons=reasons))


def _fit_in(search: Search, load: Load, demand: Demand) -> list[Assignment]:
    """Where as many of it as can find room without opening anything: on machines that are there, then on those taken back for it."""
    count = demand.count
    went: list[Assignment] = []
    # What must stand evenly counts machines on their way as well: it is put on all of them at once.
    even = search.ledger.relations.of_one(load.workload).even()
    for states in (STAGES[0] + STAGES[1],) if even else STAGES:
        went += _assigned(search, load, count - _total(went), states, told=demand.told)
    while load.sure and _total(went) < count:
        key = _to_unfence(search, load)
        if key is None:
            break
        unfence(search, key)
        went += _assigned(search, load, count - _total(went), (HostState.RETURNING,), told=demand.told)
    return went


def _assigned(search: Search, load: Load, count: int, states: tuple[HostState, ...], *, told: bool) -> list[Assignment]:
    if count <= 0:
        return []
    went = fit(search.ledger, load, count, states, spread=search.problem.spread or search.level, told=told)
    each = ((key, many, () if told else named(search.ledger, load, key, many)) for key, many in sorted(went.items()) if many)
    return [Assignment(workload=load.workload, count=many, host=key, devices=devices) for key, many, devices in each]


def _total(assignments: list[Assignment]) -> int:
    return sum(one.count for one in assignments)


def keep_room(search: Search) -> None:
    """For what comes later, so that no machine is given back today that has to be opened again tomorrow."""
    for demand in sorted(search.problem.later, key=lambda demand: demand.workload):
        search.later += _fit_in(search, search.ledger.loads[demand.workload], demand)


def _to_unfence(search: Search, load: Load) -> str | None:
    """The machine being closed that would hold most of it."""
    hosts = search.ledger.hosts.values()
    able = [(search.ledger.fits(load, host.key), host.key) for host in hosts if host.state is HostState.CLOSING and not host.must_close]
    return min(((-many, key) for many, key in able if many), default=(0, None))[1]


def unfence(search: Search, key: str) -> None:
    """That machine is not closed after all."""
    search.ledger.set_state(key, HostState.RETURNING)
    search.unfence.append(key)
