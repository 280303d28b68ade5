"""As all stand right now: how many more would find a place, and what keeps one from a machine."""

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.fitting import fit
from autoscaler.placement.keeping import breaks, broken, no_devices, rule_against
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import OPEN, HostState, Load, Problem


def places_for(problem: Problem, workload: WorkloadRef, count: int) -> int:
    """How many of `count` more its scheduler finds places for, on open machines."""
    ledger = Ledger.of(problem)
    return fit(ledger, ledger.loads[workload], count, OPEN, spread=True).total()


def uprooted(problem: Problem, host: str, last: Collection[WorkloadRef] = ()) -> Reason | None:
    """Whose rules are kept to less when all that stands on the machine has gone, and come again where it finds places. `last` come last."""
    ledger = Ledger.of(problem)
    going = sorted((one for one in problem.residents if one.host == host), key=lambda one: one.workload in last)
    refs = [one.workload for one in going]
    before = broken(ledger, refs)
    ledger.set_state(host, HostState.LEAVING)
    ledger.count_leaving(but=host)  # schedulers see neither a machine that is emptied nor who stands there
    for one in going:
        ledger.put(one.workload, host, -one.count)
    for one in going:
        fit(ledger, ledger.loads[one.workload], one.count, OPEN, spread=True)
    ledger.count_leaving()
    return breaks(before, broken(ledger, refs))


def bereaved(problem: Problem, workload: WorkloadRef, host: str, minding: Collection[WorkloadRef]) -> Reason | None:
    """Whose rules, of those `minding`, are kept to less once one of the workload has left that machine and comes nowhere else.

    Machines that are being emptied are no domains to be kept even with.
    """
    ledger = Ledger.of(problem)
    for one in problem.hosts:
        if one.emptied:
            ledger.set_state(one.key, HostState.LEAVING)
    before = broken(ledger, [workload])
    ledger.put(workload, host, -1)
    after = broken(ledger, [workload])
    return breaks(before, {ref: found for ref, found in after.items() if ref in minding})


def device_places(problem: Problem, workload: WorkloadRef, coming: Mapping[WorkloadRef, int], *, anywhere: bool) -> tuple[int, int]:
    """How many more of it find devices on open machines, whichever they and those that are `coming` get, and how many have such devices.

    `anywhere`: all of them may come to any one of the machines.
    """
    ledger = Ledger.of(problem)
    load, devices = ledger.loads[workload], ledger.devices
    rows = ledger.open_rows(load, OPEN)
    if devices is None or not len(rows):
        return 0, 0
    fits = np.minimum(devices.times(workload, rows), ledger.places_at(load, rows))
    places = int(fits.min() if anywhere else fits.sum())
    for other, count in ((ref, count) for ref, count in coming.items() if ref in devices.of):
        able = int(devices.times(other, ledger.open_rows(ledger.loads[other], OPEN)).sum())
        places -= min(count, able) * devices.cost(other, workload)
    return max(0, places), len(rows)


def hindered(
    problem: Problem,
    workload: WorkloadRef,
    places: Iterable[tuple[str, tuple[int, ...]]],
    unsure: Mapping[tuple[WorkloadRef, str], int] | None = None,
) -> Reason | None:
    """The rule between workloads by which more of it may not come to those machines, or the devices, named or any, that are not free.

    `unsure`: how many of those who stand there may be there by then, or not: a rule must let it come with them and without.
    """
    ledger = Ledger.of(problem)
    sure = _without(ledger, unsure) if unsure else ledger
    load, devices = ledger.loads[workload], ledger.devices
    for host, where in places:
        why = rule_against(ledger, load, host, sure) or _lacking(ledger, load, host, where)
        if why:
            return why
        for one in (ledger,) if sure is ledger else (ledger, sure):
            one.put(workload, host, 1)
        if devices and where:
            devices.know(workload, ledger.rows[host], [where])
    return None


def _without(ledger: Ledger, some: Mapping[tuple[WorkloadRef, str], int]) -> Ledger:
    found = ledger.copy()
    found.devices = None  # not asked for them
    for (workload, host), count in some.items():
        if workload in found.loads and host in found.rows:
            found.put(workload, host, -count)
    return found


def _lacking(ledger: Ledger, load: Load, host: str, where: tuple[int, ...]) -> Reason | None:
    ask, devices, row = load.shape.device, ledger.devices, ledger.row(host)
    if ask is None or devices is None:
        return None
    if where and not devices.takes_at(load.workload, int(row[0]), where):
        return Reason(Code.DEVICE_TAKEN, where, names=(str(load.workload), host))
    enough = where or (devices.having(load.workload)[row] & (devices.times(load.workload, row) > 0)).all()
    return None if enough else no_devices(ask, load.workload, 1)
