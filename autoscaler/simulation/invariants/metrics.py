"""Rule 2: what could not be read never makes anything smaller."""

from autoscaler.engine.tick import TickReport
from autoscaler.model.decisions import Decision
from autoscaler.model.samples import Sample, Unknown
from autoscaler.simulation.invariants.watch import Check


class UnknownNeverShrinks(Check):
    """A decision below the present count rests on a sample that was read and true, or on a bound."""

    def began(self) -> None:
        """Nobody lied yet."""
        self.watch.lies.clear()

    def ticked(self, report: TickReport) -> None:
        """Look at every decision."""
        for decision in report.thought.decisions:
            self._believed(decision)
            unread = decision.readings and all(isinstance(one.reading, Unknown) for one in decision.readings)
            if unread and decision.count < min(decision.current, self._most(decision)):
                self.watch.blame(2, f"{decision.workload} {decision.current} -> {decision.count} with no metric read")

    def _believed(self, decision: Decision) -> None:
        for one in decision.readings:
            if isinstance(one.reading, Sample) and (one.metric, one.workload.path) in self.watch.lies:
                self.watch.blame(2, f"{one.metric} of {one.workload} was taken for {one.reading.milli}, and was unknown")

    def _most(self, decision: Decision) -> int:
        policy = self.watch.policies.of(decision.workload)
        return policy.bounds.max if policy else decision.current
