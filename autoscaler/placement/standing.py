"""As all stand right now: how many more would find a place, and what keeps one from a machine."""

from collections.abc import Collection, Mapping

import numpy as np

from autoscaler.model.reasons import Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.fitting import fit
from autoscaler.placement.keeping import breaks, broken, no_devices, rule_against
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import OPEN, HostState, Problem


def places_for(problem: Problem, workload: WorkloadRef, count: int) -> int:
    """How many of `count` more its scheduler finds places for, on open machines."""
    ledger = Ledger.of(problem)
    return fit(ledger, ledger.loads[workload], count, OPEN, spread=True).total()


def uprooted(problem: Problem, host: str, last: Collection[WorkloadRef] = ()) -> Reason | None:
    """Whose rules are kept to less when all that stands on the machine is sent elsewhere, as far as it finds places. `last` come last."""
    ledger = Ledger.of(problem)
    going = sorted((one for one in problem.residents if one.host == host), key=lambda one: one.workload in last)
    refs = [one.workload for one in going]
    before = broken(ledger, refs)
    ledger.set_state(host, HostState.LEAVING)
    ledger.count_leaving(but=host)
    for one in going:
        fit(ledger, ledger.loads[one.workload], one.count, OPEN, spread=True)
    ledger.count_leaving()
    for one in going:
        ledger.put(one.workload, host, -one.count)
    return breaks(before, broken(ledger, refs))


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


def hindered(problem: Problem, workload: WorkloadRef, host: str) -> Reason | None:
    """The rule between workloads by which one more may not come to that machine, or the devices that it has not free."""
    ledger = Ledger.of(problem)
    load, row = ledger.loads[workload], ledger.row(host)
    ask, devices = load.shape.device, ledger.devices
    lacks = ask and devices and not (devices.having(workload)[row] & (devices.times(workload, row) > 0)).all()
    return rule_against(ledger, load, host) or (no_devices(ask, workload, 1) if ask and lacks else None)
