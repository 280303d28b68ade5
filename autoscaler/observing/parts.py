"""What is read in one tick, part by part: the cluster, each pool, each rotation, each source's metrics in one batch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from autoscaler.contracts.metrics_reader import MetricsReader
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.contracts.traffic_reader import TrafficReader
from autoscaler.deciding import resolve
from autoscaler.errors import NotFoundError, ProviderError
from autoscaler.model.observations import ClusterState
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import SourceName, TrafficName, WorkloadRef
from autoscaler.model.samples import MetricQuery, MetricReading, Reading
from autoscaler.model.traffic import RotationState
from autoscaler.model.workloads import WorkloadKind
from autoscaler.observing.eyes import Eyes
from autoscaler.observing.patience import Patience


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is read (`kind` and `name`), and in which outside `world`. `queries`: of a batch of metrics."""

    kind: type
    world: str
    name: str
    read: Callable[[Patience], object]
    queries: tuple[MetricQuery, ...] = ()


def cluster_part(eyes: Eyes) -> Part:
    """The orchestrator."""
    return Part(kind=ClusterState, world=eyes.cluster, name=eyes.cluster, read=partial(_read, eyes.orchestrator.observe))


def pool_parts(eyes: Eyes) -> Iterator[Part]:
    """Every pool."""
    for name, reader in eyes.pools:
        yield Part(kind=PoolState, world=name, name=name, read=partial(_read, reader.observe))


def rotation_parts(eyes: Eyes, policies: ClusterPolicies, state: ClusterState | None) -> Iterator[Part]:
    """Every rotation some workload stands in."""
    standing = _standing(policies, state)
    for name, reader in eyes.traffic:
        if standing.get(name):
            yield Part(kind=RotationState, world=name, name=name, read=partial(_read_rotation, reader, standing[name]))


def metric_parts(eyes: Eyes, policies: ClusterPolicies, queries: tuple[MetricQuery, ...]) -> Iterator[Part]:
    """One batch for each source asked, and one for the orchestrator's own statistics. A metric whose source is not there has no part."""
    batches: dict[SourceName | None, list[MetricQuery]] = {}
    sources = {spec.name: spec.source for spec in policies.metrics}
    for query in queries:
        batches.setdefault(sources.get(query.metric), []).append(query)
    for source, batch in batches.items():
        reader = eyes.usage if source is None else eyes.sources.get(source)
        if reader is not None:
            asked = tuple(batch)
            yield Part(
                kind=MetricReading,
                world=source or f"{eyes.cluster} usage",
                name=source or "usage",
                read=partial(_read_metrics, reader, asked),
                queries=asked,
            )


def _read(ask: Callable[[Duration], object], patience: Patience) -> object:
    return patience.read(ask)


def _read_metrics(reader: MetricsReader, queries: tuple[MetricQuery, ...], patience: Patience) -> tuple[Reading, ...]:
    readings = patience.read(lambda left: reader.read(queries, left))
    if len(readings) != len(queries):
        raise ProviderError(f"{len(queries)} metrics asked, {len(readings)} answered", hint="this is a defect of the plugin: report it")
    return readings


def _read_rotation(reader: TrafficReader, workloads: tuple[WorkloadRef, ...], patience: Patience) -> RotationState:
    """All at once; where one has no backend, each alone, so that it spoils nobody else's."""
    try:
        return patience.read(lambda left: reader.observe(workloads, left))
    except NotFoundError:
        if len(workloads) == 1:
            raise
    found = [state for one in workloads if (state := _alone(reader, one, patience))]
    if not found:
        raise NotFoundError("none of the workloads has a backend there", hint="add backends of their names to the balancer")
    return RotationState(
        traffic=found[0].traffic,
        read_at=min(state.read_at for state in found),
        members=tuple(member for state in found for member in state.members),
        free=tuple(pair for state in found for pair in state.free),
    )


def _alone(reader: TrafficReader, workload: WorkloadRef, patience: Patience) -> RotationState | None:
    try:
        return patience.read(lambda left: reader.observe((workload,), left))
    except NotFoundError:
        return None


def _standing(policies: ClusterPolicies, state: ClusterState | None) -> dict[TrafficName, tuple[WorkloadRef, ...]]:
    """Which workloads stand in which rotation, in the order of the file and then of the cluster."""
    resolved = resolve(policies, state)
    named = [(policy.workload, policy.availability.traffic) for policy in resolved.policies]
    if state is not None:
        known = {workload for workload, _ in named}
        others = (one.ref for one in state.workloads if one.ref not in known and one.kind is WorkloadKind.REPLICATED)
        named += [(ref, resolved.availability.traffic) for ref in others]
    return {
        traffic: tuple(workload for workload, its in named if its == traffic) for traffic in {its for _, its in named if its is not None}
    }
