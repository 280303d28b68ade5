"""As all stand right now: how many more would find a place, and which rule keeps one from a machine."""

from autoscaler.model.reasons import Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.placement.fitting import fit
from autoscaler.placement.keeping import named
from autoscaler.placement.ledger import Ledger
from autoscaler.placement.problem import HostState, Problem


def places_for(problem: Problem, workload: WorkloadRef, count: int) -> int:
    """How many of `count` more its scheduler finds places for, on open machines."""
    ledger = Ledger.of(problem)
    return fit(ledger, ledger.loads[workload], count, (HostState.OPEN,), spread=True).total()


def hindered(problem: Problem, workload: WorkloadRef, host: str) -> Reason | None:
    """The rule between workloads by which one more may not come to that machine."""
    ledger = Ledger.of(problem)
    load, row = ledger.loads[workload], ledger.row(host)
    against = (rule for rule in ledger.relations.of_one(workload).all() if not ledger.left_at(load, [rule], row).any())
    return next((named(load, rule, (1, 1)) for rule in against), None)
