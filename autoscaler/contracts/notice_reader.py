"""Looks at a cloud's queue of notices without taking any."""

from typing import Protocol

from autoscaler.model.quantities import Duration


class NoticeReader(Protocol):
    """One queue of one cluster."""

    def waiting(self, deadline: Duration) -> int:
        """How many are in it. Not found: NotFoundError. Late: UnavailableError."""
        ...
