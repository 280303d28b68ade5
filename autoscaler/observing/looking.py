"""All reads of one tick: in parallel, under one deadline, in one round trip, or two where the cluster must be seen first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.runtime import Call
from autoscaler.errors import AutoscalerError
from autoscaler.model.observations import ClusterState, Observation, PoolView, RotationView
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import PoolName, TrafficName
from autoscaler.model.samples import MetricQuery, MetricReading, PerReplica, Reading, Sample, Unknown
from autoscaler.model.traffic import RotationState
from autoscaler.observing import plausible
from autoscaler.observing.eyes import Eyes
from autoscaler.observing.parts import Part, cluster_part, metric_parts, pool_parts, rotation_parts
from autoscaler.observing.patience import Patience, unknown

T = TypeVar("T")

Queries = Callable[[ClusterState | None], tuple[MetricQuery, ...]]
"""What the rules need to see, by what the cluster holds; of None: what they need whatever it holds."""


def observe(eyes: Eyes, policies: ClusterPolicies, queries: Queries, deadline: Duration) -> Observation:
    """All that a tick may know, read within `deadline`. What could not be read is Unknown, with why; none of our errors leaves it.

    Policies by label, and a rotation for whatever has no policy, ask for the workloads first: only then there are two round trips.
    """
    look = _Look(eyes=eyes, ends=eyes.runtime.monotonic() + deadline.ms)
    at, at_once = eyes.runtime.now(), not policies.selectors and policies.availability.traffic is None
    standing = [cluster_part(eyes), *pool_parts(eyes)]
    asked = queries(None) if at_once else ()
    first = look.gather([*standing, *look.dependent(policies, None, asked)] if at_once else standing)
    state = _checked(first[0][1], ClusterState, plausible.cluster)
    results = first[1:]
    if not at_once:
        seen = None if isinstance(state, Unknown) else state
        asked = queries(seen)
        results += look.gather(look.dependent(policies, seen, asked))
    pools = tuple(_pool_view(part, found) for part, found in results if part.kind is PoolState)
    rotations = tuple(_rotation_view(part, found) for part, found in results if part.kind is RotationState)
    metrics = _readings(asked, results, eyes.runtime.now())
    return Observation(cluster=eyes.cluster, at=at, state=state, pools=pools, rotations=rotations, metrics=metrics)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One tick's reading; over at `ends` on the monotonic clock."""

    eyes: Eyes
    ends: int

    def dependent(self, policies: ClusterPolicies, state: ClusterState | None, asked: tuple[MetricQuery, ...]) -> list[Part]:
        """What is asked about workloads."""
        return [*rotation_parts(self.eyes, policies, state), *metric_parts(self.eyes, policies, asked)]

    def gather(self, parts: Sequence[Part]) -> list[tuple[Part, object]]:
        """Each part with what was read of it, or the Unknown it came to."""
        runtime = self.eyes.runtime
        left = Duration(max(0, self.ends - runtime.monotonic()))
        calls = [Call(part.world, partial(part.read, self._patience(part))) for part in parts]
        results = runtime.gather(calls, left) if calls else []
        late = runtime.monotonic() >= self.ends
        return [
            (part, unknown(found, late=late) if isinstance(found, AutoscalerError) else found)
            for part, found in zip(parts, results, strict=True)
        ]

    def _patience(self, part: Part) -> Patience:
        return Patience(world=part.world, runtime=self.eyes.runtime, budget=self.eyes.budget, ends=self.ends)


def _checked(found: object, kind: type[T], check: Callable[[T], T | Unknown]) -> T | Unknown:
    """What was read, if it is what was asked for and makes sense."""
    if isinstance(found, Unknown):
        return found
    if not isinstance(found, kind):
        return Unknown(Code.MALFORMED, f"a {type(found).__name__} instead of a {kind.__name__}")
    return check(found)


def _reading(found: object) -> Reading:
    return (
        found
        if isinstance(found, Sample | PerReplica | Unknown)
        else Unknown(Code.MALFORMED, f"a {type(found).__name__} instead of a sample")
    )


def _pool_view(part: Part, found: object) -> PoolView:
    name = PoolName(part.name)
    return PoolView(pool=name, state=_checked(found, PoolState, partial(plausible.pool, name)))


def _rotation_view(part: Part, found: object) -> RotationView:
    state: RotationState | Unknown = _checked(found, RotationState, plausible.rotation)
    return RotationView(traffic=TrafficName(part.name), state=state)


def _readings(asked: tuple[MetricQuery, ...], results: Sequence[tuple[Part, object]], now: Instant) -> tuple[MetricReading, ...]:
    """One reading per query, in the order asked."""
    known: dict[MetricQuery, Reading] = {}
    for part, found in results:
        answers = found if isinstance(found, tuple) else (found,) * len(part.queries)
        known |= {query: _reading(answer) for query, answer in zip(part.queries, answers, strict=True)}
    nobody = Unknown(Code.MISSING, "no source for it is open")
    return tuple(
        MetricReading(
            metric=query.metric,
            workload=query.workload,
            reading=plausible.reading(query, known.get(query, nobody), now),
        )
        for query in asked
    )
