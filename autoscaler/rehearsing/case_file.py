"""A file of cases: what is seen, step by step, and the count that is expected of the policies then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from autoscaler.config import Plugins
from autoscaler.config.markers import Least
from autoscaler.config.parsing import bind
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.refs import WorkloadRef

EPOCH = "2026-01-05T12:00:00+00:00"


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A point in time with its offset, as ISO 8601 writes it."""

    PATTERN: ClassVar[str] = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})"
    HINT: ClassVar[str] = "write 2026-03-29T00:30:00+01:00, with an offset, in quotes"

    at: Instant

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read it; PolicyError for one that no calendar has."""
        try:
            return cls(Instant(int(datetime.fromisoformat(text).timestamp() * 1000)))
        except ValueError as error:
            raise PolicyError(f"{text[:40]!r} is no point in time", hint=cls.HINT) from error


Told = Number | Literal["worse"]
"""What is foreseen of a metric: so much, or that following its forecast has been worse than reacting."""

Value = Share | Number | Literal["unknown"]
"""What a metric reads: a share, a number, or nothing at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One look at the workload, and the count `expect`ed of it.

    `after`: how long after the step before. `replicas`: the wanted count, else what the step before decided; `ready`: how many are, else
    all of them. `metrics`: what they read; one left out is as in the step before. `forecast`: what rules that look ahead are told of a
    metric from this step on: so much by the end of their lead, and then no more.
    """

    after: Duration = Duration(15_000)
    replicas: Annotated[int, Least(0)] | None = None
    ready: Annotated[int, Least(0)] | None = None
    metrics: Mapping[str, Value] | None = None
    forecast: Mapping[str, Told] | None = None
    expect: Annotated[int, Least(0)] | None = None

    MOST: ClassVar[int] = 100_000

    def __post_init__(self) -> None:
        """PolicyError for more replicas than a case should need."""
        if max(self.replicas or 0, self.ready or 0) > self.MOST:
            raise PolicyError(f"more than {self.MOST:,} replicas", hint="a case shows as much with fewer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A claim about one workload's policy. `labels`: what policies select it by. `begins`: when its first step is; for schedules."""

    name: str
    workload: WorkloadRef
    labels: Mapping[str, str] | None = None
    steps: Annotated[tuple[Step, ...], Least(1)]
    begins: Moment = Moment.parse(EPOCH)

    def __post_init__(self) -> None:
        """PolicyError for a case that claims nothing, or does not say what there is at first."""
        if self.steps[0].replicas is None:
            raise PolicyError(f"case {self.name!r} does not say how many there are at first", hint="write replicas: 4 in its first step")
        if all(step.expect is None for step in self.steps):
            raise PolicyError(f"case {self.name!r} expects nothing", hint="write expect: 6 in at least one step")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """`policies`: files and folders, seen from where this file is."""

    policies: Annotated[tuple[str, ...], Least(1)]
    cases: Annotated[tuple[Case, ...], Least(1)]


def parse_cases(name: str, data: str | bytes, plugins: Plugins) -> CaseFile:
    """The cases a text holds; PolicyErrors tells everything that is wrong with it, with its place."""
    return bind(CaseFile, name, data, plugins)
