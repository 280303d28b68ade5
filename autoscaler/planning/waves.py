"""The operations `scale …` of the current plan, wave by wave: one change of the count with what belongs to it."""

from dataclasses import dataclass

from autoscaler.model.commitments import IN_FLIGHT, StepRecord, StepStatus
from autoscaler.model.steps import LeaveTraffic, Place, SetReplicas
from autoscaler.planning.standing import LOST, Operation, progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Up: the change, then its replicas' way into rotation. Down: victims out of rotation, then the change."""

    records: tuple[StepRecord, ...]

    @property
    def setting(self) -> StepRecord | None:
        """The record of the change itself."""
        return next((one for one in self.records if isinstance(one.planned.step, SetReplicas)), None)

    @property
    def change(self) -> int:
        """By how much."""
        record = self.setting
        return record.planned.step.change if record and isinstance(record.planned.step, SetReplicas) else 0

    @property
    def places(self) -> tuple[Place, ...]:
        """Where those are to start that come."""
        record = self.setting
        return record.planned.step.places if record and isinstance(record.planned.step, SetReplicas) else ()

    @property
    def done(self) -> bool:
        """The count is changed: it is simply the count now."""
        return self.setting is None or self.setting.status is StepStatus.DONE

    @property
    def flying(self) -> bool:
        """The change was sent, or may have been."""
        return self.setting is not None and self.setting.status in IN_FLIGHT

    @property
    def lost(self) -> bool:
        """A step of it failed."""
        return any(one.status in LOST for one in self.records)

    @property
    def left_traffic(self) -> bool:
        """Replicas were taken out of rotation for a change that was not made yet."""
        left = (one for one in self.records if isinstance(one.planned.step, LeaveTraffic) and progress(one).begun)
        return not self.done and next(left, None) is not None


def waves(operation: Operation) -> tuple[Wave, ...]:
    """Its waves, in order."""
    groups: list[list[StepRecord]] = [[]]
    for record in operation.records:
        step = record.planned.step
        rises = isinstance(step, SetReplicas) and step.change > 0
        if (rises and groups[-1]) or (isinstance(step, LeaveTraffic | SetReplicas) and _rises(groups[-1])):
            groups.append([])
        groups[-1].append(record)
        if isinstance(step, SetReplicas) and step.change < 0:
            groups.append([])
    last = groups[-1]
    if len(groups) > 1 and not any(isinstance(one.planned.step, SetReplicas) for one in last):
        groups[-2:] = [[*groups[-2], *last]]  # what follows the last change belongs to it
    return tuple(Wave(records=tuple(group)) for group in groups if group)


def _rises(wave: list[StepRecord]) -> bool:
    return any(isinstance(one.planned.step, SetReplicas) and one.planned.step.change > 0 for one in wave)
