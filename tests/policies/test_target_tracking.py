"""The formulas of Kubernetes HPA v2, and what must hold for any numbers."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from autoscaler.contracts.rule import Rule, Situation, Target
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Instant, Number, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import Reading, Sample, Unknown
from autoscaler.model.votes import VoteKind
from autoscaler.testing.rules import RuleContract
from autoscaler_policies.target_tracking import Per, TargetTracking

NOW = Instant(1_000_000)
CPU = TargetTracking(metric=MetricName("cpu"), target=Share(600))
EXACT = TargetTracking(metric=MetricName("cpu"), target=Share(600), tolerance=Share(0))
TOTAL = TargetTracking(metric=MetricName("rps"), target=Number(200_000), per=Per.REPLICA)
RATIO = TargetTracking(metric=MetricName("lag"), target=Number(10_000))


def situation(rule: TargetTracking, reading: Reading, replicas: int, ready: int | None = None) -> Situation:
    target = Target(name="shop/web", replicas=replicas, ready=replicas if ready is None else ready)
    return Situation(target=target, now=NOW, samples={rule.metric: reading})


def seen(milli: int, covers: int = 0) -> Sample:
    return Sample(milli, NOW, covers)


def voted(rule: TargetTracking, reading: Reading, replicas: int, ready: int | None = None) -> tuple[str, int | None]:
    vote = rule.vote(situation(rule, reading, replicas, ready))
    return vote.kind.value, vote.count


@pytest.mark.parametrize(
    ("cpu", "vote"),
    [
        pytest.param(seen(900), ("want", 6), id="busy wants more"),
        pytest.param(seen(630), ("hold", None), id="near the target holds"),
        pytest.param(seen(660), ("hold", None), id="the upper end of the tolerance holds"),
        pytest.param(seen(661), ("want", 5), id="just above the tolerance wants more"),
        pytest.param(seen(540), ("hold", None), id="the lower end of the tolerance holds"),
        pytest.param(seen(539), ("want", 4), id="just below the tolerance is rounded up to as many"),
        pytest.param(seen(300), ("want", 2), id="half the target wants half"),
        pytest.param(seen(0), ("want", 0), id="idle wants none, and a bound says how few"),
        pytest.param(seen(9000), ("want", 60), id="no bound clamps it"),
        pytest.param(Unknown(Code.STALE), ("unknown", None), id="stale is unknown, not idle"),
        pytest.param(seen(-1), ("unknown", None), id="less than nothing is unknown"),
    ],
)
def test_a_share_is_the_replicas_average(cpu: Reading, vote: tuple[str, int | None]) -> None:
    assert voted(CPU, cpu, 4) == vote


@pytest.mark.parametrize(
    ("cpu", "replicas", "ready", "vote"),
    [
        pytest.param(seen(900, 3), 4, 4, ("want", 5), id="up: one without a sample counts as idle"),
        pytest.param(seen(700, 3), 4, 4, ("hold", None), id="up: the idle one brings it below the target, and it never turns round"),
        pytest.param(seen(900, 2), 4, 2, ("hold", None), id="up: starting ones will take their part"),
        pytest.param(seen(1300, 2), 4, 2, ("hold", None), id="up: with the starting ones it is near the target"),
        pytest.param(seen(900), 4, 2, ("hold", None), id="up: an average of unknown breadth is of the ready ones"),
        pytest.param(seen(900, 2), 10, 0, ("hold", None), id="up: a few hot ones are no reason to have fewer"),
        pytest.param(seen(2400, 2), 4, 2, ("want", 8), id="up: too much even for the starting ones"),
        pytest.param(seen(300, 2), 4, 2, ("want", 1), id="down: starting ones do not excuse a low load"),
        pytest.param(seen(100, 3), 4, 4, ("want", 3), id="down: one without a sample counts as fully busy"),
        pytest.param(seen(500, 1), 4, 4, ("hold", None), id="down: three fully busy ones forbid the shrink"),
        pytest.param(seen(600, 1), 4, 4, ("hold", None), id="exactly at the target it stays, whoever is missing"),
        pytest.param(seen(450, 8), 6, 8, ("hold", None), id="extra replicas of a move: their load is the wanted ones' too"),
        pytest.param(seen(600, 8), 6, 8, ("want", 8), id="extra replicas of a move at the target: the wanted ones alone are too few"),
        pytest.param(seen(300, 0), 4, 0, ("want", 2), id="none ready: the wanted count stands for them"),
    ],
)
def test_replicas_without_samples_are_filled_in_carefully(cpu: Sample, replicas: int, ready: int, vote: tuple[str, int | None]) -> None:
    assert voted(CPU, cpu, replicas, ready) == vote


@pytest.mark.parametrize(
    ("rps", "replicas", "vote"),
    [
        pytest.param(1_000_000, 4, ("want", 5), id="a total is shared out"),
        pytest.param(1_001_000, 4, ("want", 6), id="and rounded up"),
        pytest.param(880_000, 4, ("hold", None), id="within the tolerance it holds"),
        pytest.param(881_000, 4, ("want", 5), id="above the tolerance it does not"),
        pytest.param(300_000, 4, ("want", 2), id="less work wants fewer"),
        pytest.param(250_000, 0, ("want", 2), id="work for nobody starts somebody"),
        pytest.param(0, 0, ("want", 0), id="no work for nobody"),
    ],
)
def test_a_number_per_replica_divides_a_total(rps: int, replicas: int, vote: tuple[str, int | None]) -> None:
    assert voted(TOTAL, seen(rps), replicas) == vote


@pytest.mark.parametrize(
    ("lag", "replicas", "vote"),
    [
        pytest.param(25_000, 4, ("want", 10), id="the ratio multiplies the ready replicas"),
        pytest.param(11_000, 4, ("hold", None), id="within the tolerance it holds"),
        pytest.param(25_000, 0, ("want", 3), id="from none, the ratio itself"),
        pytest.param(1, 0, ("want", 1), id="from none, a little work starts one"),
    ],
)
def test_a_number_alone_is_a_ratio(lag: int, replicas: int, vote: tuple[str, int | None]) -> None:
    assert voted(RATIO, seen(lag), replicas) == vote


def test_a_vote_says_what_it_saw() -> None:
    (reason,) = CPU.vote(situation(CPU, seen(900), 4)).reasons
    assert (reason.code, reason.numbers, reason.unit, reason.names) == (Code.OFF_TARGET, (900, 600), "%", ("cpu",))


def test_only_a_share_asks_for_an_average() -> None:
    assert [rule.needs()[0].per_replica for rule in (CPU, TOTAL, RATIO)] == [True, False, False]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        pytest.param(lambda: TargetTracking(metric=MetricName("cpu"), target=Share(9)), "1%", id="a share below 1%"),
        pytest.param(lambda: TargetTracking(metric=MetricName("rps"), target=Number(0)), "above 0", id="a target of zero"),
        pytest.param(lambda: TargetTracking(metric=MetricName("cpu"), target=Number(60_000)), "60%", id="60 for cpu, not 60%"),
        pytest.param(
            lambda: TargetTracking(metric=MetricName("cpu"), target=Share(600), per=Per.REPLICA), "per: replica", id="a share per replica"
        ),
        pytest.param(
            lambda: TargetTracking(metric=MetricName("cpu"), target=Share(600), tolerance=Share(1000)), "10%", id="a tolerance of all"
        ),
    ],
)
def test_settings_that_mean_nothing_are_refused_with_a_hint(build: Callable[[], TargetTracking], words: str) -> None:
    with pytest.raises(PolicyError) as refused:
        build()
    assert words in refused.value.hint


@pytest.mark.parametrize("rule", [CPU, EXACT, TOTAL, RATIO], ids=["share", "share without tolerance", "total", "ratio"])
@given(
    replicas=integers(0, 200),
    ready=integers(0, 200),
    covers=integers(0, 200),
    low=integers(0, 10**7),
    more=integers(0, 10**6),
)
def test_more_load_never_votes_for_fewer(*, rule: TargetTracking, replicas: int, ready: int, covers: int, low: int, more: int) -> None:
    quiet = rule.vote(situation(rule, seen(low, covers), replicas, ready))
    busy = rule.vote(situation(rule, seen(low + more, covers), replicas, ready))
    assert busy.count_or(replicas) >= quiet.count_or(replicas)


@given(replicas=integers(1, 200), ready=integers(0, 200), covers=integers(0, 200), milli=integers(0, 5000))
def test_an_average_above_its_target_never_shrinks_and_one_below_never_grows(replicas: int, ready: int, covers: int, milli: int) -> None:
    count = CPU.vote(situation(CPU, seen(milli, covers), replicas, ready)).count_or(replicas)
    extra = max(covers, ready) > replicas  # these leave their load behind: the wanted ones' own average is higher than the one seen
    assert count >= replicas if milli > CPU.target.milli else extra or count <= replicas


@given(load=integers(0, 200_000), replicas=integers(1, 300), target=integers(10, 1000))
def test_with_constant_load_counts_settle_and_never_alternate(load: int, replicas: int, target: int) -> None:
    rule = TargetTracking(metric=MetricName("cpu"), target=Share(target), tolerance=Share(0))
    counts = [replicas]
    for _ in range(12):
        now = counts[-1]
        counts.append(max(1, rule.vote(situation(rule, seen(load // now), now)).count_or(now)))
    assert counts[-1] == counts[-2]


def test_kinds_of_votes_are_the_ones_a_rule_may_cast() -> None:
    kinds = {CPU.vote(situation(CPU, seen(milli), 4)).kind for milli in range(0, 2000, 100)}
    assert kinds == {VoteKind.WANT, VoteKind.HOLD}


class TestTargetTracking(RuleContract):
    @pytest.fixture(params=[CPU, EXACT, TOTAL, RATIO], ids=["share", "share without tolerance", "total", "ratio"])
    def rule(self, request: pytest.FixtureRequest) -> Rule:
        chosen: Rule = request.param
        return chosen


@pytest.mark.parametrize(
    ("cpu", "replicas", "ready", "asks"),
    [
        pytest.param(seen(630, covers=4), 4, 4, 5, id="near the target from above: one more"),
        pytest.param(seen(552, covers=8), 8, 8, 8, id="near the target from below: as many"),
        pytest.param(seen(750, covers=6), 8, 6, 8, id="two that start are idle yet: six at 75% ask for eight"),
        pytest.param(seen(640, covers=6), 9, 6, 7, id="three that start are more than is asked for"),
        pytest.param(seen(900, covers=3), 10, 10, 10, id="seven without a sample: three seen ask for five, and the seven stay"),
        pytest.param(seen(400, covers=3), 10, 10, 9, id="seven without a sample stay, though less would do for the three"),
    ],
)
def test_a_hold_says_what_the_load_alone_asks_for(cpu: Reading, replicas: int, ready: int, asks: int) -> None:
    vote = CPU.vote(situation(CPU, cpu, replicas, ready))
    assert (vote.kind, vote.asks) == (VoteKind.HOLD, asks)


@given(integers(0, 3000), integers(1, 40), integers(0, 40), integers(0, 40))
def test_what_is_not_seen_is_never_heard_as_less(cpu: int, replicas: int, missing: int, starting: int) -> None:
    """Whoever follows what the load alone asks for still keeps one for each that has no sample."""
    covers = max(1, replicas - missing - starting)
    ready = min(replicas, covers + missing)
    vote = CPU.vote(situation(CPU, seen(cpu, covers=covers), replicas, ready))
    if vote.asks is not None:
        assert vote.asks >= min(replicas, ready - covers)
