"""What decides: our own rules and stages under a policy that learns, and a model of Kubernetes HPA with its defaults to compare with."""

import math
from collections import deque
from functools import cache

from autoscaler.contracts.policy import ClusterPolicies, NamedRule, Policy
from autoscaler.deciding import decide
from autoscaler.deciding.anticipate import EVERY
from autoscaler.deciding.learning import learn
from autoscaler.model.history import Histories, History, Lesson, Recommendation, ScaleEvent
from autoscaler.model.observations import Capabilities, ClusterState, Observation
from autoscaler.model.policies import Behaviour, Bounds, Learning
from autoscaler.model.quantities import Instant, Share
from autoscaler.model.refs import ClusterName, MetricName, PolicyName, ReplicaId, WorkloadRef
from autoscaler.model.samples import MetricReading, Sample
from autoscaler.model.workloads import Replica, ReplicaState, Shape, Workload
from autoscaler_policies.target_tracking import TargetTracking
from benchmarks.elasticity.world import AGE, STEP, TARGET, Seen

WEB = WorkloadRef(ClusterName("bench"), "web")
CPU = MetricName("cpu")
BEGAN = 10**12
RECENT = 60
"""Recommendations a decision looks back at: a quarter of an hour."""


class Ours:
    """Decides as the engine does: the same rule, stages and lessons, on histories kept as a store keeps them."""

    def __init__(self, learning: Learning | None) -> None:
        self._behaviour = Behaviour(learn=learning)
        rule = NamedRule(name="target_tracking[0]", rule=TargetTracking(metric=CPU, target=Share(int(TARGET * 1000))))
        policy = Policy(name=PolicyName("web"), workload=WEB, bounds=Bounds(min=1, max=10**6), rules=(rule,), behaviour=self._behaviour)
        self._policies = ClusterPolicies(cluster=WEB.cluster, policies=(policy,))
        self._told: deque[Recommendation] = deque(maxlen=(learning.reach.ms if learning else 0) // (STEP * 1000) + RECENT)
        self._events: deque[ScaleEvent] = deque(maxlen=8)
        self._lesson: Lesson | None = None

    def __call__(self, seen: Seen) -> int:
        """The wanted count."""
        at = Instant(BEGAN + seen.step * STEP * 1000)
        recent = tuple(self._told)[-RECENT:]
        history = History(subject=str(WEB), began=Instant(BEGAN), recommendations=recent, events=tuple(self._events), lesson=self._lesson)
        (decision,) = decide(self._policies, _observation(seen, at), Histories((history,)))
        self._told.append(Recommendation(at, decision.recommended, seen.ready))
        if self._behaviour.learn and seen.step * STEP * 1000 % EVERY.ms == 0:
            past = History(subject=str(WEB), recommendations=tuple(self._told))
            self._lesson = learn(past, self._behaviour, at) or self._lesson
        if decision.count != seen.wanted:
            self._events.append(ScaleEvent(at, decision.count - seen.wanted))
        return decision.count


def _observation(seen: Seen, at: Instant) -> Observation:
    sample = Sample(round(seen.utilisation * 1000), Instant(at - AGE * STEP * 1000), covers=seen.served_by)
    workload = Workload(ref=WEB, wanted=seen.wanted, shape=Shape())
    state = ClusterState(
        identity="bench", read_at=at, capabilities=Capabilities(), workloads=(workload,), nodes=(), replicas=_ready(seen.ready)
    )
    return Observation(cluster=WEB.cluster, at=at, state=state, metrics=(MetricReading(metric=CPU, workload=WEB, reading=sample),))


@cache
def _ready(count: int) -> tuple[Replica, ...]:
    names = map(str, range(count))
    return tuple(Replica(id=ReplicaId(name), workload=WEB, node=None, state=ReplicaState.RUNNING, healthy=True) for name in names)


class Hpa:
    """Tolerance 0.1, the highest of 300 s on the way down, twice as many or four more on the way up."""

    def __init__(self) -> None:
        self._window: deque[int] = deque(maxlen=300 // STEP + 1)

    def __call__(self, seen: Seen) -> int:
        """The wanted count."""
        ratio = seen.utilisation / TARGET
        wanted = seen.wanted if abs(ratio - 1) <= 0.1 else math.ceil(ratio * seen.ready)  # noqa: PLR2004 - its default
        self._window.append(wanted)
        chosen = max(self._window) if wanted < seen.wanted else wanted
        return min(chosen, max(2 * seen.wanted, seen.wanted + 4)) if chosen > seen.wanted else chosen
