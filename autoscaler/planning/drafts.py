"""Operations before they have ids: steps that name each other by place, and other operations by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from autoscaler.model.plans import Move
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import NodeRef, PoolName, WorkloadRef
from autoscaler.model.steps import (
    Evacuate,
    Fence,
    LeaveTraffic,
    ReleaseInstance,
    RemoveNode,
    SetReplicas,
    Step,
    StopReplica,
)

QUICK = Duration(120_000)
"""For a call and its effect."""

START = Duration(600_000)
"""For something to start and become healthy."""


MARGIN = Duration(120_000)
"""On top of a workload's own time for open sessions: a step ends by the drain's end, not by its timeout."""


# A named tuple: a plan that closes hundreds of machines has thousands, each told what it waits for once all are known.
class DraftStep(NamedTuple):
    """`after`: places of other steps of the operation.

    `needs`: operations that must have ended before it (of one that opens a node again: when the node is open). `fenced`: operations
    whose nodes must be fenced before it.
    """

    step: Step
    after: tuple[int, ...] = ()
    needs: tuple[str, ...] = ()
    fenced: tuple[str, ...] = ()
    timeout: Duration = START
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One operation.

    `late`: of workloads that it cannot move in time, why.
    `node`, `pool`, `workloads`: what it changes, as freezes and limits count it.
    """

    operation: str
    steps: tuple[DraftStep, ...]
    node: NodeRef | None = None
    pool: PoolName | None = None
    workloads: tuple[WorkloadRef, ...] = ()
    moves: tuple[Move, ...] = ()
    reasons: tuple[Reason, ...] = ()
    late: tuple[tuple[WorkloadRef, Reason], ...] = ()

    @property
    def verb(self) -> str:
        """The first word of its name."""
        return self.operation.partition(" ")[0]

    def needing(self, operations: Iterable[str], fenced: tuple[str, ...] = (), opened: Iterable[str] = ()) -> "Draft":
        """The same; its work, which is all but its own fence, not before these operations have ended and those have fenced.

        `fenced`: in order, each once, itself perhaps among them, which changes nothing. `opened`: not even that before these have ended.
        """
        before = tuple(sorted(opened))
        ended = tuple(sorted(set(operations).union(before) - {self.operation}))
        start = 1 if self.steps and isinstance(self.steps[0].step, Fence) else 0
        roots = {place for place, one in enumerate(self.steps) if place >= start and all(before < start for before in one.after)}
        found = list(self.steps)
        for place in roots:
            found[place] = found[place]._replace(needs=found[place].needs + ended, fenced=found[place].fenced + fenced)
        if before and start:
            found[0] = found[0]._replace(needs=found[0].needs + before)
        return replace(self, steps=tuple(found))

    def releasing_after(self, operation: str) -> "Draft":
        """The same; its machine is not given back before this operation has ended."""
        steps = (one._replace(needs=(*one.needs, operation)) if isinstance(one.step, ReleaseInstance) else one for one in self.steps)
        return replace(self, steps=tuple(steps))


def last(steps: Sequence[DraftStep]) -> tuple[int, ...]:
    """The place of the last one, as what comes next waits for it."""
    return (len(steps) - 1,) if steps else ()


def destructive(step: Step) -> bool:
    """Whether it takes something away: traffic, a replica, room, a machine."""
    if isinstance(step, SetReplicas):
        return step.change < 0
    return isinstance(step, Fence | LeaveTraffic | Evacuate | StopReplica | RemoveNode | ReleaseInstance)
