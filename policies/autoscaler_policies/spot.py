"""How much of a pool may be taken back by its cloud."""

from dataclasses import dataclass
from typing import Annotated

from autoscaler.config.markers import AT_MOST_WHOLE
from autoscaler.model.pool_asks import Diverse, PoolAsk, SpotShare
from autoscaler.model.quantities import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """The first `on_demand` nodes are no spot ones, and of those beyond at most this `share` is; at most `of_one` of these of one offering.

    As the mixed instances policy of AWS Auto Scaling (`OnDemandBaseCapacity`, `OnDemandPercentageAboveBaseCapacity`), from the other side.
    """

    share: Annotated[Share, AT_MOST_WHOLE]
    on_demand: int = 0
    of_one: Annotated[Share, AT_MOST_WHOLE] | None = None

    def asks(self) -> tuple[PoolAsk, ...]:
        """The share, and how much of it may be alike."""
        most = SpotShare(share=self.share, on_demand=self.on_demand)
        return (most,) if self.of_one is None else (most, Diverse(share=self.of_one))
