"""The real Runtime with time running faster: a day in a minute, for demonstrations on simulated clusters."""

from autoscaler.model.quantities import Duration, Instant
from autoscaler.service.runtime import SystemRuntime


class ScaledRuntime(SystemRuntime):
    """`factor` seconds pass in each real one, from `start` on. Deadlines stay real: a hung call is no slower for it."""

    def __init__(self, factor: int, start: Instant) -> None:
        super().__init__()
        self._factor = factor
        self._start = start
        self._origin = super().monotonic()

    def now(self) -> Instant:
        """The scaled wall time."""
        return Instant(self._start + (super().monotonic() - self._origin) * self._factor)

    def monotonic(self) -> int:
        """Scaled milliseconds."""
        return super().monotonic() * self._factor

    def sleep(self, span: Duration) -> None:
        """Wait `span` of scaled time."""
        super().sleep(Duration(max(1, span.ms // self._factor)))
