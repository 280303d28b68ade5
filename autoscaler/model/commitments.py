"""Steps begun and not ended: what the journal knows of a plan being carried out."""

from dataclasses import dataclass
from enum import StrEnum

from autoscaler.model.marks import FieldChange
from autoscaler.model.plans import Plan, PlannedStep
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PlanId, ReplicaId, StepId, Token
from autoscaler.model.steps import Progress

TRIES = "try, instant"
"""The unit of a reason why a step is tried again: how often it was, and not before when."""


class StepStatus(StrEnum):
    """WAITING: nothing journalled but the step itself. INTENDED: about to be sent, or sent without a reply: read back first.

    SENT: the call came back; its effect is awaited. UNDOING: being taken back by the newer plan that names it.
    """

    WAITING = "waiting"
    INTENDED = "intended"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"
    UNDONE = "undone"


OPEN = frozenset({StepStatus.WAITING, StepStatus.INTENDED, StepStatus.SENT})
IN_FLIGHT = frozenset({StepStatus.INTENDED, StepStatus.SENT})
BEGUN = frozenset({StepStatus.INTENDED, StepStatus.SENT, StepStatus.DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A step's numbers, fixed at the moment of acting: the absolute count `seen -> wanted`, the replicas concerned, the fields changed.

    `before`: ids of the objects there at that moment, so that what came or went since can be told.
    """

    token: Token
    term: int
    seen: int = 0
    wanted: int = 0
    replicas: tuple[ReplicaId, ...] = ()
    addresses: tuple[str, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step's state in the journal. `tries` counts calls sent; `reasons` say why it is where it is.

    `began_at`: since when its time-out counts: its turn came, then its first try. `acted_at`: its latest try; of a leaving, since when
    those who leave have been draining.
    """

    plan: PlanId
    planned: PlannedStep
    status: StepStatus = StepStatus.WAITING
    intent: Intent | None = None
    began_at: Instant | None = None
    acted_at: Instant | None = None
    ended_at: Instant | None = None
    tries: int = 0
    reasons: tuple[Reason, ...] = ()

    @property
    def acted(self) -> Instant:
        """When it was last tried; journals without `acted_at` kept that in `began_at`. 0 before it began."""
        return self.acted_at or self.began_at or Instant(0)

    @property
    def overruled(self) -> tuple[int, int] | None:
        """The count it had set and the one somebody else set before that was seen to hold; None where nobody did."""
        lost = self.status is StepStatus.FAILED and self.intent is not None
        return self.strange if lost else None

    @property
    def strange(self) -> tuple[int, int] | None:
        """Of a step that somebody else ended: the count it knew and the one it saw."""
        told = (one for one in self.reasons if one.code is Code.CHANGED_BY_OTHERS and one.unit != TRIES)
        counts = next((one.numbers for one in told), ())
        return (counts[0], counts[1]) if self.status not in OPEN and len(counts) > 1 else None

    @property
    def progress(self) -> Progress:
        """How far it is, as `on_supersede` asks."""
        begun = self.status in BEGUN
        return Progress(begun=begun, stopped=begun)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitments:
    """The plan being carried out, and its steps' records in the plan's order. Both empty before a first plan."""

    plan: Plan | None = None
    records: tuple[StepRecord, ...] = ()

    @property
    def open(self) -> tuple[StepRecord, ...]:
        """Steps not ended yet."""
        return tuple(record for record in self.records if record.status in OPEN)

    def record(self, step: StepId) -> StepRecord | None:
        """The record of a step."""
        return next((record for record in self.records if record.planned.id == step), None)

    def operation(self, name: str) -> tuple[StepRecord, ...]:
        """The records of one operation."""
        return tuple(record for record in self.records if record.planned.operation == name)


NO_COMMITMENTS = Commitments()
