"""Out when any threshold is passed, in when all are, and never to and fro."""

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from autoscaler.contracts.rule import Rule, Situation, Target
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Instant, Number, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import Reading, Sample, Unknown
from autoscaler.model.votes import Vote
from autoscaler.testing.rules import RuleContract
from autoscaler_policies.threshold import Above, Below, Threshold

NOW = Instant(10_000_000)
CPU, QUEUE = MetricName("cpu"), MetricName("queue")
BOTH = Threshold(
    out=(Above(metric=CPU, above=Share(700)), Above(metric=QUEUE, above=Number(100_000), add=Share(500))),
    in_=(Below(metric=CPU, below=Share(400)), Below(metric=QUEUE, below=Number(20_000), remove=Share(500))),
)
ALONE = Threshold(out=(Above(metric=CPU, above=Share(700)),), in_=(Below(metric=CPU, below=Share(500), remove=3),))


def vote(rule: Threshold, replicas: int, **milli: int | Reading) -> Vote:
    target = Target(name="shop/web", replicas=replicas, ready=replicas)
    seen = {MetricName(name): Sample(one, NOW, covers=replicas) if isinstance(one, int) else one for name, one in milli.items()}
    return rule.vote(Situation(target=target, now=NOW, samples=seen))


@pytest.mark.parametrize(
    ("cpu", "queue", "kind", "count"),
    [
        pytest.param(701, 0, "want", 7, id="one is passed"),
        pytest.param(701, 100_001, "want", 9, id="of two that are passed the larger answer counts"),
        pytest.param(700, 100_000, "hold", None, id="at a threshold it is not passed"),
        pytest.param(300, 30_000, "hold", None, id="in needs all of them"),
        pytest.param(300, 10_000, "want", 5, id="and the least goes"),
    ],
)
def test_any_is_enough_for_out_and_in_needs_all(cpu: int, queue: int, kind: str, count: int | None) -> None:
    found = vote(BOTH, 6, cpu=cpu, queue=queue)
    assert (found.kind.value, found.count) == (kind, count)


@pytest.mark.parametrize(
    ("replicas", "cpu", "count"),
    [
        pytest.param(9, 400, 6, id="what those who stay bear is well below: all three go"),
        pytest.param(6, 450, 4, id="three would be at 90%, four are at 68%"),
        pytest.param(2, 450, None, id="one would be at 90%"),
        pytest.param(1, 100, None, id="those who are none bear nothing"),
    ],
)
def test_nothing_goes_that_would_come_back(replicas: int, cpu: int, count: int | None) -> None:
    found = vote(ALONE, replicas, cpu=cpu)
    assert found.count == count
    assert (found.reasons[-1].code is Code.WOULD_COME_BACK) is (count is None)


@given(replicas=integers(1, 60), cpu=integers(0, 3000))
def test_a_step_in_is_never_followed_by_one_out(replicas: int, cpu: int) -> None:
    found = vote(ALONE, replicas, cpu=cpu)
    if found.count and found.count < replicas:
        again = vote(ALONE, found.count, cpu=cpu * replicas // found.count)
        assert again.count is None or again.count < found.count


def test_what_is_passed_binds_though_another_cannot_be_seen() -> None:
    found = vote(BOTH, 6, cpu=800, queue=Unknown(Code.STALE))
    assert (found.kind.value, found.count) == ("at_least", 7)


def test_nothing_goes_while_one_cannot_be_seen() -> None:
    found = vote(BOTH, 6, cpu=100, queue=-1)
    assert (found.kind.value, found.reasons[0].code) == ("unknown", Code.CONTRADICTORY)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({}, "without thresholds", id="no thresholds"),
        pytest.param(
            {"out": (Above(metric=QUEUE, above=Number(1000)),), "in_": (Below(metric=QUEUE, below=Share(10)),)},
            "a share here and a number there",
            id="a metric of two kinds",
        ),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, tuple[Above | Below, ...]], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        Threshold(**settings)  # type: ignore[arg-type]  # the table mixes both kinds


def test_a_number_for_a_share_is_refused() -> None:
    with pytest.raises(PolicyError, match="70 is a number"):
        Above(metric=CPU, above=Number(70_000))


class TestContract(RuleContract):
    """What every rule promises."""

    @pytest.fixture(params=[ALONE, BOTH], ids=["one metric", "two metrics"])
    def rule(self, request: pytest.FixtureRequest) -> Rule:
        found: Rule = request.param
        return found
