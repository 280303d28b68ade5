"""Cases become frames, are decided as a recording is, and what came of them is held against what was expected."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from autoscaler.config import Configuration
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.deciding.queries import foreseen_by
from autoscaler.engine.sequence import Decided, Sequence
from autoscaler.errors import PolicyError
from autoscaler.model.forecasts import Forecast, ForecastNeed
from autoscaler.model.history import Histories, History
from autoscaler.model.observations import Capabilities, ClusterState, Observation
from autoscaler.model.quantities import Instant, Number
from autoscaler.model.reasons import Code
from autoscaler.model.recordings import Frame
from autoscaler.model.refs import BUILT_IN_METRICS, MetricName, NodeRef, ReplicaId, WorkloadRef
from autoscaler.model.samples import MetricReading, Reading, Sample, Unknown
from autoscaler.model.workloads import Replica, ReplicaState, Shape, Workload
from autoscaler.rehearsing.case_file import Case, Step, Told, Value
from autoscaler.rehearsing.foresight import foretold

NODE = NodeRef("node", "1")

Looking = tuple[str, ForecastNeed]
"""A rule's name, and what it wants foreseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a case came to: the first step that went otherwise than expected, counted from 1; 0 where there is none."""

    case: str
    failed: int = 0
    expected: int | None = None
    decided: Decided | None = None

    @property
    def passed(self) -> bool:
        """Whether every step went as expected."""
        return not self.failed


def run_case(case: Case, configuration: Configuration) -> Outcome:
    """Decide each step with the past that those before it left; PolicyError where no policy decides on the case's workload."""
    policies = _policies(case, configuration)
    for number, (step, decided) in enumerate(_decided(case, policies), start=1):
        if step.expect is not None and decided.decision.count != step.expect:
            return Outcome(case=case.name, failed=number, expected=step.expect, decided=decided)
    return Outcome(case=case.name)


def _policies(case: Case, configuration: Configuration) -> ClusterPolicies:
    found = next((one.policies for one in configuration.clusters if one.name == case.workload.cluster), None)
    if found is None:
        names = ", ".join(one.name for one in configuration.clusters)
        raise PolicyError(f"case {case.name!r}: no cluster {case.workload.cluster}", hint=f"the policies have {names}")
    return found


def _decided(case: Case, policies: ClusterPolicies) -> Iterator[tuple[Step, Decided]]:
    _check_metrics(case, policies)
    sequence, scene = Sequence(policies), _Scene(case, _looking(policies))
    for step in case.steps:
        turn = sequence.turn(scene.frame(step))
        decided = next((one for one in turn.decided if one.decision.workload == case.workload), None)
        if decided is None:
            hint = "name its workload as the policy does, or give it the labels that one selects by"
            raise PolicyError(f"case {case.name!r}: no policy decides on {case.workload}", hint=hint)
        scene.count, scene.kept = decided.decision.count, decided.kept
        yield step, decided


def _check_metrics(case: Case, policies: ClusterPolicies) -> None:
    """A metric nobody looks at would make a case pass for nothing."""
    known = {*BUILT_IN_METRICS, *(one.name for one in policies.metrics)}
    strange = next((name for step in case.steps for name in step.metrics or () if name not in known), None)
    if strange:
        raise PolicyError(f"case {case.name!r}: no rule looks at {strange}", hint=f"there is: {', '.join(sorted(known))}")
    ahead = {need.metric for _, need in _looking(policies)}
    untold = next((name for step in case.steps for name in step.forecast or () if name not in ahead), None)
    if untold:
        hint = f"there is: {', '.join(sorted(ahead))}" if ahead else "a forecast is for rules such as predictive"
        raise PolicyError(f"case {case.name!r}: no rule looks ahead at {untold}", hint=hint)


def _looking(policies: ClusterPolicies) -> tuple[Looking, ...]:
    """Every rule that looks ahead: its name, and what it needs."""
    found = (*policies.policies, *(one.template for one in policies.selectors))
    return tuple((rule.name, need) for policy in found for rule in policy.rules if (need := foreseen_by(rule)))


@dataclass(slots=True)
class _Scene:
    """What is seen, as it goes on from step to step."""

    case: Case
    looking: tuple[Looking, ...]
    now: Instant = field(init=False)
    count: int = 0
    metrics: dict[str, Value] = field(default_factory=dict)
    begun: bool = False
    kept: History | None = None

    def __post_init__(self) -> None:
        self.now = self.case.begins.at

    def frame(self, step: Step) -> Frame:
        """What this step shows."""
        self.now = Instant(self.now + (step.after.ms if self.begun else 0))
        self.begun = True
        self.count = self.count if step.replicas is None else step.replicas
        self.metrics.update(step.metrics or {})
        ready = self.count if step.ready is None else step.ready
        workload = self.case.workload
        readings = tuple(_reading(name, value, workload, self.now, ready) for name, value in self.metrics.items())
        state = _state(self.case, self.now, self.count, ready)
        observation = Observation(cluster=workload.cluster, at=self.now, state=state, metrics=readings)
        return Frame(observation=observation, histories=self._told(step.forecast))

    def _told(self, forecast: Mapping[str, Told] | None) -> Histories:
        """The past that the steps before left, with what is foreseen from now on; nothing where that stays as it was."""
        if not forecast:
            return Histories()
        past = self.kept or History(subject=str(self.case.workload))
        new = tuple(self._foretold(name, need, forecast[need.metric]) for name, need in self.looking if need.metric in forecast)
        old = tuple(one for one in past.forecasts if one.need.metric not in forecast)
        return Histories((replace(past, forecasts=(*old, *new)),))

    def _foretold(self, rule: str, need: ForecastNeed, told: Told) -> Forecast:
        then, seen = told.milli if isinstance(told, Number) else None, self.metrics.get(need.metric)
        return foretold(rule, need, self.now, now=seen.milli if isinstance(seen, Number) else then or 0, then=then)


def _state(case: Case, now: Instant, count: int, ready: int) -> ClusterState:
    ref, labels = case.workload, tuple(sorted((case.labels or {}).items()))
    replicas = tuple(
        Replica(id=ReplicaId(f"{ref.path}.{number}"), workload=ref, node=NODE, state=ReplicaState.RUNNING, healthy=True)
        for number in range(ready)
    )
    workload = Workload(ref=ref, wanted=count, shape=Shape(), labels=labels)
    return ClusterState(identity=ref.cluster, read_at=now, capabilities=Capabilities(), workloads=(workload,), nodes=(), replicas=replicas)


def _reading(name: str, value: Value, workload: WorkloadRef, now: Instant, ready: int) -> MetricReading:
    metric = MetricName(name)
    reading: Reading = Unknown(Code.MISSING)
    if not isinstance(value, str):
        reading = Sample(value.milli, now, covers=ready if metric in BUILT_IN_METRICS else 0)
    return MetricReading(metric=metric, workload=workload, reading=reading)
