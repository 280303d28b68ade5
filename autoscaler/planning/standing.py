"""The operations of the plan being carried out, and how far each is."""

from collections import defaultdict
from dataclasses import dataclass

from autoscaler.model.commitments import BEGUN, IN_FLIGHT, OPEN, Commitments, StepRecord, StepStatus
from autoscaler.model.plans import PlannedStep
from autoscaler.model.reasons import Code
from autoscaler.model.refs import NodeRef, PoolName, StepId, WorkloadRef
from autoscaler.model.steps import (
    AwaitHealthy,
    Evacuate,
    GrowPool,
    JoinTraffic,
    LeaveTraffic,
    OnSupersede,
    Progress,
    Purpose,
    SetReplicas,
    StartReplica,
    StopReplica,
)

ON_REQUEST = "drain"
"""In the reasons of a close that somebody asked for."""

OF_ONE = (SetReplicas, StartReplica, StopReplica, AwaitHealthy, JoinTraffic, LeaveTraffic)
"""Steps that concern one workload."""

LOST = frozenset({StepStatus.FAILED, StepStatus.DROPPED, StepStatus.UNDONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Steps that are kept, dropped, undone or finished together. `cut`: a step can never begin, for one before it is lost."""

    name: str
    records: tuple[StepRecord, ...]
    cut: bool = False

    @property
    def verb(self) -> str:
        """The first word of its name."""
        return self.name.partition(" ")[0]

    @property
    def open(self) -> bool:
        """Whether a step of it has not ended."""
        return any(one.status in OPEN for one in self.records)

    @property
    def broken(self) -> bool:
        """Whether it cannot end as planned."""
        return self.cut or any(one.status in LOST for one in self.records)

    @property
    def flying(self) -> bool:
        """Whether something was sent, or may have been, and its effect is not seen yet."""
        return any(one.status in IN_FLIGHT for one in self.records)

    @property
    def firm(self) -> bool:
        """Whether it can only go forward: something was stopped, or a change of a count is in doubt."""
        doubt = (one for one in self.records if one.status in IN_FLIGHT and isinstance(one.planned.step, SetReplicas))
        finish = (one for one in self.records if one.planned.step.on_supersede(progress(one)) is OnSupersede.FINISH)
        return next(doubt, None) is not None or next(finish, None) is not None

    @property
    def touched(self) -> bool:
        """Whether anything of it was begun that must be taken back if it is given up."""
        return any(one.planned.step.on_supersede(progress(one)) is OnSupersede.UNDO for one in self.records)

    @property
    def on_request(self) -> bool:
        """Whether somebody asked for it."""
        reasons = (reason for one in self.records for reason in one.planned.reasons)
        return any(reason.code is Code.DECIDED and ON_REQUEST in reason.names for reason in reasons)

    @property
    def node(self) -> NodeRef | None:
        """The node it closes or opens."""
        nodes = (getattr(one.planned.step, "node", None) for one in self.records)
        return next((node for node in nodes if node is not None), None)

    @property
    def pool(self) -> PoolName | None:
        """The pool it grows."""
        return next((one.planned.step.pool for one in self.records if isinstance(one.planned.step, GrowPool)), None)

    @property
    def workloads(self) -> frozenset[WorkloadRef]:
        """What it touches."""
        return frozenset(ref for one in self.records for ref in touches(one.planned))

    def works_on(self, ref: WorkloadRef) -> bool:
        """Whether a step of it that touches the workload was begun."""
        return any(ref in touches(one.planned) for one in self.begun)

    @property
    def surged(self) -> frozenset[WorkloadRef]:
        """Workloads it has booked a surge of."""
        steps = (one.planned.step for one in self.begun)
        return frozenset(step.workload for step in steps if isinstance(step, SetReplicas) and step.purpose is Purpose.SURGE)

    @property
    def begun(self) -> tuple[StepRecord, ...]:
        """Steps that took effect, or may have."""
        return tuple(one for one in self.records if one.status in BEGUN)


def operations(commitments: Commitments) -> dict[str, Operation]:
    """The current plan's operations by name, in its order."""
    own = {one.id for one in commitments.plan.steps} if commitments.plan else set()
    records = [one for one in commitments.records if one.planned.id in own]
    lost = _unreachable(records)
    grouped: dict[str, list[StepRecord]] = defaultdict(list)
    for one in records:
        grouped[one.planned.operation].append(one)
    return {name: Operation(name=name, records=tuple(found), cut=_cut(found, lost)) for name, found in grouped.items()}


def progress(record: StepRecord) -> Progress:
    """How far it is. One that failed after its call was sent may have stopped something all the same."""
    if record.status is StepStatus.FAILED and record.intent is not None:
        return Progress(begun=True, stopped=True)
    return record.progress


def touches(planned: PlannedStep) -> tuple[WorkloadRef, ...]:
    """The workloads a step concerns."""
    step = planned.step
    if isinstance(step, Evacuate):
        return step.workloads
    return (step.workload,) if isinstance(step, OF_ONE) else ()


def _unreachable(records: list[StepRecord]) -> set[StepId]:
    """Steps that are lost, and all that wait for one of them."""
    lost = {one.planned.id for one in records if one.status in LOST}
    for one in records:  # a plan's order: what comes before stands before
        if one.status is StepStatus.WAITING and lost.intersection(one.planned.after):
            lost.add(one.planned.id)
    return lost


def _cut(records: list[StepRecord], lost: set[StepId]) -> bool:
    return any(one.status is StepStatus.WAITING and one.planned.id in lost for one in records)
