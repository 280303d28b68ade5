"""Machines that have to be emptied, wanted or not: wherever there is room, and where there is none some is bought."""

from autoscaler.model.reasons import Reason
from autoscaler.placement.answer import Kept, Left
from autoscaler.placement.closing import empty, relocations, stuck, surge_for
from autoscaler.placement.fitting import fit
from autoscaler.placement.housing import house
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.opening import Market, Wish, open_for
from autoscaler.placement.problem import Demand, Host, HostState, Resident
from autoscaler.placement.search import STAGES, Search


def empty_those_that_must(search: Search) -> None:
    """First what is on its way already keeps its place, then what has to go finds one."""
    hosts = list(search.ledger.hosts.values())
    for host in hosts:
        if host.state is HostState.LEAVING:
            _rehouse(search, host)
    for host in sorted(hosts, key=_by_end):
        if host.must_close and host.state is not HostState.LEAVING:
            if host.ends_at is None or host.keep:
                _force(search, host)
            else:
                _rescue(search, host)
    for host in (one for one in hosts if one.ends_at is not None):
        _house_left(search, host)


def _by_end(host: Host) -> tuple[bool, int]:
    """What its cloud takes soonest is emptied first."""
    return (host.ends_at is None, host.ends_at or 0)


def _rehouse(search: Search, host: Host) -> None:
    """What stands on a machine that leaves is on its way already: keep it a place."""
    for one in search.standing(host.key):
        load = search.ledger.loads[one.workload]
        stands = min(search.booked[one.workload], one.count) if load.sure else 0
        search.booked[one.workload] -= stands
        went = fit(search.ledger, load, one.count - stands, STAGES[0] + STAGES[1], spread=search.problem.spread)
        left = one.count - stands - went.total()
        search.moves += relocations(search.ledger, load, host.key, went)
        if left:
            house(search, Demand(workload=one.workload, count=left, told=True))


def _force(search: Search, host: Host) -> None:
    """Empty it wherever there is room, buying some if need be."""
    residents = search.moving(host.key)
    reasons = host.keep or stuck(search.ledger, host.key, residents)
    if not reasons:
        # It must go: where the order that leaves least room does not do, the other one is hoped for.
        why = _evict(search, host, residents) and _evict(search, host, residents[::-1], hoping=True)
        reasons = (why,) if why else ()
    if reasons:
        search.kept.append(Kept(host=host.key, reasons=reasons))


def _rescue(search: Search, host: Host) -> None:
    """Everybody who can move, and if there is not room for all, those who matter most: the machine ends in any case."""
    residents = search.moving(host.key)
    stay = {one.workload: found for one in residents if (found := stuck(search.ledger, host.key, [one]))}
    going = [one for one in residents if one.workload not in stay]
    while why := _evict(search, host, going) and _evict(search, host, going[::-1], hoping=True):
        least = min(going, key=lambda one: (search.ledger.loads[one.workload].shape.priority, -one.count, one.workload))
        stay[least.workload] = (why,)
        going = [one for one in going if one is not least]
    search.left += [Left(host=host.key, workload=workload, reasons=why) for workload, why in stay.items()]


def _house_left(search: Search, host: Host) -> None:
    """Who cannot be moved comes back elsewhere when the machine has gone, and had better find a place."""
    staying = {one.workload for one in search.left if one.host == host.key}
    for one in search.standing(host.key):
        if one.workload in staying:
            house(search, Demand(workload=one.workload, count=one.count, told=True))


def _evict(search: Search, host: Host, residents: list[Resident], *, hoping: bool = False) -> Reason | None:
    """Empty it in this order; else why not."""
    trial, market, booked = search.ledger.copy(), search.market.copy(), search.booked.copy()
    _make_room(trial, market, residents, search)
    found = empty(trial, host.key, residents, booked, into=STAGES[0] + STAGES[1], spread=search.problem.spread, hoping=hoping)
    if isinstance(found, Reason):
        return found
    search.ledger, search.market, search.booked = trial, market, booked
    search.closed(host.key, found)
    return None


def _make_room(trial: Ledger, market: Market, residents: list[Resident], search: Search) -> None:
    """Open what is missing for them: tried on yet another ledger, so that only the machines opened count."""
    probe = trial.copy()
    probe.leave_out_leaving()
    for one in residents:
        load = probe.loads[one.workload]
        extra = surge_for(load, one.serving)
        needed = max(one.count, extra) - min(one.count, search.booked[one.workload]) if load.sure else one.count + extra
        needed -= fit(probe, load, needed, STAGES[0] + STAGES[1], spread=search.problem.spread).total()
        open_for(probe, market, Wish(load=load, count=needed), spread=search.problem.spread)
    for key, host in probe.hosts.items():
        if key not in trial.hosts:
            trial.add(host)
