"""Recordings of one workload, written by hand as a table needs them: counts, proposals, a total to share out, and a past."""

from collections.abc import Iterable

from autoscaler.config import installed, parse
from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.engine.sequence import Decided, in_turn
from autoscaler.model.history import Histories, History, Recommendation, ScaleEvent
from autoscaler.model.observations import Capabilities, ClusterState, Observation
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.recordings import Frame
from autoscaler.model.refs import ClusterName, MetricName, WorkloadRef
from autoscaler.model.samples import MetricReading, Sample, Unknown
from autoscaler.model.workloads import Shape, Workload

SHOP = ClusterName("shop")
WEB = WorkloadRef(SHOP, "web")
START = 1_000_000_000
SECOND = 1000

POLICY = """
apiVersion: autoscaler/v1
clusters: {shop: {simulated: {}}}
sources: {prom: {prometheus: {url: "http://127.0.0.1:9"}}}
metrics: {rps: {source: prom, query: rps}, jobs: {source: prom, query: jobs}}
policies:
  web:
    workload: shop/web
    replicas: {min: MIN, max: MAX}
    rules:
      - target_tracking: {metric: rps, target: 100, per: replica}
      - target_tracking: {metric: jobs, target: 10, per: replica}
    behaviour: BEHAVIOUR
"""


def policies(behaviour: str = "{}", low: int = 1, high: int = 100) -> ClusterPolicies:
    """Two totals shared out, under a behaviour written as in a policy file."""
    text = POLICY.replace("BEHAVIOUR", behaviour).replace("MIN", str(low)).replace("MAX", str(high))
    (cluster,) = parse((("web.yaml", text),), installed()).clusters
    return cluster.policies


def past(recommended: Iterable[tuple[int, int]] = (), changed: Iterable[tuple[int, int]] = ()) -> Histories:
    """The whole past, as (seconds before the start, count) and (seconds before the start, change)."""
    return Histories(
        (
            History(
                subject=str(WEB),
                began=Instant(0),
                recommendations=tuple(Recommendation(Instant(START - ago * SECOND), count) for ago, count in recommended),
                events=tuple(ScaleEvent(Instant(START - ago * SECOND), change) for ago, change in changed),
            ),
        )
    )


def frame(
    at: int, current: int, proposal: int | None = None, *, rps: int | None = None, jobs: int | None = None, history: Histories | None = None
) -> Frame:
    """What is seen `at` seconds after the start; a metric that is None could not be read."""
    now = Instant(START + at * SECOND)
    workload = Workload(ref=WEB, wanted=current, observed=current, shape=Shape())
    state = ClusterState(identity="c", read_at=now, capabilities=Capabilities(), workloads=(workload,), nodes=(), replicas=())
    metrics = tuple(
        MetricReading(metric=MetricName(name), workload=WEB, reading=Unknown(Code.MISSING) if value is None else Sample(value * 1000, now))
        for name, value in (("rps", rps), ("jobs", jobs))
    )
    observation = Observation(cluster=SHOP, at=now, state=state, metrics=metrics)
    return Frame(observation=observation, histories=history or Histories(), proposal=proposal)


def decided(chosen: ClusterPolicies, *frames: Frame) -> list[Decided]:
    """One decision per frame."""
    return [one for turn in in_turn(chosen, frames) for one in turn.decided]


def causes(one: Decided) -> dict[str, str]:
    """Each condition's cause by its aspect, marked where it does not hold."""
    return {condition.aspect.value: f"{'' if condition.holds else '!'}{condition.cause}" for condition in one.conditions}
