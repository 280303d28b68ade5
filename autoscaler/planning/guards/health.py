"""A cluster in trouble is not made smaller: too many nodes down, or launches that fail."""

from autoscaler.model.nodes import NodeState
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.planning.facts import Facts, Machine, ours


def unhealthy(facts: Facts) -> tuple[Reason, ...]:
    """More of the nodes do not answer than the policy allows. One that we gave back, or that stands by, does not because it should not."""
    nodes = [one.node for one in facts.machines.values() if one.node.state is NodeState.READY or not _rightly_down(facts, one)]
    down = sum(node.state is not NodeState.READY for node in nodes)
    if down * 1000 > facts.request.policies.limits.unhealthy.milli * len(nodes):
        return (Reason(Code.CLUSTER_UNHEALTHY, (down, len(nodes)), "nodes"),)
    return ()


def _rightly_down(facts: Facts, machine: Machine) -> bool:
    return _given_back(machine) or machine.node.name in facts.standing_by or facts.comes_again(machine)


def _given_back(machine: Machine) -> bool:
    """Closed by us and in no pool's count any more. One that died while we were closing it is as dead as any."""
    return ours(machine.node) and machine.counted_in is None


def launches_failing(facts: Facts) -> tuple[Reason, ...]:
    """A pool's machines do not come: what goes now might not be replaced."""
    most = facts.request.policies.limits.failed_launches
    failed = {name: pool.failed_launches + (pool.never_joined if facts.resting(name) else 0) for name, pool in facts.pools.items()}
    return tuple(Reason(Code.LAUNCHES_FAILING, (count, most), "launches", (name,)) for name, count in failed.items() if count >= most)


def replicas_failing(facts: Facts, ref: WorkloadRef) -> tuple[Reason, ...]:
    """The workload's replicas end by themselves or never get healthy: a replacement would do no better."""
    workload, most = facts.workloads.get(ref), facts.request.policies.limits.failed_launches
    if workload is None or workload.failures < most:
        return ()
    return (Reason(Code.LAUNCHES_FAILING, (workload.failures, most), "replicas", (str(ref),)),)
