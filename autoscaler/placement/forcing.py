"""Machines that have to be emptied, wanted or not: wherever there is room, and where there is none some is bought."""

from autoscaler.model.reasons import Reason
from autoscaler.placement.answer import Kept, Relocation
from autoscaler.placement.closing import empty, stuck, surge_for
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
    for host in hosts:
        if host.must_close and host.state is not HostState.LEAVING:
            _force(search, host)


def _rehouse(search: Search, host: Host) -> None:
    """What stands on a machine that leaves is on its way already: keep it a place."""
    for one in search.standing(host.key):
        load = search.ledger.loads[one.workload]
        stands = min(search.booked[one.workload], one.count) if load.sure else 0
        search.booked[one.workload] -= stands
        went = fit(search.ledger, load, one.count - stands, STAGES[0] + STAGES[1], spread=search.problem.spread)
        left = one.count - stands - went.total()
        moved = [Relocation(workload=one.workload, count=n, source=host.key, target=key) for key, n in sorted(went.items()) if n]
        search.moves += moved
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
