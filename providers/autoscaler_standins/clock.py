"""The time of a stand-in: the Runtime's own, and as much ahead of it as a test or a user has let pass."""

from dataclasses import dataclass

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration, Instant


@dataclass(slots=True)
class Clock:
    """`ahead`: milliseconds that have been skipped."""

    runtime: Runtime
    ahead: int = 0

    def now(self) -> Instant:
        """Of this cloud."""
        return Instant(self.runtime.now() + self.ahead)

    def skip(self, span: Duration) -> None:
        """Let it pass at once."""
        self.ahead += span.ms
