"""What a query text comes to: one request to the Resource Manager, and how its answer is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import Unknown
from autoscaler_sources.numbers import Value

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ArmRequest:
    """A GET. `params`: by name, so that alike requests are equal."""

    path: str
    params: tuple[tuple[str, str], ...]


class ArmQuestion(Protocol):
    """One kind of question."""

    def request(self, group: str, asked: Instant, oldest: Duration) -> ArmRequest:
        """What is asked at `asked` of a resource in `group` (its id), for a value that may be `oldest` old."""
        ...

    def value(self, answer: Json, over: Instant) -> Value | Unknown:
        """What a good answer means; `over` is when it was given by Azure's own clock."""
        ...
