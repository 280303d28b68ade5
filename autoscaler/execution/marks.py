"""Our marks on other people's objects, and how they come off when the journal that explains them is gone.

Taking a mark off is a plan like any other, carried out by the same conditions on a journal that lives only as long: whoever goes with a
surge leaves traffic first, and what was taken out of rotation comes back.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.runtime import Runtime
from autoscaler.execution.advancing import advance
from autoscaler.execution.hands import Hands
from autoscaler.model.commitments import BEGUN, OPEN, Commitments, StepRecord
from autoscaler.model.marks import Mark
from autoscaler.model.nodes import Node
from autoscaler.model.observations import ClusterState, Observation
from autoscaler.model.plans import Goal, Plan, PlannedStep
from autoscaler.model.quantities import Duration, Money
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PlanId, StepId
from autoscaler.model.samples import Unknown
from autoscaler.model.steps import JoinTraffic, LeaveTraffic, Purpose, Step, Undo
from autoscaler.model.workloads import Workload, WorkloadKind, surge_of
from autoscaler.store import MemoryStore

PATIENCE = Duration(300_000)
"""How long taking marks off may take: a drain and a start, with room."""

PAUSE = Duration(1000)
"""Between two looks at the world while marks come off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayMark:
    """A mark that no operation under way explains. `object`: the node's name, or the workload's."""

    object: str
    mark: Mark


def stray_marks(observation: Observation, commitments: Commitments) -> tuple[StrayMark, ...]:
    """All of them, nodes first; none while the cluster is unknown."""
    if isinstance(observation.state, Unknown):
        return ()
    explained = _explained(commitments)
    return tuple(one for one in _all_marks(observation.state) if (one.object, one.mark.field) not in explained)


def mending(stray: tuple[StrayMark, ...], state: ClusterState, policies: ClusterPolicies, plan: PlanId, at: Observation) -> Plan:
    """The plan that takes them off: nodes open first, then whoever is healthy is back in rotation, then the surge goes."""
    nodes = {node.name for node in state.nodes}
    steps = [_planned("open", place, _undo(one)) for place, one in enumerate(stray) if one.object in nodes]
    opened = tuple(one.id for one in steps)
    for workload in state.workloads:
        steps += _for_workload(workload, [one for one in stray if one.object == str(workload.ref)], policies, opened)
    return Plan(
        id=plan,
        cluster=at.cluster,
        made_at=at.at,
        goal=Goal(),
        steps=tuple(steps),
        workloads=(),
        pools=(),
        moves=(),
        price_before=Money(0),
        price_after=Money(0),
        fingerprint="",
    )


def remove_marks(
    stray: tuple[StrayMark, ...],
    look: Callable[[], Observation],
    hands: Hands,
    runtime: Runtime,
    policies: ClusterPolicies,
    *,
    patience: Duration = PATIENCE,
) -> tuple[StepRecord, ...]:
    """Take `stray` off; the steps and what came of them, some still open when `patience` ran out. Claim the cluster first."""
    first = look()
    if isinstance(first.state, Unknown) or not stray:
        return ()
    store, ends = MemoryStore(runtime), runtime.monotonic() + patience.ms
    lease = store.leases.acquire(policies.cluster, "doctor", Duration(2 * patience.ms + hands.call_timeout.ms))
    plan = mending(stray, first.state, policies, PlanId(runtime.new_id()), first)
    journal = store.journal(policies.cluster)
    journal.adopt(plan, tuple(StepRecord(plan=plan.id, planned=step) for step in plan.steps), lease)
    records, seen = journal.commitments().records, first
    while any(one.status in OPEN for one in records) and runtime.monotonic() < ends:
        records = advance(plan, seen, journal, lease, hands, runtime, policies)
        runtime.sleep(PAUSE)
        seen = look()
    return records


def _all_marks(state: ClusterState) -> Iterator[StrayMark]:
    for node in state.nodes:
        yield from (StrayMark(object=_name(node), mark=mark) for mark in node.marks)
    for workload in state.workloads:
        yield from (StrayMark(object=_name(workload), mark=mark) for mark in workload.marks)


def _name(one: Node | Workload) -> str:
    return one.name if isinstance(one, Node) else str(one.ref)


def _explained(commitments: Commitments) -> frozenset[tuple[str, str]]:
    """Objects and fields that an operation under way changed, and will give back or finish."""
    under_way = {record.planned.operation for record in commitments.open}
    return frozenset(
        (change.object, change.field)
        for record in commitments.records
        if record.status in BEGUN and record.intent and record.planned.operation in under_way
        for change in record.intent.fields
    )


def _for_workload(workload: Workload, marks: list[StrayMark], policies: ClusterPolicies, opened: tuple[StepId, ...]) -> list[PlannedStep]:
    """Back into rotation, and the surge away, if there is one of ours and nobody changed the count since."""
    traffic, surge, ref = policies.availability_of(workload.ref).traffic, surge_of(workload), workload.ref
    if workload.kind is not WorkloadKind.REPLICATED:
        return []
    steps: list[PlannedStep] = []
    if traffic:
        join = JoinTraffic(workload=ref, traffic=traffic, count=0)
        steps.append(_planned(f"join {ref}", 0, join, opened))
    if marks and surge and traffic:
        leave = LeaveTraffic(workload=ref, traffic=traffic, victims=surge, purpose=Purpose.GIVE_BACK)
        steps.append(_planned(f"leave {ref}", 0, leave, tuple(one.id for one in steps)))
    before = tuple(one.id for one in steps) or opened
    return steps + [_planned(f"restore {ref}", place, _undo(one), before) for place, one in enumerate(marks)]


def _undo(one: StrayMark) -> Undo:
    return Undo(object=one.object, field=one.mark.field, was=one.mark.was, ours=one.mark.ours)


def _planned(name: str, place: int, step: Step, after: tuple[StepId, ...] = ()) -> PlannedStep:
    reason = Reason(Code.LOST_OWNER)
    return PlannedStep(id=StepId(f"{name} {place}"), step=step, operation=f"mend {name}", after=after, reasons=(reason,))
