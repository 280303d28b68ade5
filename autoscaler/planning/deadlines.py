"""Machines that their cloud takes: who stays on them until the end, who cannot leave in time, and when nothing is waited for any more."""

from dataclasses import replace

from autoscaler.model.commitments import StepStatus
from autoscaler.model.nodes import Node, NodeState
from autoscaler.model.plans import Remark
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, WorkloadRef
from autoscaler.model.steps import ReleaseInstance, RemoveNode
from autoscaler.placement import Placement
from autoscaler.planning.drafts import START, Draft, DraftStep
from autoscaler.planning.facts import Facts
from autoscaler.planning.placing import never_moves
from autoscaler.planning.recipes import Part
from autoscaler.planning.standing import Operation

START_ESTIMATE = Duration(15_000)
"""How long a replica takes to start and become healthy, where nothing else is known."""

MACHINE_ESTIMATE = Duration(60_000)
"""How long a machine takes from its order until it holds replicas, where nothing else is known."""

LAST_MOMENT = Duration(10_000)
"""Before its machine ends, a replica whose replacement was started leaves traffic, ready or not: nothing would end its sessions well."""

Staying = dict[NodeRef, dict[WorkloadRef, tuple[Reason, ...]]]
"""Of each node that ends, the workloads that stay there until then, and why."""


def staying(facts: Facts, placement: Placement) -> Staying:
    """What may not be moved at all, and what no way was found for."""
    found: Staying = {ref: _immovable(facts, ref) for ref, one in facts.machines.items() if one.ends_at is not None}
    for one in placement.left:
        found[facts.nodes[one.host].ref].setdefault(one.workload, one.reasons)
    return found


def takes(node: Node, at: Instant) -> Reason:
    """The notice itself."""
    return Reason(Code.ENDED_BY_CLOUD, (at,), "instant", (node.name,))


def notices(facts: Facts, staying: Staying) -> list[Remark]:
    """Every machine that its cloud takes, and whoever ends with it."""
    found = []
    for ref, there in staying.items():
        at, node = facts.ends_at(ref), facts.machines[ref].node
        if at is not None:
            found.append(Remark(subject=f"node:{node.name}", reasons=(takes(node, at),)))
        for workload, why in sorted(there.items()):
            count = sum(one.workload == workload for one in facts.live_on(ref))
            ends = Reason(Code.ENDS_WITH_NODE, (count,), "replicas", (str(workload), node.name))
            found.append(Remark(subject=str(workload), reasons=(ends, *why), count=count))
    return found


def taken(facts: Facts, operation: Operation) -> bool:
    """Whether the machine that it closes is gone, taken by its cloud or not: what is left to do is to forget its node.

    Never while a pool could not be read, for its machine may be in that one.
    """
    machine = facts.machines.get(operation.node) if operation.node else None
    if machine is None or machine.counted_in is not None or machine.node.state is not NodeState.DOWN:
        return False
    # Whom nobody asked to be emptied was to go with its machine, whatever of its steps a freeze has left; others perhaps only rest.
    gives_back = any(isinstance(one.planned.step, ReleaseInstance | RemoveNode) for one in operation.records)
    read = all(one.spec.name in facts.pools for one in facts.request.policies.pools)
    return read and (gives_back or not operation.on_request)


def overtaken(facts: Facts, operation: Operation) -> bool:
    """Whether its machine is gone and it would still move and wait as if it had to be emptied first."""
    gives_back = (one for one in operation.records if isinstance(one.planned.step, ReleaseInstance))
    return any(one.status is StepStatus.WAITING for one in gives_back) and taken(facts, operation)


def forget(node: Node, settling: tuple[DraftStep, ...], workloads: tuple[WorkloadRef, ...]) -> Draft:
    """What is left of a close when the machine has gone. `settling`: steps that give back what the close had started."""
    waited = {place for one in settling for place in one.after}
    ends = tuple(place for place in range(len(settling)) if place not in waited)
    steps = (*settling, DraftStep(step=RemoveNode(node=node.ref), after=ends, timeout=START))
    return Draft(operation=f"close {node.name}", steps=steps, node=node.ref, workloads=workloads)


def too_late(facts: Facts, node: Node, part: Part) -> tuple[Reason, ...]:
    """Why the part's replicas cannot leave the node in time: how long that takes, and how long there is."""
    at = facts.ends_at(node.ref)
    if at is None or not part.replicas:
        return ()
    sessions = part.drain.ms if part.traffic else 0
    needs = _start(facts, part) + sessions + facts.workloads[part.workload].stop_grace.ms
    has = max(0, at - facts.now)
    return (Reason(Code.TOO_LATE, (needs, has), "ms", (str(part.workload), node.name)),) if needs > has else ()


def in_order(facts: Facts, node: Node, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """As they are; of a machine that ends, by priority, then what takes longest, and with what can wait for nothing any more."""
    at = facts.ends_at(node.ref)
    if at is None:
        return parts
    has = max(0, at - facts.now)
    found = sorted(parts, key=lambda one: (-facts.workloads[one.workload].shape.priority, -_start(facts, one), one.workload))
    return tuple(replace(one, late=_hurries(facts, one, has)) for one in found)


def _hurries(facts: Facts, part: Part, has: int) -> bool:
    """Whether it leaves traffic now, ready replacement or not: one cannot be ready, and there is just time for its sessions to end."""
    ready = LAST_MOMENT.ms if part.booked else _start(facts, part)
    return bool(part.traffic and part.extra) and has <= part.drain.ms and has < ready


def _start(facts: Facts, part: Part) -> int:
    """Until replacements serve, where they come first."""
    if part.gap.ms or not part.extra:
        return 0
    waves = -(-len(part.replicas) // part.at_once) if facts.state.capabilities.bound else 1
    there = {node.name for node in facts.state.nodes} | facts.nodes.keys()
    return waves * START_ESTIMATE.ms + (MACHINE_ESTIMATE.ms if set(part.targets) - there else 0)


def _immovable(facts: Facts, node: NodeRef) -> dict[WorkloadRef, tuple[Reason, ...]]:
    there = dict.fromkeys(one.workload for one in facts.live_on(node) if one.workload in facts.workloads)
    return {ref: why for ref in there if (why := never_moves(facts, facts.workloads[ref], facts.state.capabilities))}
