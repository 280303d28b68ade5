"""How many of a pool's nodes may be missing at once because we chose to close them."""

from dataclasses import dataclass
from enum import StrEnum

from autoscaler.errors import PolicyError
from autoscaler.model.calendars import Window
from autoscaler.model.quantities import Share

WHOLE = 1000


class Per(StrEnum):
    """What a budget counts the nodes of: the POOL as a whole, or each ZONE of it by itself."""

    POOL = "pool"
    ZONE = "zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """At most so many `nodes` closing, or not ready, at once; a share is of all there are, rounded up. `during`: only while it is open.

    As Karpenter's disruption budgets (`NodePool.spec.disruption.budgets`), and by zone as well.
    """

    nodes: int | Share
    per: Per = Per.POOL
    during: Window | None = None

    def __post_init__(self) -> None:
        """PolicyError for more than all."""
        if isinstance(self.nodes, Share) and self.nodes.milli > WHOLE:
            raise PolicyError(f"{self.nodes} of the nodes are more than there are", hint="write at most 100%, such as 10%")

    def most(self, there: int) -> int:
        """How many of so many."""
        return self.nodes if isinstance(self.nodes, int) else self.nodes.of(there)
