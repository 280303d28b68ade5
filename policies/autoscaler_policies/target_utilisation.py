"""How full a pool may be, by what its replicas request."""

from dataclasses import dataclass
from typing import Annotated

from autoscaler.config.markers import AT_MOST_WHOLE, POSITIVE
from autoscaler.errors import PolicyError
from autoscaler.model.pool_asks import PoolAsk, Utilisation
from autoscaler.model.quantities import Share

Part = Annotated[Share, AT_MOST_WHOLE, POSITIVE]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetUtilisation:
    """Of what the pool's nodes offer at most this share is requested; the rest stays free."""

    cpu: Part | None = None
    memory: Part | None = None

    def __post_init__(self) -> None:
        """PolicyError for a target of nothing."""
        if self.cpu is None and self.memory is None:
            raise PolicyError("a utilisation of nothing has no target", hint="write cpu or memory, as in {cpu: 80%}")

    def asks(self) -> tuple[PoolAsk, ...]:
        """The one ask."""
        return (Utilisation(cpu=self.cpu, memory=self.memory),)
