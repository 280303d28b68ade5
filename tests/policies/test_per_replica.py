"""Averages over replicas, to the letter of Kubernetes HPA v2 (release 1.34): who counts, what is filled in, where it is rounded."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from, tuples

from autoscaler.contracts.rule import Situation, Target
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import ClusterName, MetricName, ReplicaId, WorkloadRef
from autoscaler.model.samples import PerReplica, Reading, ReplicaSample, Sample
from autoscaler.model.votes import MOST, Vote, VoteKind
from autoscaler.model.workloads import Container, Lifecycle, Phase, Readiness, Replica, ReplicaState
from autoscaler_policies.target_tracking import Per, TargetTracking

NOW = Instant(10_000_000)
CPU, MEMORY, RPS = MetricName("cpu"), MetricName("memory"), MetricName("rps")
WEB = WorkloadRef(ClusterName("shop"), "web")
MINUTE = 60_000
OLD = Lifecycle(started_at=Instant(NOW - 60 * MINUTE), readiness=Readiness(ready=True, since=Instant(NOW - 59 * MINUTE)))
"""Ready for an hour."""


@dataclass(frozen=True, kw_only=True)
class Pod:
    """One replica: `uses` and `requests` in milli-units by container; None: no sample, no request."""

    uses: dict[str, int] | None
    requests: dict[str, int | None]
    life: Lifecycle = OLD
    taken: int = 10_000
    window: int = 30_000


def pod(use: int | None, request: int | None = 1000, life: Lifecycle = OLD, *, taken: int = 10_000, window: int = 30_000) -> Pod:
    return Pod(uses=None if use is None else {"app": use}, requests={"app": request}, life=life, taken=taken, window=window)


def pods(*uses: int | None, request: int = 1000) -> list[Pod]:
    return [pod(use, request) for use in uses]


def life(
    phase: Phase = Phase.RUNNING, *, ready: bool | None = True, started: int | None = 60, changed: int = 59, leaving: bool = False
) -> Lifecycle:
    """`started` and `changed` in minutes ago."""
    return Lifecycle(
        phase=phase,
        readiness=Readiness(ready=ready, since=Instant(NOW - changed * MINUTE)),
        started_at=None if started is None else Instant(NOW - started * MINUTE),
        leaving=leaving,
    )


def voted(rule: TargetTracking, of: list[Pod], current: int | None = None, *, strangers: tuple[int, ...] = ()) -> Vote:
    """The vote on these replicas, the first metric of the rule sampled; `strangers`: samples of replicas nobody lists."""
    names = [ReplicaId(f"web-{index}") for index in range(len(of))]
    samples = [
        ReplicaSample(replica=name, at=Instant(NOW - one.taken), window=Duration(one.window), parts=tuple(one.uses.items()))
        for name, one in zip(names, of, strict=True)
        if one.uses is not None
    ]
    samples += [ReplicaSample(replica=ReplicaId(f"gone-{use}"), at=NOW, parts=(("app", use),)) for use in strangers]
    replicas = tuple(_replica(name, one, rule.metric) for name, one in zip(names, of, strict=True))
    return rule.vote(_situation(rule, PerReplica(tuple(samples)), replicas, len(of) if current is None else current))


def _replica(name: ReplicaId, one: Pod, metric: MetricName) -> Replica:
    containers = tuple(
        Container(name=each, requests=() if request is None else ((metric, request),)) for each, request in one.requests.items()
    )
    told = Lifecycle(
        phase=one.life.phase,
        readiness=one.life.readiness,
        started_at=one.life.started_at,
        leaving=one.life.leaving,
        containers=containers,
        requests=one.life.requests,
    )
    return Replica(id=name, workload=WEB, node=None, state=ReplicaState.RUNNING, lifecycle=told)


def _situation(rule: TargetTracking, reading: Reading, replicas: tuple[Replica, ...], current: int, observed: int = 0) -> Situation:
    target = Target(name="shop/web", replicas=current, ready=len(replicas), observed=observed)
    return Situation(target=target, now=NOW, samples={rule.metric: reading}, replicas=replicas)


def share(percent: int, metric: MetricName = CPU, container: str = "") -> TargetTracking:
    return TargetTracking(metric=metric, target=Share(percent * 10), container=container)


def count(vote: Vote, current: int) -> int | None:
    """What the vote comes to; None for unknown."""
    return None if vote.kind is VoteKind.UNKNOWN else vote.count_or(current)


@pytest.mark.parametrize(
    ("of", "target", "wanted"),
    [
        pytest.param(pods(300, 500, 700), 30, 5, id="50% of a target of 30% wants five for three"),
        pytest.param(pods(330, 330, 330), 30, 3, id="a ratio of 1.1 is still near"),
        pytest.param(pods(340, 340, 340), 30, 4, id="beyond 1.1 one more is wanted"),
        pytest.param(pods(270, 270, 270), 30, 3, id="a ratio of 0.9 is still near"),
        pytest.param(pods(339, 339, 339), 30, 3, id="33.9% is floored to 33%, and near"),
        pytest.param(pods(269, 269, 269), 30, 3, id="26% of 30% is below 0.9, and three are still needed"),
        pytest.param(pods(100, 100, 100), 30, 1, id="a third of the target wants a third"),
        pytest.param(pods(0, 0, 0), 30, 0, id="idle wants none"),
        pytest.param([pod(900, 1000), pod(100, 4000)], 20, 2, id="sums are compared, not averages of shares"),
    ],
)
def test_use_is_compared_with_requests_in_whole_percents(of: list[Pod], target: int, wanted: int) -> None:
    assert count(voted(share(target), of), len(of)) == wanted


STARTING = life(ready=False, started=1, changed=1)
PENDING = Lifecycle(phase=Phase.PENDING)


@pytest.mark.parametrize(
    ("of", "target", "wanted"),
    [
        pytest.param([*pods(400, 500), pod(None)], 30, 3, id="missing ones are idle on the way up: 30% of all three is near"),
        pytest.param([*pods(900, 900), pod(None)], 30, 6, id="and still more are wanted where that is not enough"),
        pytest.param([*pods(100, 100), pod(None)], 50, 3, id="missing ones are busy on the way down: 40% by 50% are 2.4"),
        pytest.param([*pods(100, 100, 100), pod(None)], 50, 3, id="so one goes of four, not two"),
        pytest.param([*pods(100, 100), pod(None)], 150, 2, id="at the target, where that is more than 100%"),
        pytest.param([*pods(400, 400), pod(None)], 50, 3, id="where the missing turn the direction round, all stay"),
        pytest.param([*pods(500, 500), pod(None)], 50, 3, id="exactly at the target the missing are left out"),
        pytest.param([*pods(800), pod(None, life=PENDING)], 50, 2, id="pending ones are idle on the way up"),
        pytest.param([*pods(1200), pod(None, life=PENDING)], 50, 3, id="1200 of 2000 are 60%, and ask for 2.4"),
        pytest.param([*pods(100, 100), pod(None, life=PENDING)], 50, 1, id="pending ones are no excuse on the way down"),
        pytest.param([*pods(2000), pod(900, life=STARTING)], 50, 4, id="what a starting one uses is not counted"),
        pytest.param([*pods(100, 100), pod(900, life=life(leaving=True))], 50, 1, id="leaving ones are ignored"),
        pytest.param([*pods(100, 100), pod(900, life=life(Phase.FAILED))], 50, 1, id="failed ones are ignored"),
        pytest.param([*pods(100, 100), pod(1000, life=life(Phase.SUCCEEDED))], 50, 3, id="succeeded ones with a sample count"),
    ],
)
def test_replicas_that_do_not_count_are_filled_in_against_the_change(of: list[Pod], target: int, wanted: int) -> None:
    assert count(voted(share(target), of), len(of)) == wanted


@pytest.mark.parametrize(
    ("told", "taken", "group"),
    [
        pytest.param(life(started=1, changed=1), 10_000, "ready", id="ready for a minute, sampled over the last 30 s of it"),
        pytest.param(life(started=1, changed=0), 10_000, "unready", id="just become ready: the sample is of the time before"),
        pytest.param(life(started=4, changed=1, ready=False), 10_000, "unready", id="not ready while initialising"),
        pytest.param(life(started=6, changed=1, ready=False), 10_000, "ready", id="once ready, not ready any more, after initialising"),
        pytest.param(life(started=6, changed=6, ready=False), 10_000, "unready", id="never ready, after initialising"),
        pytest.param(life(started=None), 10_000, "unready", id="nobody knows when it started"),
        pytest.param(Lifecycle(started_at=Instant(0)), 10_000, "unready", id="nobody knows whether it is ready"),
        pytest.param(life(ready=None, started=6), 10_000, "ready", id="readiness unknown, after initialising"),
        pytest.param(life(started=1, changed=1), 30_000, "ready", id="the window began when it became ready"),
        pytest.param(life(started=1, changed=1), 30_001, "unready", id="the window began a moment before"),
    ],
)
def test_young_replicas_cpu_says_nothing(told: Lifecycle, taken: int, group: str) -> None:
    vote = voted(share(50), [*pods(500), pod(500, life=told, taken=taken)])
    assert vote.workings
    assert "web-1" in getattr(vote.workings, group)


def test_young_replicas_count_for_anything_but_cpu() -> None:
    vote = voted(share(50, MEMORY), [*pods(500), pod(500, life=STARTING)])
    assert vote.workings
    assert vote.workings.ready == ("web-0", "web-1")


def test_how_long_is_young_can_be_set() -> None:
    patient = TargetTracking(metric=CPU, target=Share(500), cpu_initialisation=Duration(10 * MINUTE), readiness_delay=Duration(MINUTE))
    vote = voted(patient, [*pods(500), pod(500, life=life(started=6, changed=1, ready=False))])
    assert vote.workings
    assert vote.workings.unready == ("web-1",)


@pytest.mark.parametrize(
    ("metric", "target", "uses", "wanted"),
    [
        pytest.param(CPU, Number(250), (500, 500), 4, id="half a core each, a quarter wanted"),
        pytest.param(CPU, Number(500), (500, 500), 2, id="half a core each, as wanted"),
        pytest.param(MEMORY, Number(2**20 * 1000), (2**21 * 1000, 2**21 * 1000), 4, id="two mebibytes each, one wanted"),
    ],
)
def test_an_amount_of_a_resource_for_each_replica(metric: MetricName, target: Number, uses: tuple[int, ...], wanted: int) -> None:
    vote = voted(TargetTracking(metric=metric, target=target), pods(*uses))
    assert count(vote, 2) == wanted


def test_an_amount_of_a_resource_is_unknown_where_only_its_share_is_told() -> None:
    rule = TargetTracking(metric=CPU, target=Number(250))
    vote = rule.vote(_situation(rule, Sample(600, NOW, covers=2), (), 2))
    assert (vote.kind, vote.reasons[0].code) == (VoteKind.UNKNOWN, Code.TOLD_AS_SHARE)


@pytest.mark.parametrize(
    ("metric", "target", "per"),
    [
        pytest.param(CPU, Number(60_000), None, id="sixty cores"),
        pytest.param(MEMORY, Number(60_000), None, id="sixty bytes"),
        pytest.param(CPU, Number(250), Per.REPLICA, id="a share of what each uses already"),
    ],
)
def test_a_slip_is_refused(metric: MetricName, target: Number, per: Per | None) -> None:
    with pytest.raises(PolicyError):
        TargetTracking(metric=metric, target=target, per=per)


@pytest.mark.parametrize(
    ("rule", "use"),
    [
        pytest.param({"tolerance_down": Share(700)}, 300, id="30% is the very end of 70% below 100%"),
        pytest.param({"tolerance_up": Share(570)}, 1570, id="157% is the very end of 57% above"),
        pytest.param({"tolerance": Share(300)}, 700, id="the common tolerance is another float"),
    ],
)
def test_the_ends_of_a_tolerance_belong_to_it_in_floats(rule: dict[str, Share], use: int) -> None:
    made = TargetTracking(metric=CPU, target=Share(1000), **rule)  # type: ignore[arg-type]  # names of its tolerances
    assert voted(made, pods(use, use, use)).kind is VoteKind.HOLD


def test_a_sample_without_the_container_is_no_missing_one() -> None:
    vote = voted(share(50, container="app"), [pod(500), Pod(uses={}, requests={"app": 1000})])
    assert (vote.kind, vote.reasons[0].code) == (VoteKind.UNKNOWN, Code.CONTAINER_MISSING)


TWO = {"app": 500, "proxy": 100}


@pytest.mark.parametrize(
    ("of", "container", "wanted"),
    [
        pytest.param(Pod(uses=TWO, requests={"app": 500, "proxy": 500}), "", 2, id="all containers together: 60%"),
        pytest.param(Pod(uses=TWO, requests={"app": 500, "proxy": 500}), "app", 2, id="one container alone: 100%"),
        pytest.param(Pod(uses=TWO, requests={"app": 500, "proxy": 500}), "proxy", 1, id="another: 20%"),
        pytest.param(Pod(uses=TWO, requests={"app": 500, "proxy": None}), "", None, id="a request missing is unknown"),
        pytest.param(Pod(uses=TWO, requests={"app": 500, "proxy": None}), "app", 2, id="not that of another container"),
        pytest.param(Pod(uses={"app": 500}, requests={"app": 500, "proxy": 1}), "proxy", None, id="no sample of the container"),
        pytest.param(Pod(uses=TWO, requests={"app": 500}), "proxy", None, id="a container nobody declared requests nothing"),
        pytest.param(
            Pod(uses=TWO, requests={"app": None}, life=Lifecycle(started_at=Instant(0), readiness=OLD.readiness, requests=(("cpu", 600),))),
            "",
            2,
            id="a request of the whole replica comes first",
        ),
        pytest.param(
            Pod(uses=TWO, requests={"app": 500}, life=Lifecycle(started_at=Instant(0), readiness=OLD.readiness, requests=(("memory", 1),))),
            "",
            3,
            id="a whole replica that requests something else leaves its containers' sum",
        ),
    ],
)
def test_containers_and_their_requests(of: Pod, container: str, wanted: int | None) -> None:
    assert count(voted(share(50, container=container), [of]), 1) == wanted


@pytest.mark.parametrize(
    "of",
    [
        pytest.param([], id="there is no replica"),
        pytest.param([pod(None)], id="none has a sample"),
        pytest.param([pod(None, life=PENDING)], id="all are pending"),
        pytest.param([pod(500, life=life(leaving=True))], id="all are leaving"),
        pytest.param([pod(500, request=0)], id="nothing is requested"),
    ],
)
def test_without_a_sample_that_counts_the_vote_is_unknown(of: list[Pod]) -> None:
    assert voted(share(50), of).kind is VoteKind.UNKNOWN


AVERAGE = TargetTracking(metric=RPS, target=Number(20_000))


@pytest.mark.parametrize(
    ("uses", "wanted"),
    [
        pytest.param((30_000, 30_000, 30_000), 5, id="one and a half times the target"),
        pytest.param((22_000, 22_000, 22_001), 3, id="the average is floored to a milli-unit, and near"),
        pytest.param((10_000, 10_000, 10_000), 2, id="half of it"),
        pytest.param((10_000, 10_000, None), 2, id="missing ones stand at the target on the way down"),
        pytest.param((40_000, 40_000, None), 4, id="and are idle on the way up"),
    ],
)
def test_an_average_of_numbers(uses: tuple[int | None, ...], wanted: int) -> None:
    assert count(voted(AVERAGE, pods(*uses)), len(uses)) == wanted


def test_samples_of_replicas_nobody_lists_count_in_averages_alone() -> None:
    assert count(voted(AVERAGE, pods(20_000, 20_000), strangers=(80_000,)), 2) == 4  # 40 on average, for the two that are there
    assert count(voted(share(50), pods(500, 500), strangers=(8000,)), 2) == 2


def test_more_than_wanted_do_not_shrink_in_mid_update() -> None:
    assert count(voted(share(30), pods(300, 300, 300, 300), current=3), 3) == 3
    assert count(voted(share(40), [*pods(100, 100, 100, 100), pod(None)], current=3), 3) == 3  # 28% of five ask for four


def test_the_ends_of_the_tolerance_can_be_set_apart() -> None:
    wide = TargetTracking(metric=CPU, target=Share(500), tolerance_up=Share(500), tolerance_down=Share(0))
    assert count(voted(wide, pods(750, 750)), 2) == 2
    assert count(voted(wide, pods(760, 760)), 2) == 4
    assert count(voted(wide, pods(240, 240)), 2) == 1


VALUE = TargetTracking(metric=RPS, target=Number(10_000))
TOTAL = TargetTracking(metric=RPS, target=Number(10_000), per=Per.REPLICA)
THREE = [*pods(0, 0), pod(0, life=life(ready=False))]


def judged(rule: TargetTracking, milli: int, of: list[Pod], current: int, observed: int) -> int | None:
    replicas = tuple(_replica(ReplicaId(f"web-{index}"), one, RPS) for index, one in enumerate(of))
    return count(rule.vote(_situation(rule, Sample(milli, NOW), replicas, current, observed)), current)


@pytest.mark.parametrize(
    ("milli", "of", "current", "wanted"),
    [
        pytest.param(20_000, THREE, 3, 4, id="twice the target: twice those that serve"),
        pytest.param(11_000, THREE, 3, 3, id="near the target: as many as now"),
        pytest.param(5_000, THREE, 3, 1, id="half the target: half of those that serve"),
        pytest.param(25_000, [], 0, 3, id="from none, as many as the ratio says, whatever the tolerance"),
        pytest.param(1, [], 0, 1, id="from none, the least work wants one"),
        pytest.param(0, [], 0, 0, id="from none, no work wants none"),
        pytest.param(20_000, [], 3, None, id="none is listed: nobody knows how many serve"),
        pytest.param(10**22, THREE, 3, MOST, id="no count is higher than counts go"),
    ],
)
def test_a_value_is_the_ratio_of_those_that_serve(milli: int, of: list[Pod], current: int, wanted: int | None) -> None:
    assert judged(VALUE, milli, of, current, len(of)) == wanted


@pytest.mark.parametrize(
    ("milli", "observed", "wanted"),
    [
        pytest.param(41_000, 3, 5, id="a total is shared out, rounded up"),
        pytest.param(32_000, 3, 3, id="near what those observed are there for, they are right"),
        pytest.param(32_000, 0, 4, id="with none observed nothing is near"),
        pytest.param(0, 0, 0, id="no work wants none"),
        pytest.param(10**22, 3, MOST, id="no count is higher than counts go"),
    ],
)
def test_a_total_is_shared_out_among_those_observed(milli: int, observed: int, wanted: int) -> None:
    assert judged(TOTAL, milli, THREE, 4, observed) == wanted


LIVES = sampled_from([OLD, STARTING, PENDING, life(leaving=True), life(Phase.FAILED)])
SOME = lists(tuples(integers(0, 3000), sampled_from([True, False]), LIVES), min_size=1, max_size=12)


@given(SOME, integers(10, 100))
def test_every_replica_is_in_one_group(of: list[tuple[int, bool, Lifecycle]], target: int) -> None:
    works = voted(share(target), [pod(use if sampled else None, life=told) for use, sampled, told in of]).workings
    if works:
        assert sorted((*works.ready, *works.unready, *works.missing, *works.ignored)) == sorted(f"web-{i}" for i in range(len(of)))


@given(lists(tuples(integers(0, 1000), sampled_from([True, False])), min_size=1, max_size=12), integers(10, 100))
def test_what_is_not_seen_never_makes_a_change_larger(of: list[tuple[int, bool]], target: int) -> None:
    """As long as nobody uses more than it requests: so much it is taken to use on the way down."""
    current = len(of)
    partly = count(voted(share(target), [pod(use if sampled else None) for use, sampled in of]), current)
    fully = count(voted(share(target), [pod(use) for use, _ in of]), current)
    assert fully is not None
    if partly is not None and partly < current:
        assert fully <= partly
    if partly is not None and partly > current:
        assert fully >= partly


def test_reasons_name_what_is_missing() -> None:
    vote = voted(share(50), [Pod(uses={"app": 1}, requests={"app": None})])
    assert vote.reasons[0].code is Code.REQUEST_MISSING
    assert vote.reasons[0].names == ("cpu", "app", "web-0")
