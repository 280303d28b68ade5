"""What a pool may cost."""

from dataclasses import dataclass
from typing import Annotated

from autoscaler.config.markers import POSITIVE
from autoscaler.model.pool_asks import Ceiling, PoolAsk
from autoscaler.model.quantities import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCeiling:
    """Nothing is bought that would bring the price of the pool's machines above this `per_hour`; its minimum is bought all the same."""

    per_hour: Annotated[Money, POSITIVE]

    def asks(self) -> tuple[PoolAsk, ...]:
        """The one ask."""
        return (Ceiling(price=self.per_hour),)
