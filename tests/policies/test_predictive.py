"""The rule that is told what comes: what it makes of a forecast, of a level that is not the usual one, and of no forecast at all."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists

from autoscaler.contracts.policy import NamedRule
from autoscaler.contracts.rule import Foreseeing, Rule, Situation, Target
from autoscaler.deciding.voting import votes
from autoscaler.errors import PolicyError
from autoscaler.model.forecasts import Forecast, SeasonModel
from autoscaler.model.history import History, Note
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, ReplicaId
from autoscaler.model.samples import PerReplica, Reading, ReplicaSample, Sample, Unknown
from autoscaler.testing.rules import NOW, RuleContract
from autoscaler_policies.predictive import Predictive

RPS = MetricName("rps")
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
RULE = Predictive(metric=RPS, target=Number(100_000))
MADE = Instant(NOW - 10 * MINUTE)
BLIND = Unknown(Code.MISSING)
EACH = PerReplica((ReplicaSample(replica=ReplicaId("web-1"), at=NOW, parts=(("app", 125_000),)),))
RISING = tuple(400_000 + 10_000 * minute for minute in range(180))


def told(*, at: Instant = MADE, rule: Predictive = RULE, better: bool = True, expected: tuple[int, ...] = RISING) -> Forecast:
    """A load that rises by ten a minute; five in four suffice at the level of the last minutes, three in two whatever that is."""
    share = Share(0)
    return Forecast(
        rule="predictive[0]",
        need=rule.foresees(),
        at=at,
        expected=expected,
        upper=tuple(one * 3 // 2 for one in expected),
        margin=Share(1250),
        short=Share(12),
        plain_short=Share(34),
        cost=Share(1040),
        coverage=share,
        better=better,
    )


def situation(reading: Reading, forecast: Forecast | None, *, noted: tuple[int, ...] = (), now: Instant = NOW) -> Situation:
    note = Note("predictive[0]", now, noted) if noted else None
    return Situation(target=Target(name="shop/web", replicas=4, ready=4), now=now, samples={RPS: reading}, note=note, forecast=forecast)


def load(value: int, at: Instant = NOW) -> Sample:
    return Sample(value * 1000, at)


@pytest.mark.parametrize(
    ("reading", "noted", "count"),
    [
        # By the end of the lead and the minute after it, 13 minutes from when it was made, 530 are expected.
        pytest.param(load(500), (), 7, id="as high as expected: five in four of 530"),
        pytest.param(load(750), (), 10, id="half as high again: of 795"),
        pytest.param(load(5000), (), 14, id="never taken for more than twice as high"),
        pytest.param(load(0), (), 4, id="never taken for less than half"),
        pytest.param(BLIND, (), 8, id="unseen: three in two of 530, whatever the level"),
        pytest.param(Sample(-1, NOW), (), 8, id="contradictory is unseen"),
        pytest.param(EACH, (), 8, id="so are samples of each replica"),
        pytest.param(load(500), (NOW - MINUTE, 980_000), 10, id="what was seen a minute ago counts as much: half as high again"),
        pytest.param(load(500), (NOW - 5 * MINUTE, 980_000), 7, id="what was seen five minutes ago is over"),
        pytest.param(load(500), (NOW, 980_000), 13, id="a sample seen already is not counted twice"),
    ],
)
def test_as_many_as_will_be_needed_when_a_new_one_serves(reading: Reading, noted: tuple[int, ...], count: int) -> None:
    vote = RULE.vote(situation(reading, told(), noted=noted))
    assert (vote.kind.value, vote.count, vote.reasons[0].code) == ("at_least", count, Code.FORESEEN)


@pytest.mark.parametrize(
    ("forecast", "code"),
    [
        pytest.param(None, Code.NOT_FORESEEN, id="none yet"),
        pytest.param(told(at=Instant(NOW - 178 * MINUTE)), Code.FORECAST_OLD, id="it does not know all of the lead any more"),
        pytest.param(told(at=Instant(NOW + MINUTE)), Code.FORECAST_OLD, id="made in the future, by a clock that stepped back since"),
        pytest.param(told(better=False), Code.REACTING_IS_BETTER, id="reacting did better"),
    ],
)
@pytest.mark.parametrize("rule", [RULE, replace(RULE, shrink=True)], ids=["it only adds", "it may shrink"])
def test_without_a_forecast_to_follow_it_asks_for_nothing_and_says_why(rule: Predictive, forecast: Forecast | None, code: Code) -> None:
    vote = rule.vote(situation(load(9999), forecast))
    assert (vote.kind.value, vote.count, vote.reasons[0].code) == ("at_least", 0, code)


def test_reacting_is_better_in_numbers() -> None:
    (reason,) = RULE.vote(situation(load(1), told(better=False))).reasons
    assert (reason.numbers, reason.unit) == ((12, 34, 1040), "%")


@pytest.mark.parametrize(
    ("reading", "kind", "count"),
    [
        pytest.param(load(100), "want", 4, id="a known load may be wanted"),
        pytest.param(BLIND, "at_least", 8, id="an unknown one never shrinks"),
    ],
)
@pytest.mark.parametrize("noted", [(), (NOW - MINUTE, 100_000)], ids=["nothing seen before", "a low load seen a minute ago"])
def test_it_wants_fewer_only_if_the_policy_says_so_and_the_load_is_known(
    reading: Reading, kind: str, count: int, noted: tuple[int, ...]
) -> None:
    vote = replace(RULE, shrink=True).vote(situation(reading, told(), noted=noted))
    assert (vote.kind.value, vote.count) == (kind, count)


def test_where_nothing_is_expected_what_suffices_counts() -> None:
    nothing = told(expected=(0,) * 180)
    assert RULE.vote(situation(load(500), nothing)).count == 0


def test_a_forecast_just_made_holds_what_was_seen_before_it_against_its_first_minute() -> None:
    fresh = told(at=NOW)
    vote = RULE.vote(situation(load(400), fresh, noted=(NOW - 2 * MINUTE, 400_000)))
    assert vote.count == 6, "five in four of 430, at the usual level"


@given(values=lists(integers(0, 2000), min_size=180, max_size=180), seen=integers(0, 10_000), replicas=integers(0, 500))
def test_a_higher_forecast_never_votes_for_fewer_and_none_for_less_than_there_are(values: list[int], seen: int, replicas: int) -> None:
    expected = tuple(value * 1000 for value in values)
    more = replace(told(), expected=expected, upper=expected)
    less = replace(more, upper=tuple(value // 2 for value in expected))
    blind = situation(BLIND, more)
    assert RULE.vote(blind).count_or(replicas) >= RULE.vote(replace(blind, forecast=less)).count_or(replicas)
    assert RULE.vote(situation(load(seen), more)).kind.value == "at_least"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        pytest.param({"metric": MetricName("cpu")}, "share", id="a share is no load"),
        pytest.param({"target": Number(0)}, "target of 0", id="a target of none"),
        pytest.param({"season": Duration(DAY // 24)}, "season", id="too short a season"),
        pytest.param({"season": Duration(8 * DAY)}, "season", id="too long a season"),
        pytest.param({"quantile": Share(400)}, "quantile", id="less than the median"),
        pytest.param({"model": SeasonModel.THETA, "season": Duration(5 * HOUR)}, "season", id="too short a season for its model"),
        pytest.param({"model": SeasonModel.THETA, "season": Duration(DAY + MINUTE)}, "season", id="one its model cannot divide"),
        pytest.param({"quantile": Share(1000)}, "quantile", id="all of the time"),
        pytest.param({"lead": Duration(0)}, "lead", id="no lead"),
        pytest.param({"lead": Duration(DAY)}, "lead", id="too long a lead"),
        pytest.param({"over": Duration(DAY)}, "over", id="less than two seasons"),
        pytest.param({"over": Duration(36 * DAY)}, "over", id="longer than is kept"),
        pytest.param({"cost": Share(900)}, "cost", id="it only adds, and cannot cost less"),
    ],
)
def test_settings_that_cannot_be(settings: Mapping[str, object], problem: str) -> None:
    with pytest.raises(PolicyError, match=problem) as caught:
        replace(RULE, **settings)  # type: ignore[arg-type] # one of many fields
    assert caught.value.hint


def asked(forecasts: tuple[Forecast, ...]) -> Code:
    """Why the rule votes as it does, when the history has these."""
    seen = replace(situation(load(500), None), history=History(subject="shop/web", forecasts=forecasts))
    (vote,) = votes((NamedRule(name="predictive[0]", rule=RULE),), seen, lambda _: load(500))
    return vote.vote.reasons[0].code


@pytest.mark.parametrize(
    ("forecast", "code"),
    [
        pytest.param(told(), Code.FORESEEN, id="its own"),
        pytest.param(replace(told(), rule="predictive[1]"), Code.NOT_FORESEEN, id="another rule's"),
        pytest.param(told(rule=replace(RULE, target=Number(1))), Code.NOT_FORESEEN, id="its own from before its settings were changed"),
    ],
)
def test_a_rule_is_handed_its_own_forecast_and_no_other(forecast: Forecast, code: Code) -> None:
    assert asked((forecast,)) is code


def test_a_rule_too_broken_to_say_what_it_needs_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Predictive) -> None:
        raise ZeroDivisionError

    forecast = told()
    monkeypatch.setattr(Predictive, "foresees", broken)
    assert asked((forecast,)) is Code.NOT_FORESEEN


class TestPredictive(RuleContract):
    """With a forecast to follow."""

    @pytest.fixture(params=[False, True], ids=["it only adds", "it may shrink"])
    def rule(self, request: pytest.FixtureRequest) -> Rule:
        return replace(RULE, shrink=bool(request.param))

    def situation(self, rule: Rule, reading: Reading, *, replicas: int = 4, ready: int = 4) -> Situation:
        assert isinstance(rule, Foreseeing)
        return replace(super().situation(rule, reading, replicas=replicas, ready=ready), forecast=told())


class TestWithoutAForecast(RuleContract):
    """Before there is one."""

    @pytest.fixture
    def rule(self) -> Rule:
        return RULE
