"""Takes notices out of a cloud's queue: only who leads the cluster does, for whoever takes one takes it from all others."""

from typing import Protocol

from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Duration


class NoticeQueue(Protocol):
    """One queue of one cluster."""

    def take(self, deadline: Duration) -> tuple[Letter, ...]:
        """What waits, as much as can be had in time; it comes again unless it is dropped.

        Not found: NotFoundError. Late: UnavailableError.
        """
        ...

    def drop(self, letters: tuple[Letter, ...]) -> None:
        """They are kept elsewhere now. Dropped already: harmless. Late: UnavailableError, and they come again."""
        ...
