"""What nobody's plan explains any more: our marks without an operation, and machines whose launch failed."""

from autoscaler.model.marks import Mark
from autoscaler.model.nodes import Instance, InstanceState, Node
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import NodeRef, PoolName, WorkloadRef
from autoscaler.model.steps import LeaveTraffic, Purpose, ReleaseInstance, Undo
from autoscaler.planning.drafts import QUICK, START, Draft, DraftStep
from autoscaler.planning.facts import Facts


def orphan(facts: Facts, node: Node) -> bool:
    """Whether a mark of ours on it is ours to take back. A node in no pool that was emptied for somebody stays empty."""
    return bool(node.marks) and not facts.rests(node) and not facts.drained(node)


def mend(facts: Facts, nodes: frozenset[NodeRef], workloads: frozenset[WorkloadRef]) -> list[Draft]:
    """Take our marks off, with the values they stand for. `nodes`, `workloads`: those an operation of this plan explains."""
    drafts = [_node(one) for one in facts.state.nodes if one.ref not in nodes and orphan(facts, one)]
    marked = (one for one in facts.workloads.values() if one.marks and one.ref not in workloads)
    return drafts + [_workload(facts, one.ref, one.marks) for one in marked]


def release_failed(facts: Facts) -> list[Draft]:
    """Give machines back whose launch failed, or that never joined, and that no orchestrator ever saw."""
    known = {node.name for node in facts.state.nodes}
    return [
        Draft(
            operation=f"release {one.ref.id}",
            steps=(
                DraftStep(step=ReleaseInstance(pool=name, instance=one.ref, node=None), timeout=START, reasons=_absent(facts, name, one)),
            ),
            pool=name,
        )
        for name, pool in facts.pools.items()
        if facts.request.policies.pool(name)
        for one in pool.instances
        if (one.state is InstanceState.FAILED or one.absent) and one.node_name not in known
    ]


def _absent(facts: Facts, pool: PoolName, instance: Instance) -> tuple[Reason, ...]:
    return (Reason(Code.NEVER_JOINED, (facts.patience(pool).ms,), "ms", (instance.node_name,)),) if instance.absent else ()


def _node(node: Node) -> Draft:
    steps = tuple(_undo(node.name, mark) for mark in node.marks)
    return Draft(operation=f"mend {node.name}", steps=steps, node=node.ref)


def _workload(facts: Facts, ref: WorkloadRef, marks: tuple[Mark, ...]) -> Draft:
    """A surge is given back like any other: who goes leaves traffic first."""
    steps: list[DraftStep] = []
    surge, traffic = facts.surge(ref), facts.availability(ref).traffic
    if surge and traffic:
        leave = LeaveTraffic(workload=ref, traffic=traffic, victims=surge, purpose=Purpose.GIVE_BACK)
        steps.append(DraftStep(step=leave, timeout=START))
    after = (0,) if steps else ()
    steps += [_undo(str(ref), mark, after) for mark in marks]
    return Draft(operation=f"mend {ref}", steps=tuple(steps), workloads=(ref,))


def _undo(name: str, mark: Mark, after: tuple[int, ...] = ()) -> DraftStep:
    step = Undo(object=name, field=mark.field, was=mark.was, ours=mark.ours)
    return DraftStep(step=step, after=after, timeout=QUICK, reasons=(Reason(Code.LOST_OWNER, names=(mark.store, mark.plan)),))
