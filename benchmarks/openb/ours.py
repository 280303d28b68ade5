"""Ours, arrival by arrival: the very `fit` that plans call, on one ledger instead of a new one for each plan.

A plan for a single arrival makes its problem of ten thousand replicas first; what it chooses then is the same
(tests/benchmarks/test_openb.py).
"""

from autoscaler.placement import Host, Load, Problem
from autoscaler.placement.fitting import fit
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.naming import Naming, name_devices, named
from autoscaler.placement.problem import OPEN
from autoscaler.placement.stranding import Place
from benchmarks.openb.cluster import nodes_of, shapes_of, workload_of
from benchmarks.openb.trace import Trace


class Ours:
    """Places replicas one by one; what stands and the one that comes are all that it expects."""

    def __init__(self, trace: Trace) -> None:
        hosts = tuple(Host(key=one.ref.id, capacity=one.capacity, devices=one.devices) for one in nodes_of(trace))
        loads = tuple(Load(workload=ref, shape=shape) for ref, shape in shapes_of(trace).items())
        self._ledger = Ledger.of(Problem(hosts=hosts, loads=loads))
        self._naming = self._named()

    def _named(self) -> Naming | None:
        name_devices(self._ledger, ())
        return self._ledger.devices.naming if self._ledger.devices else None

    def arrive(self, one: int) -> Place | None:
        """Place one of the class, if it fits anywhere."""
        ref, ledger, naming = workload_of(one), self._ledger, self._naming
        if naming:
            naming.expect(ref, 1)
        went = fit(ledger, ledger.loads[ref], 1, OPEN, spread=False)
        if naming and not went:
            naming.expect(ref, -1)
        for key in went:
            (devices,) = named(ledger, ledger.loads[ref], key, 1) or ((),)
            return Place(ledger.rows[key], devices)
        return None
