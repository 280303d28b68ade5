"""One observation, looked up by name: thousands of policies ask it, so nothing is searched for twice."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Self

from autoscaler.contracts.rule import Target
from autoscaler.model.history import Histories, History
from autoscaler.model.observations import Observation
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import Reading, Unknown
from autoscaler.model.workloads import Replica, ReplicaState, Workload, surge_of

NOT_ASKED = Unknown(Code.MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What deciding looks up. Without a cluster state there is no workload in it. `told`: replicas whose lifecycle is."""

    at: Instant
    workloads: dict[WorkloadRef, Workload]
    ready: Counter[WorkloadRef]
    told: dict[WorkloadRef, tuple[Replica, ...]]
    readings: dict[tuple[MetricName, WorkloadRef], Reading]
    histories: dict[str, History]

    @classmethod
    def of(cls, observation: Observation, histories: Histories) -> Self:
        """The observation and the past, by name."""
        state = None if isinstance(observation.state, Unknown) else observation.state
        replicas = state.replicas if state else ()
        return cls(
            at=observation.at,
            workloads={one.ref: one for one in state.workloads} if state else {},
            ready=_ready(replicas),
            told=_told((*replicas, *state.ended) if state else ()),
            readings={(one.metric, one.workload): one.reading for one in observation.metrics},
            histories={one.subject: one for one in histories.entries},
        )

    def reading(self, metric: MetricName, workload: WorkloadRef) -> Reading:
        """What the metric read; Unknown when nobody asked."""
        return self.readings.get((metric, workload), NOT_ASKED)

    def history(self, subject: str) -> History:
        """The subject's past, empty before its first tick."""
        return self.histories.get(subject) or History(subject=subject)

    def target(self, workload: Workload) -> Target:
        """What a rule is told of the workload."""
        return Target(name=str(workload.ref), replicas=settled(workload), ready=self.ready[workload.ref], observed=workload.observed)


def _ready(replicas: tuple[Replica, ...]) -> Counter[WorkloadRef]:
    """How many of each workload are. Replicas of one workload stand together and share its name, so each is looked up once."""
    found: Counter[WorkloadRef] = Counter()
    for workload, together in groupby(replicas, key=attrgetter("workload")):
        found[workload] += sum(one.healthy and one.state is ReplicaState.RUNNING for one in together)
    return found


def _told(replicas: tuple[Replica, ...]) -> dict[WorkloadRef, tuple[Replica, ...]]:
    found: dict[WorkloadRef, list[Replica]] = {}
    for one in replicas:
        if one.lifecycle:
            found.setdefault(one.workload, []).append(one)
    return {ref: tuple(each) for ref, each in found.items()}


def settled(workload: Workload) -> int:
    """The wanted count without the extra replicas of a move of ours under way, which the mark on the workload tells.

    Once somebody else has changed the count, the mark no longer speaks of it, and the count stands as it is.
    """
    return workload.wanted - surge_of(workload)
