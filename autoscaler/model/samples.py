"""A metric's value, or the reason there is none. Unknown is never zero."""

from dataclasses import dataclass
from enum import StrEnum

from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, ReplicaId, WorkloadRef


@dataclass(frozen=True, slots=True)
class Sample:
    """A value in milli-units of what the metric counts (a share of 60% is 600), and when its source took it.

    `covers` is the number of replicas a per-replica average was taken over; 0 when the metric is no such average.
    """

    milli: int
    at: Instant
    covers: int = 0


LONGEST = 200
"""Characters of a source's own words that are kept."""


class MetricOf(StrEnum):
    """What Kubernetes has a metric be of, where that matters: its HPA names a failure to read one by it."""

    PODS = "pods"
    OBJECT = "object"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that could not be read: why, and the source's own words, without secrets and no more than LONGEST.

    `of`: what the metric is of, in the words of Kubernetes; of something outside, where nobody says.
    """

    why: Code
    detail: str = ""
    of: MetricOf = MetricOf.EXTERNAL


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSample:
    """What one replica used over the `window` that ended at `at`. `parts`: milli-units by container, `""` where none is told apart."""

    replica: ReplicaId
    at: Instant
    window: Duration = Duration(0)
    parts: tuple[tuple[str, int], ...]

    def of(self, container: str) -> int | None:
        """One container's use in milli-units, None without one of it; all of them together for `""`."""
        return dict(self.parts).get(container) if container else sum(milli for _, milli in self.parts)


@dataclass(frozen=True, slots=True)
class PerReplica:
    """A sample of each replica that has one: in milli-units of the thing itself (cores, bytes), not a share of a request."""

    samples: tuple[ReplicaSample, ...]


Reading = Sample | PerReplica | Unknown


def averaged(reading: Reading) -> Sample | Unknown:
    """One value for all: of samples of each replica the average over those that have one, as old as the oldest of them."""
    if not isinstance(reading, PerReplica):
        return reading
    uses = [one.of("") or 0 for one in reading.samples]
    if not uses:
        return Unknown(Code.MISSING)
    return Sample(sum(uses) // len(uses), min(one.at for one in reading.samples), covers=len(uses))


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricNeed:
    """What a rule wants to see of its target. `per_replica`: an average over replicas, not a total; `container`: of that one of theirs."""

    metric: MetricName
    per_replica: bool = False
    container: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricQuery:
    """One value to read: `text` is the source's own query with `$workload` filled in, empty for built-ins."""

    metric: MetricName
    workload: WorkloadRef
    text: str = ""
    stale_after: Duration = Duration(60_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricReading:
    """What one metric of one workload read."""

    metric: MetricName
    workload: WorkloadRef
    reading: Reading
