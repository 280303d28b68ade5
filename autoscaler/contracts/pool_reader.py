"""Sees one pool of machines."""

from dataclasses import dataclass
from typing import Protocol

from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolCapabilities:
    """Planning asks these, never a plugin's name. `launch_token`: a repeated launch is recognised by the cloud itself."""

    launch_token: bool
    to_zero: bool


class PoolReader(Protocol):
    """One pool, as its cloud shows it."""

    @property
    def capabilities(self) -> PoolCapabilities:
        """What it can do; constant."""
        ...

    def observe(self, deadline: Duration) -> PoolState:
        """Count, machines, offerings. Not found: NotFoundError, never 0. Throttled, late: UnavailableError."""
        ...
