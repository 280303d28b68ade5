"""Little for a little, much for much, and nothing twice while the last step has not done its work."""

from dataclasses import replace

import pytest

from autoscaler.contracts.rule import Rule, Situation, Target
from autoscaler.errors import PolicyError
from autoscaler.model.history import History, ScaleEvent
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import Sample
from autoscaler.model.votes import Vote
from autoscaler.testing.rules import RuleContract
from autoscaler_policies.step import In, Out, Step

NOW = Instant(10_000_000)
CPU = MetricName("cpu")
OUT = (Out(from_=Share(700), add=1), Out(from_=Share(850), add=Share(500)), Out(from_=Share(950), exact=20))
IN = (In(to=Share(300), remove=1), In(to=Share(100), remove=Share(500)))
STEPS = Step(metric=CPU, out=OUT, in_=IN)


def vote(rule: Step, milli: int, replicas: int, *events: ScaleEvent) -> Vote:
    target = Target(name="shop/web", replicas=replicas, ready=replicas)
    samples = {rule.metric: Sample(milli, NOW, covers=replicas)}
    return rule.vote(Situation(target=target, now=NOW, samples=samples, history=History(subject="shop/web", events=events)))


@pytest.mark.parametrize(
    ("milli", "replicas", "kind", "count"),
    [
        pytest.param(699, 4, "hold", None, id="just below the first step"),
        pytest.param(700, 4, "want", 5, id="a step begins with its value"),
        pytest.param(849, 4, "want", 5, id="and holds until the next"),
        pytest.param(850, 5, "want", 7, id="half of five is cut to two"),
        pytest.param(850, 1, "want", 2, id="a share below one is one"),
        pytest.param(950, 4, "want", 20, id="exactly so many"),
        pytest.param(950, 25, "hold", None, id="a step out never takes away"),
        pytest.param(301, 4, "hold", None, id="just above the first step in"),
        pytest.param(300, 4, "want", 3, id="a step in holds its value"),
        pytest.param(100, 4, "want", 2, id="the farthest step counts"),
        pytest.param(0, 0, "hold", None, id="there is nothing below none"),
        pytest.param(900, 0, "want", 1, id="from none a share is one"),
    ],
)
def test_which_step_is_taken(milli: int, replicas: int, kind: str, count: int | None) -> None:
    found = vote(STEPS, milli, replicas)
    assert (found.kind.value, found.count) == (kind, count)


def test_a_share_moves_at_least_so_many() -> None:
    """AWS: 25% of 4 with a minimum magnitude of 2 are 2."""
    rule = Step(metric=CPU, out=(Out(from_=Share(700), add=Share(250)),), least=2)
    assert vote(rule, 700, 4).count == 6


@pytest.mark.parametrize(
    ("milli", "replicas", "ago", "change", "count"),
    [
        pytest.param(700, 5, 60, 1, None, id="the same step again waits for the first"),
        pytest.param(850, 5, 60, 1, 6, id="a larger one adds what it asks for beyond that"),
        pytest.param(700, 5, 180, 1, 6, id="what has warmed up counts as there"),
        pytest.param(300, 5, 60, 1, None, id="nothing goes while something warms up"),
        pytest.param(300, 5, 60, -1, 4, id="what went needs no time"),
    ],
)
def test_what_was_added_lately_does_its_work_first(milli: int, replicas: int, ago: int, change: int, count: int | None) -> None:
    rule = replace(STEPS, warm_up=Duration(180_000))
    assert vote(rule, milli, replicas, ScaleEvent(Instant(NOW - ago * 1000), change)).count == count


def test_what_others_added_is_not_ours_to_wait_for() -> None:
    rule = replace(STEPS, warm_up=Duration(180_000))
    assert vote(rule, 700, 5, ScaleEvent(Instant(NOW - 1000), 1, foreign=True)).count == 6


def test_a_value_that_cannot_be_is_unknown() -> None:
    assert vote(STEPS, -1, 4).reasons[0].code is Code.CONTRADICTORY


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({}, "without steps", id="no steps"),
        pytest.param({"out": OUT, "in_": (In(to=Number(3000), remove=1),)}, "some steps are shares", id="shares beside numbers"),
        pytest.param({"out": (Out(from_=Number(70_000), add=1),)}, "70 is a number", id="a number for a share"),
        pytest.param({"out": OUT, "in_": (In(to=Share(700), remove=1),)}, "out and in at once", id="steps that overlap"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, tuple[Out | In, ...]], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        Step(metric=CPU, **settings)  # type: ignore[arg-type]  # the table mixes both kinds


@pytest.mark.parametrize("change", [{}, {"add": 1, "exact": 2}])
def test_a_step_does_exactly_one_thing(change: dict[str, int]) -> None:
    with pytest.raises(PolicyError, match="exactly one thing"):
        Out(from_=Share(700), **change)


class TestContract(RuleContract):
    """What every rule promises."""

    @pytest.fixture(params=[STEPS, replace(STEPS, metric=MetricName("lag"), out=(Out(from_=Number(5000), add=2),), in_=())])
    def rule(self, request: pytest.FixtureRequest) -> Rule:
        found: Rule = request.param
        return found
