"""What the file allows of a policy or a pool: everything, only growth, or nothing but a recommendation.

What somebody asked for by name, and what takes back or ends something begun, is not ours to withhold.
"""

from autoscaler.model.policies import Mode
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, PoolName, WorkloadRef
from autoscaler.planning.drafts import Draft
from autoscaler.planning.facts import Facts

CODES = {Mode.SCALE_OUT_ONLY: Code.SCALE_OUT_ONLY, Mode.RECOMMEND: Code.RECOMMEND_ONLY, Mode.OFF: Code.SWITCHED_OFF}
PASSIVE = (Mode.RECOMMEND, Mode.OFF)


def passive_workload(facts: Facts, ref: WorkloadRef) -> tuple[Reason, ...]:
    """Why nothing may be changed about the workload, if its policy says so."""
    policy = facts.ruled.get(ref)
    return (Reason(CODES[policy.mode], names=(str(ref),)),) if policy and policy.mode in PASSIVE else ()


def passive_pool(facts: Facts, pool: PoolName | None) -> tuple[Reason, ...]:
    """Why the pool gets no machine and loses none."""
    policy = facts.request.policies.pool(pool) if pool else None
    return (Reason(CODES[policy.spec.mode], names=(policy.spec.name,)),) if policy and policy.spec.mode in PASSIVE else ()


def lasting_pool(facts: Facts, pool: PoolName | None) -> tuple[Reason, ...]:
    """Why no node of the pool closes by itself."""
    policy = facts.request.policies.pool(pool) if pool else None
    return (Reason(CODES[policy.spec.mode], names=(policy.spec.name,)),) if policy and policy.spec.mode in CODES else ()


def keeps_machine(facts: Facts, node: NodeRef | None, pool: PoolName | None) -> tuple[Reason, ...]:
    """Why the pool does not let the node close by itself. Where its cloud takes it anyway, nothing is given up by moving what is there."""
    return lasting_pool(facts, pool) if facts.ends_at(node) is None else passive_pool(facts, pool)


def passive_cluster(facts: Facts) -> tuple[Reason, ...]:
    """Why nothing at all may be changed: there is no policy and no pool that may act."""
    policies = facts.request.policies
    modes = [one.mode for one in policies.policies] + [one.spec.mode for one in policies.pools]
    if not modes or any(mode not in PASSIVE for mode in modes):
        return ()
    return (Reason(CODES[Mode.RECOMMEND if Mode.RECOMMEND in modes else Mode.OFF], names=(policies.cluster,)),)


def passive_operation(facts: Facts, draft: Draft) -> tuple[Reason, ...]:
    """Why an operation that nobody asked for may not begin."""
    if draft.verb == "undo" or (draft.verb == "close" and asked(facts, draft.node)):
        return ()
    machine = facts.machines.get(draft.node) if draft.node else None
    if draft.verb == "mend":
        back = machine is not None and bool({machine.node.name, machine.node.ref.id} & facts.request.reopens)
        return () if back else passive_cluster(facts)
    pool = draft.pool or (machine.pool if machine else None)
    reasons = keeps_machine(facts, draft.node, pool) if draft.verb == "close" else passive_pool(facts, pool)
    found = (reason for ref in draft.workloads for reason in passive_workload(facts, ref))
    return tuple(dict.fromkeys((*reasons, *found))) or passive_cluster(facts)


def asked(facts: Facts, node: NodeRef | None) -> bool:
    """Whether somebody asked to have the node emptied."""
    machine = facts.machines.get(node) if node else None
    return machine is not None and facts.drained(machine.node)
