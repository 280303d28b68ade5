"""The red button: nobody changes a frozen object, not even for the better."""

from autoscaler.model.freezes import EVERYTHING, Freeze
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PoolName, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.planning.drafts import Draft
from autoscaler.planning.facts import Facts, Machine


def frozen(facts: Facts, subjects: frozenset[str]) -> tuple[Reason, ...]:
    """Who froze one of them, or everything."""
    held = (one for one in facts.request.freezes if one.holds(facts.now) and one.subject in subjects | {EVERYTHING})
    return tuple(Reason(Code.FROZEN, names=_names(one)) for one in held)


def frozen_workload(facts: Facts, ref: WorkloadRef) -> tuple[Reason, ...]:
    """Who froze the workload."""
    return frozen(facts, frozenset({str(ref)}))


def frozen_operation(facts: Facts, draft: Draft) -> tuple[Reason, ...]:
    """Who froze anything the operation changes."""
    if not facts.request.freezes:
        return ()
    subjects = {str(ref) for ref in draft.workloads}
    if draft.pool:
        subjects.add(f"pool:{draft.pool}")
    machine = facts.machines.get(draft.node) if draft.node else None
    if machine:
        subjects |= {f"node:{machine.node.name}", f"node:{machine.node.ref.id}"}
        subjects |= {f"pool:{pool}" for pool in _perhaps_in(facts, machine)}
    return frozen(facts, frozenset(subjects))


def _perhaps_in(facts: Facts, machine: Machine) -> tuple[PoolName, ...]:
    """The machine's pool; where none is known, every one that could not be read."""
    unread = (view.pool for view in facts.request.observation.pools if isinstance(view.state, Unknown))
    return (machine.pool,) if machine.pool else tuple(unread)


def _names(freeze: Freeze) -> tuple[str, ...]:
    return (freeze.subject, freeze.who, freeze.why)
