"""A cluster as it is now, in words: nodes, workloads, pools, their price, and what is frozen."""

from collections import Counter
from collections.abc import Iterator

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.explaining.amounts import memory, moment
from autoscaler.explaining.layout import WIDTH, items, page, section, table
from autoscaler.explaining.sentences import sentence
from autoscaler.model.available import available
from autoscaler.model.freezes import Freeze
from autoscaler.model.nodes import InstanceState, Node, NodeAvailability, NodeState
from autoscaler.model.observations import ClusterState, Observation, PoolView
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Cpu, Money
from autoscaler.model.reasons import Reason
from autoscaler.model.samples import Unknown
from autoscaler.model.workloads import ReplicaState, Workload

PAID = frozenset({InstanceState.LAUNCHING, InstanceState.RUNNING, InstanceState.STOPPING})


def status_as_text(observation: Observation, policies: ClusterPolicies, freezes: tuple[Freeze, ...] = (), *, width: int = WIDTH) -> str:
    """Plain text. `wanted`, `ready` (healthy) and `available` (and in rotation) of each workload; unknown is said, never shown as 0."""
    state = observation.state
    return page(
        [
            f"Cluster {observation.cluster}, seen at {moment(observation.at)}",
            *section("Nodes", _unknown("the cluster", state) if isinstance(state, Unknown) else _nodes(state)),
            *section("Workloads", [] if isinstance(state, Unknown) else _workloads(observation, state, policies)),
            *section("Pools", [*_pools(observation), *_unread_pools(observation)]),
            *section("Rotations that could not be read", list(_unread_rotations(observation))),
            *section("Frozen", items(map(_freeze, freezes), indent=2, width=width)),
            *section("Price", [_price(observation)] if observation.pools else []),
        ]
    )


def _unknown(what: str, state: Unknown) -> list[str]:
    detail = f" ({state.detail})" if state.detail else ""
    return [f"  {what} is unknown: {sentence(Reason(state.why))}{detail}"]


def _nodes(state: ClusterState) -> list[str]:
    held = Counter(replica.node for replica in state.replicas)
    rows = [
        [f"  {node.name}", _is(node), str(held[node.ref]), str(Cpu(node.capacity.cpu)), memory(node.capacity.memory)]
        for node in state.nodes
    ]
    return table(["  NODE", "STATE", "REPLICAS", "CPU", "MEMORY"], rows)


def _is(node: Node) -> str:
    if node.state is NodeState.DOWN:
        return "down"
    manager = ", manager" if node.manager else ""
    return f"ready{manager}" if node.availability is NodeAvailability.OPEN else f"{node.availability.value}{manager}"


def _workloads(observation: Observation, state: ClusterState, policies: ClusterPolicies) -> list[str]:
    healthy = Counter(one.workload for one in state.replicas if one.healthy and one.state is ReplicaState.RUNNING)
    rows = [_workload(observation, one, healthy[one.ref], policies) for one in state.workloads]
    return table(["  WORKLOAD", "WANTED", "READY", "AVAILABLE", "POLICY"], rows)


def _workload(observation: Observation, workload: Workload, ready: int, policies: ClusterPolicies) -> list[str]:
    policy = policies.of(workload.ref)
    named = f"{policy.name} ({policy.bounds.min} to {policy.bounds.max}, {policy.mode.value})" if policy else "none (unmanaged)"
    traffic = policies.availability_of(workload.ref).traffic
    unread = traffic is not None and isinstance(observation.rotation(traffic), Unknown)
    serving = "unknown" if unread else str(len(available(observation, workload.ref, traffic)))
    updating = ", its owner is updating it" if workload.updating else ""
    return [f"  {workload.ref}", str(workload.wanted), str(ready), serving, named + updating]


def _pools(observation: Observation) -> list[str]:
    """How many stand by is told where any does."""
    known = [view.state for view in observation.pools if not isinstance(view.state, Unknown)]
    ready = [sum(one.standby for one in pool.offerings) for pool in known]
    rows = [[*_pool(pool), *([str(count)] if any(ready) else [])] for pool, count in zip(known, ready, strict=True)]
    return table(["  POOL", "WANTED", "RUNNING", "LAUNCHING", "STOPPING", "FAILED", *(["STANDBY"] if any(ready) else [])], rows)


def _pool(pool: PoolState) -> list[str]:
    states = Counter(one.state for one in pool.instances)
    shown = (InstanceState.RUNNING, InstanceState.LAUNCHING, InstanceState.STOPPING, InstanceState.FAILED)
    return [f"  {pool.pool}", str(pool.wanted), *(str(states[state]) for state in shown)]


def _unread_pools(observation: Observation) -> Iterator[str]:
    for view in observation.pools:
        if isinstance(view.state, Unknown):
            yield from _unknown(f"pool {view.pool}", view.state)


def _unread_rotations(observation: Observation) -> Iterator[str]:
    for view in observation.rotations:
        if isinstance(view.state, Unknown):
            yield from _unknown(str(view.traffic), view.state)


def _freeze(freeze: Freeze) -> str:
    until = f"until {moment(freeze.until)}" if freeze.until is not None else "until resumed"
    return f"{freeze.subject} by {freeze.who}, {until}: {freeze.why}"


def _price(observation: Observation) -> str:
    """Per hour, of every machine that is paid for and whose price is known; the rest is said."""
    prices = [price for view in observation.pools for price in _prices(view)]
    known = [price for price in prices if price is not None]
    sums = Counter[str]()
    for price in known:
        sums[price.currency] += price.micro
    words = " + ".join(str(Money(micro, currency)) for currency, micro in sorted(sums.items())) or str(Money(0))
    unknown = len(prices) - len(known) + sum(isinstance(view.state, Unknown) for view in observation.pools)
    return f"  {words} per hour{', not counting what is unknown' if unknown else ''}"


def _prices(view: PoolView) -> Iterator[Money | None]:
    if isinstance(view.state, Unknown):
        return
    prices = {offering.name: offering.price for offering in view.state.offerings}
    yield from (prices.get(one.offering) for one in view.state.instances if one.state in PAID)
