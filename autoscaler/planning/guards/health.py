"""A cluster in trouble is not made smaller: too many nodes down, or launches that fail."""

from autoscaler.model.nodes import NodeState
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import WorkloadRef
from autoscaler.planning.facts import Facts, ours


def unhealthy(facts: Facts) -> tuple[Reason, ...]:
    """More of the nodes do not answer than the policy allows. One that we gave back answers no more because of us."""
    nodes = [node for node in facts.state.nodes if node.state is NodeState.READY or not ours(node)]
    down = sum(node.state is not NodeState.READY for node in nodes)
    if down * 1000 > facts.request.policies.limits.unhealthy.milli * len(nodes):
        return (Reason(Code.CLUSTER_UNHEALTHY, (down, len(nodes)), "nodes"),)
    return ()


def launches_failing(facts: Facts) -> tuple[Reason, ...]:
    """A pool's machines do not come: what goes now might not be replaced."""
    most = facts.request.policies.limits.failed_launches
    failing = [pool for pool in facts.pools.values() if pool.failed_launches >= most]
    return tuple(Reason(Code.LAUNCHES_FAILING, (pool.failed_launches, most), "launches", (pool.pool,)) for pool in failing)


def replicas_failing(facts: Facts, ref: WorkloadRef) -> tuple[Reason, ...]:
    """The workload's replicas end by themselves or never get healthy: a replacement would do no better."""
    workload, most = facts.workloads.get(ref), facts.request.policies.limits.failed_launches
    if workload is None or workload.failures < most:
        return ()
    return (Reason(Code.LAUNCHES_FAILING, (workload.failures, most), "replicas", (str(ref),)),)
