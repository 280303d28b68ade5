"""Time, waiting, parallel calls, ids and dice: the only door to them, so that a simulation can hold it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from autoscaler.errors import AutoscalerError
from autoscaler.model.quantities import Duration, Instant

Rng: TypeAlias = random.Random


@dataclass(frozen=True, slots=True)
class Call:
    """Something to run beside others. `world`: whose slots it takes (`prom`, `shop`); all slots of a world busy means it is unavailable."""

    world: str
    run: Callable[[], Any]


class Runtime(Protocol):
    """Real: threads, a bounded pool per outside world. Simulated: one thread, seeded order, virtual time."""

    def now(self) -> Instant:
        """Wall time; may step."""
        ...

    def monotonic(self) -> int:
        """Milliseconds that never step back; only differences mean something."""
        ...

    def sleep(self, span: Duration) -> None:
        """Wait."""
        ...

    def gather(self, calls: Sequence[Call], deadline: Duration) -> list[Any | AutoscalerError]:
        """Run all at once; results in order.

        A call that raises gives its AutoscalerError (anything else becomes a ProviderError with it as cause). A call not
        done by the deadline gives UnavailableError and keeps its slot until it ends; with no slot free it is not begun.
        """
        ...

    def new_id(self) -> str:
        """A name nobody else has: 26 characters, sorted by time."""
        ...

    def rng(self, name: str) -> Rng:
        """Dice for one purpose; in a simulation seeded by its name."""
        ...
