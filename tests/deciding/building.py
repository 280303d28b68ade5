"""One cluster with one workload, rules that say what they are told to, and a past that is remembered from tick to tick."""

from dataclasses import dataclass, replace

from autoscaler.contracts.policy import ClusterPolicies, NamedRule, Policy
from autoscaler.contracts.rule import Rule, Situation
from autoscaler.deciding import decide, recommendations
from autoscaler.model.decisions import Decision, Stage, StageResult
from autoscaler.model.history import Histories, History, Recommendation, ScaleEvent
from autoscaler.model.marks import Mark
from autoscaler.model.observations import Capabilities, ClusterState, Observation
from autoscaler.model.policies import Behaviour, Bounds, Direction, Mode, Pick, RateLimit
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ClusterName, MetricName, NodeRef, PolicyName, ReplicaId, WorkloadRef
from autoscaler.model.samples import MetricNeed, MetricReading, Reading
from autoscaler.model.votes import Vote
from autoscaler.model.workloads import Replica, ReplicaState, Shape, Workload

SHOP = ClusterName("shop")
WEB = WorkloadRef(SHOP, "web")
CPU = MetricName("cpu")
NODE = NodeRef("n1", "1")
NOW = Instant(10_000_000)
MINUTE = 60_000
FREE = Direction(stabilise=Duration(0), limits=())
AT_ONCE = Behaviour(scale_up=FREE, scale_down=FREE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """A rule with a fixed vote."""

    vote_: Vote

    def needs(self) -> tuple[MetricNeed, ...]:
        return ()

    def vote(self, situation: Situation) -> Vote:
        return self.vote_


def want(count: int) -> Says:
    return Says(vote_=Vote.want(count))


def at_least(count: int) -> Says:
    return Says(vote_=Vote.at_least(count))


def at_most(count: int) -> Says:
    return Says(vote_=Vote.at_most(count))


HOLDS = Says(vote_=Vote.hold(Reason(Code.NEAR_TARGET)))
BLIND = Says(vote_=Vote.unknown(Reason(Code.STALE)))


def named(*rules: Rule) -> tuple[NamedRule, ...]:
    return tuple(NamedRule(name=f"rule[{index}]", rule=rule) for index, rule in enumerate(rules))


def policy(
    *rules: Rule,
    low: int = 0,
    high: int = 1000,
    behaviour: Behaviour = AT_ONCE,
    mode: Mode = Mode.ACTIVE,
    workload: WorkloadRef = WEB,
) -> Policy:
    bounds = Bounds(min=low, max=high)
    return Policy(name=PolicyName("web"), workload=workload, bounds=bounds, rules=named(*rules), behaviour=behaviour, mode=mode)


def direction(*limits: RateLimit, window: int = 0, pick: Pick = Pick.MOST) -> Direction:
    return Direction(stabilise=Duration(window), limits=limits, pick=pick)


def workload(count: int, ref: WorkloadRef = WEB, marks: tuple[Mark, ...] = ()) -> Workload:
    return Workload(ref=ref, wanted=count, shape=Shape(), marks=marks)


def state(*workloads: Workload, ready: int | None = None) -> ClusterState:
    replicas = tuple(
        Replica(id=ReplicaId(f"{one.ref}.{index}"), workload=one.ref, node=NODE, state=ReplicaState.RUNNING, healthy=True)
        for one in workloads
        for index in range(one.wanted if ready is None else ready)
    )
    return ClusterState(identity="c1", read_at=NOW, capabilities=Capabilities(), workloads=workloads, nodes=(), replicas=replicas)


def observation(seen: ClusterState, reading: Reading | None = None, at: Instant = NOW) -> Observation:
    metrics = (MetricReading(metric=CPU, workload=WEB, reading=reading),) if reading else ()
    return Observation(cluster=SHOP, at=at, state=seen, metrics=metrics)


def past(*recommended: tuple[int, int], events: tuple[ScaleEvent, ...] = ()) -> History:
    """Recommendations as (milliseconds ago, count)."""
    entries = tuple(Recommendation(Instant(NOW - ago), count) for ago, count in recommended)
    return History(subject=str(WEB), recommendations=entries, events=events, watched=entries[0].at if entries else NOW)


def ago(span: int, change: int, *, foreign: bool = False) -> ScaleEvent:
    return ScaleEvent(Instant(NOW - span), change, foreign)


def decided(chosen: Policy, current: int, history: History | None = None, reading: Reading | None = None) -> Decision:
    histories = Histories((history,)) if history else Histories()
    policies = ClusterPolicies(cluster=SHOP, policies=(chosen,))
    (decision,) = decide(policies, observation(state(workload(current)), reading), histories)
    return decision


def stage(decision: Decision, which: Stage) -> StageResult:
    return next(one for one in decision.stages if one.stage is which)


def codes(decision: Decision) -> set[Code]:
    return {reason.code for one in decision.stages for reason in one.reasons}


def remembered(history: History, decision: Decision) -> History:
    """The past as the next tick finds it, once the decision has been carried out."""
    (entry,) = recommendations((decision,), (), decision.at)
    change = decision.count - decision.current
    events = (*history.events, ScaleEvent(decision.at, change)) if change else history.events
    watched = decision.at if history.watched is None else history.watched
    return replace(history, recommendations=(*history.recommendations, entry[1]), events=events, watched=watched)
