"""Tells how a plan is getting on: a line on stderr for every step whose state or reason changed."""

from dataclasses import dataclass, field

from autoscaler.cli.paint import painted
from autoscaler.cli.terminal import say
from autoscaler.explaining import because, step_as_text
from autoscaler.explaining.journal_text import MARKS
from autoscaler.model.commitments import Commitments, StepRecord, StepStatus
from autoscaler.model.reasons import Reason
from autoscaler.model.refs import StepId

Told = tuple[StepStatus, tuple[Reason, ...]]


@dataclass(slots=True)
class Teller:
    """Remembers what it said; a step that only waits for others is not worth a line."""

    told: dict[StepId, Told] = field(default_factory=dict)

    def tell(self, commitments: Commitments) -> None:
        """Say what is new."""
        for record in commitments.records:
            state = (record.status, record.reasons)
            if self.told.get(record.planned.id) == state or (record.status is StepStatus.WAITING and record.began_at is None):
                continue
            self.told[record.planned.id] = state
            say(painted(line(record)))


def line(record: StepRecord) -> str:
    """One step, how far it is, and why."""
    why = f": {because(record.reasons)}" if record.reasons else ""
    return f"{MARKS[record.status]:<16}{step_as_text(record.planned.step)}{why}"
