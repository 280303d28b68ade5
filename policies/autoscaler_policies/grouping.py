"""Whose samples count: the grouping of Kubernetes HPA v2 (release 1.34), by what the orchestrator tells of each replica's lifecycle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.refs import ReplicaId
from autoscaler.model.samples import ReplicaSample
from autoscaler.model.workloads import Lifecycle, Phase, Readiness, Replica


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """When a young replica's use of CPU says nothing about its load.

    Within `initialisation` of its start it counts only while ready, and only once a whole window was sampled since its readiness last
    changed. Later it is left out while not ready, if that last changed within `delay` of its start: it has never been ready.
    """

    initialisation: Duration
    delay: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Every replica in one of four: `missing` ones have no sample, `ignored` ones have failed or are asked to end."""

    ready: tuple[ReplicaId, ...]
    unready: tuple[ReplicaId, ...]
    missing: tuple[ReplicaId, ...]
    ignored: tuple[ReplicaId, ...]


def grouped(replicas: Sequence[Replica], samples: Mapping[ReplicaId, ReplicaSample], now: Instant, settling: Settling | None) -> Groups:
    """The first that fits: ignored, not ready because pending, missing, not ready because unsettled (only with `settling`), ready."""
    groups: dict[str, list[ReplicaId]] = {"ready": [], "unready": [], "missing": [], "ignored": []}
    for replica in replicas:
        groups[_group(replica.lifecycle or Lifecycle(), samples.get(replica.id), now, settling)].append(replica.id)
    return Groups(**{name: tuple(ids) for name, ids in groups.items()})


def serving(replicas: Sequence[Replica]) -> int:
    """How many run and are ready, whatever else is asked of them."""
    told = (one.lifecycle for one in replicas if one.lifecycle)
    return sum(one.phase is Phase.RUNNING and one.readiness is not None and one.readiness.ready is True for one in told)


def _group(life: Lifecycle, sample: ReplicaSample | None, now: Instant, settling: Settling | None) -> str:
    if life.leaving or life.phase is Phase.FAILED:
        return "ignored"
    if life.phase is Phase.PENDING:
        return "unready"
    if sample is None:
        return "missing"
    return "unready" if settling and _unsettled(life, sample, now, settling) else "ready"


def _unsettled(life: Lifecycle, sample: ReplicaSample, now: Instant, settling: Settling) -> bool:
    if life.readiness is None or life.started_at is None:
        return True
    if life.started_at + settling.initialisation.ms > now:
        return life.readiness.ready is False or sample.at < life.readiness.since + sample.window.ms
    return _never_ready(life.readiness, life.started_at, settling.delay)


def _never_ready(readiness: Readiness, started_at: Instant, delay: Duration) -> bool:
    return readiness.ready is False and started_at + delay.ms > readiness.since
