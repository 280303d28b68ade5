"""Machines that are there before they are needed."""

from dataclasses import dataclass
from typing import Annotated

from autoscaler.config.markers import Least
from autoscaler.model.pool_asks import PoolAsk
from autoscaler.model.pool_asks import Warm as Spare


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """As much room as so many `nodes` of the pool offer stays free.

    Counted over all of the pool's nodes together: an orchestrator that spreads leaves no node empty, however many there are.
    """

    nodes: Annotated[int, Least(1)]

    def asks(self) -> tuple[PoolAsk, ...]:
        """The one ask."""
        return (Spare(nodes=self.nodes),)
