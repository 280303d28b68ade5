"""`python -m benchmarks.decide [POLICIES]`: one tick's decisions for 10,000 policies of three metrics each, and where the time goes.

Everything a tick decides is done: samples looked up, three rules asked, every stage, five minutes of recommendations looked back at.
Reading metrics and planning are not. Times are of the processor, in one process on one core; best of five, for a shared machine only adds.
"""

import cProfile
import gc
import pstats
import sys
import time
from collections.abc import Callable

from autoscaler.contracts.policy import ClusterPolicies, NamedRule, Policy
from autoscaler.deciding import conditions, decide, needs, recommendations
from autoscaler.model.history import Histories, History, Recommendation
from autoscaler.model.observations import Capabilities, ClusterState, Observation
from autoscaler.model.policies import Bounds
from autoscaler.model.quantities import Instant, Number, Share
from autoscaler.model.refs import ClusterName, MetricName, PolicyName, ReplicaId, WorkloadRef
from autoscaler.model.samples import MetricReading, Sample
from autoscaler.model.workloads import Replica, ReplicaState, Shape, Workload
from autoscaler_policies.target_tracking import Per, TargetTracking
from benchmarks.reporting import about, write

NOW = Instant(10**12)
SHOP = ClusterName("shop")
CPU, RPS, JOBS = MetricName("cpu"), MetricName("rps"), MetricName("jobs")
REPLICAS = 10
BAR_S = 1.5
RULES = (
    NamedRule(name="target_tracking[0]", rule=TargetTracking(metric=CPU, target=Share(600))),
    NamedRule(name="target_tracking[1]", rule=TargetTracking(metric=RPS, target=Number(200_000), per=Per.REPLICA)),
    NamedRule(name="target_tracking[2]", rule=TargetTracking(metric=JOBS, target=Number(20_000), per=Per.REPLICA)),
)
LAYERS = {
    "rules": "autoscaler_policies",
    "stages": "autoscaler/deciding",
    "values": "autoscaler/model",
}


def main() -> None:
    """Print and keep the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    policies, observation, histories = _cluster(count)
    seconds = _best(lambda: decide(policies, observation, histories))
    asked = _best(lambda: needs(policies, None))
    decisions = decide(policies, observation, histories)
    after = _best(
        lambda: (
            [conditions(one, policy) for one, policy in zip(decisions, policies.policies, strict=True)],
            recommendations(decisions, (), NOW),
        )
    )
    shares = _shares(lambda: decide(policies, observation, histories))
    each, bar = 1e6 * seconds / count, BAR_S * count / 10_000
    print(f"{count:,} policies of 3 metrics: {seconds:.2f} s to decide ({each:.0f} µs each), bar {bar:.2f} s")
    print(f"beside it: {asked:.2f} s to list what must be read, {after:.2f} s for conditions and what is remembered")
    print("where it goes: " + ", ".join(f"{name} {share:.0%}" for name, share in shares.items()))
    figures = {"policies": count, "seconds": round(seconds, 3), "needs_seconds": round(asked, 3), "after_seconds": round(after, 3)}
    write("decide", {**about(), **figures, "shares": {name: round(share, 3) for name, share in shares.items()}})


def _best(work: Callable[[], object]) -> float:
    """Processor seconds, without the collector of whatever was before."""
    found = []
    for _ in range(5):
        gc.collect()
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def _shares(work: Callable[[], object]) -> dict[str, float]:
    """How the time is shared out among our folders, by a profile; what Python itself does is counted to nobody."""
    profile = cProfile.Profile()
    profile.runcall(work)
    times = dict.fromkeys((*LAYERS, "python"), 0.0)
    for (path, _, _), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]  # the stubs leave it out
        times[next((name for name, folder in LAYERS.items() if folder in path), "python")] += own
    return {name: own / sum(times.values()) for name, own in times.items()}


def _cluster(count: int) -> tuple[ClusterPolicies, Observation, Histories]:
    refs = [WorkloadRef(SHOP, f"team-{number}/web") for number in range(count)]
    policies = tuple(Policy(name=PolicyName(ref.path), workload=ref, bounds=Bounds(min=2, max=100), rules=RULES) for ref in refs)
    replicas = tuple(
        Replica(id=ReplicaId(f"{ref.path}.{number}"), workload=ref, node=None, state=ReplicaState.RUNNING, healthy=True)
        for ref in refs
        for number in range(REPLICAS)
    )
    state = ClusterState(
        identity="bench",
        read_at=NOW,
        capabilities=Capabilities(),
        workloads=tuple(Workload(ref=ref, wanted=REPLICAS, shape=Shape()) for ref in refs),
        nodes=(),
        replicas=replicas,
    )
    readings = tuple(reading for number, ref in enumerate(refs) for reading in _readings(number, ref))
    return (
        ClusterPolicies(cluster=SHOP, policies=policies),
        Observation(cluster=SHOP, at=NOW, state=state, metrics=readings),
        Histories(tuple(_history(number, ref) for number, ref in enumerate(refs))),
    )


def _readings(number: int, ref: WorkloadRef) -> list[MetricReading]:
    """Of each policy another one asks for the most; some hold, some grow, some shrink."""
    values = ((CPU, 300 + number % 600, REPLICAS), (RPS, 200_000 * (5 + number % 11), 0), (JOBS, 20_000 * (number % 13), 0))
    return [MetricReading(metric=name, workload=ref, reading=Sample(milli, NOW, covers=covers)) for name, milli, covers in values]


def _history(number: int, ref: WorkloadRef) -> History:
    """Five minutes of ticks, as a store folds them: where nothing changes, runs of the same count."""
    told = tuple(Recommendation(Instant(NOW - 15_000 * ago), REPLICAS + (number + ago) % 3, REPLICAS) for ago in range(20, 0, -1))
    return History(subject=str(ref), began=Instant(0), recommendations=told, watched=Instant(0))


if __name__ == "__main__":
    main()
