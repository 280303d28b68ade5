"""How long the parts of a tick took."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Duration

Found = TypeVar("Found")


@dataclass(slots=True)
class Stopwatch:
    """Parts in the order they were done."""

    runtime: Runtime
    phases: list[tuple[str, Duration]] = field(default_factory=list)

    def timed(self, phase: str, work: Callable[[], Found]) -> Found:
        """What `work` found, its time noted."""
        began = self.runtime.monotonic()
        found = work()
        self.phases.append((phase, Duration(self.runtime.monotonic() - began)))
        return found
