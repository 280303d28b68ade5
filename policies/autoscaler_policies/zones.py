"""How a pool's nodes are shared among zones."""

from dataclasses import dataclass
from typing import Annotated

from autoscaler.config.markers import FILLED, Least
from autoscaler.model.pool_asks import PoolAsk, ZoneRatio


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """Nodes stand in these zones in this `ratio`, as nearly as whole nodes can; none is bought in another."""

    ratio: Annotated[tuple[tuple[Annotated[str, FILLED], Annotated[int, Least(1)]], ...], Least(1)]

    def asks(self) -> tuple[PoolAsk, ...]:
        """The one ask."""
        return (ZoneRatio(weights=self.ratio),)
