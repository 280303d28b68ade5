"""Reads what a source remembers."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from autoscaler.model.quantities import Duration, Instant

Moments = tuple[tuple[Instant, float], ...]
"""Instants with the values then, oldest first."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` up to `end`, a value each `step`."""

    start: Instant
    end: Instant
    step: Duration


@runtime_checkable
class PastReader(Protocol):
    """A metrics source that has a past."""

    def read_past(self, text: str, stretch: Stretch) -> Moments:
        """What the source's own query gave then; moments without a finite value are left out.

        UnavailableError when nobody answers; UsageError for a query the source refuses, or one that gives several series.
        """
        ...
