"""What a load's past lets foresee: how well that is calibrated, what gaps do to it, and when it is worth following."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, sets

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.deciding import decide
from autoscaler.deciding.forecasting import FOLLOWED, Fit, Subject, _parts, forecast
from autoscaler.deciding.profiles import DAY, Continued, Margin, Values, levels, peaks, per_minute, profiles
from autoscaler.model.forecasts import MINUTE, Forecast, ForecastNeed, SeasonModel
from autoscaler.model.history import Histories, History
from autoscaler.model.policies import Behaviour
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import MetricReading, Reading, Sample, Unknown
from autoscaler_policies.predictive import Predictive
from autoscaler_policies.target_tracking import Per, TargetTracking
from tests.deciding.building import NOW, SHOP, WEB, observation, policy, state, workload
from tests.deciding.test_properties import BEHAVIOURS, PASTS

RPS = MetricName("rps")
HOUR = 60
NEED = ForecastNeed(
    metric=RPS,
    target=Number(100_000),
    season=Duration(DAY * MINUTE.ms),
    quantile=Share(900),
    lead=Duration(120_000),
    over=Duration(28 * DAY * MINUTE.ms),
    cost=Share(1050),
)
AT = Instant(1_767_225_600_000)
ANY = Share(10_000)
"""Whatever it costs."""

DULL = np.full(2 * DAY, 1.0)


def foreseen(values: Values, need: ForecastNeed = NEED) -> Forecast | None:
    return forecast(values, Subject(rule="predictive[0]", need=need, hold=Duration(300_000)), AT)


def surely(values: Values, need: ForecastNeed = NEED) -> Forecast:
    found = foreseen(values, need)
    assert found is not None
    return found


def days(count: int) -> Values:
    """A load that rises and falls once a day, between 200 and 1800."""
    return 1000 - 800 * np.cos(2 * np.pi * np.arange(count * DAY) / DAY)


def noisy(count: int, seed: int, noise: float = 0.1) -> Values:
    """The same with a noise that lasts for some minutes, as that of users does."""
    raw = np.random.default_rng(seed).standard_normal(count * DAY + HOUR)
    slow = np.convolve(raw, np.full(10, 10**-0.5), mode="valid")[: count * DAY]
    return days(count) * np.maximum(0, 1 + noise * slow)


def cliffs(count: int) -> Values:
    """From one minute to the next four times as much, from nine to twelve every day."""
    minutes = np.arange(count * DAY) % DAY
    return np.where((minutes >= 9 * HOUR) & (minutes < 12 * HOUR), 2000.0, 500.0)


@pytest.mark.parametrize("quantile", [500, 700, 900, 950])
@pytest.mark.parametrize("seed", [1, 2])
def test_so_much_of_a_past_it_was_not_fitted_to_stays_within_what_was_foreseen(quantile: int, seed: int) -> None:
    found = surely(noisy(15, seed), replace(NEED, quantile=Share(quantile), cost=ANY))
    assert abs(found.coverage.milli - quantile) <= 50


@pytest.mark.parametrize("quantile", [500, 800, 950])
def test_so_much_of_what_then_came_stays_within_the_upper_bound(quantile: int) -> None:
    values, need = noisy(16, 3), replace(NEED, quantile=Share(quantile), cost=ANY)
    within = [
        np.array(surely(values[:end], need).upper) >= values[end : end + FOLLOWED] * 1000
        for end in range(14 * DAY, 16 * DAY - FOLLOWED, 97)
    ]
    assert abs(np.mean(within) * 1000 - quantile) <= 60


def test_the_same_past_gives_the_same_forecast() -> None:
    assert surely(noisy(9, 4)) == surely(noisy(9, 4))


def test_a_steady_load_is_expected_to_the_last_digit() -> None:
    """Else the last bit of a float would ask for a replica more, for ever."""
    found = surely(np.full(9 * DAY, 1000.1) - 0.1)
    assert (set(found.expected), set(found.upper), found.margin.milli) == ({1_000_000}, {1_000_000}, 1000)


def test_what_is_judged_was_not_looked_at_when_margins_were_settled() -> None:
    settled, judged = _parts(10 * DAY, DAY, 4)
    assert (settled.stop + 4, judged) == (judged.start, slice(9 * DAY, 10 * DAY))


def test_what_comes_each_day_is_expected() -> None:
    found = surely(days(5)[: 4 * DAY + 6 * HOUR])
    truth = days(5)[4 * DAY + 6 * HOUR :][:FOLLOWED]
    assert np.abs(np.array(found.expected) / 1000 - truth).max() < 2
    assert found.margin.milli < 1010


def test_another_level_than_usual_is_carried_on_and_fades() -> None:
    values = np.full(5 * DAY, 1000.0)
    values[-30:] = 1500.0
    expected = np.array(surely(values).expected) / 1000
    assert expected[0] == pytest.approx(1500, rel=0.02)
    assert expected[59] == pytest.approx(1250, rel=0.02), "half of it is gone after an hour"
    assert (np.diff(expected) < 0).all()


def test_a_load_of_working_days_knows_its_weekends() -> None:
    values = cliffs(28)
    weekend = (np.arange(values.size) // DAY) % 7 >= 5
    values[weekend] = 500.0
    saturday = 26 * DAY + 8 * HOUR + 30  # the last hours before the cliff there would be on a working day
    assert max(surely(values[:saturday]).expected) < 700_000
    monday = 21 * DAY + 8 * HOUR + 30
    assert max(surely(values[:monday]).expected) > 1_500_000


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(days(2)[1:], id="a minute less than two seasons"),
        pytest.param(np.zeros(0), id="no past at all"),
        pytest.param(np.where(np.arange(5 * DAY) % 10 < 3, np.nan, days(5)), id="three in ten minutes unknown"),
        pytest.param(np.where(np.arange(5 * DAY) > 4.7 * DAY, np.nan, days(5)), id="nothing known of the last hours"),
    ],
)
def test_too_little_past_gives_no_forecast(values: Values) -> None:
    assert foreseen(values) is None


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(days(2), id="two seasons"),
        pytest.param(np.where(np.arange(5 * DAY) % 10 < 1, np.nan, days(5)), id="a minute in ten unknown"),
        pytest.param(np.where(np.arange(5 * DAY) < DAY, np.nan, days(5)), id="a day unknown, long ago"),
        pytest.param(np.zeros(3 * DAY), id="no load at all"),
    ],
)
def test_enough_past_gives_one(values: Values) -> None:
    found = surely(values)
    assert len(found.expected) == len(found.upper) == FOLLOWED


@given(places=sets(integers(0, 4 * DAY - 1), max_size=400), hole=integers(0, 4 * DAY - 150))
def test_a_minute_nobody_knows_is_never_taken_for_a_quiet_one(places: set[int], hole: int) -> None:
    """Of a load that does the same each day, gaps change nothing that is expected."""
    values = cliffs(4)
    values[sorted(places)] = np.nan
    values[hole : hole + 150] = np.nan
    whole, holed = surely(cliffs(4)), surely(values)
    assert holed.expected == whole.expected
    assert min(np.array(holed.upper) - np.array(holed.expected)) >= 0


@given(factor=floats(0.1, 10))
def test_a_load_and_its_multiple_are_foreseen_alike(factor: float) -> None:
    one = surely(noisy(5, 5))
    other = surely(noisy(5, 5) * factor, replace(NEED, target=Number(round(100_000 * factor))))
    assert other.margin.milli == pytest.approx(one.margin.milli, abs=2)
    assert other.expected[0] == pytest.approx(one.expected[0] * factor, rel=0.01)


def test_what_comes_at_the_same_minute_each_day_is_worth_following() -> None:
    found = surely(cliffs(10))
    assert found.better
    assert (found.short.milli, found.plain_short.milli > 0, found.cost.milli <= 1010) == (0, True, True)


@pytest.mark.parametrize(
    ("values", "need"),
    [
        pytest.param(np.full(5 * DAY, 1000.0), NEED, id="a steady load: nothing is ever short"),
        pytest.param(np.random.default_rng(7).exponential(1000, 5 * DAY), NEED, id="chance alone: it would cost too much"),
        pytest.param(cliffs(10), replace(NEED, season=Duration(7 * HOUR * MINUTE.ms)), id="the wrong season"),
    ],
)
def test_what_does_not_help_is_not_followed(values: Values, need: ForecastNeed) -> None:
    assert not surely(values, need).better


def test_what_costs_too_much_is_not_followed_though_it_is_short_for_less_time() -> None:
    values = noisy(10, 8, noise=0.2)
    dear = surely(values, replace(NEED, quantile=Share(500), cost=ANY))
    assert dear.better
    assert not surely(values, replace(NEED, quantile=Share(500), cost=Share(dear.cost.milli - 1))).better


def test_it_suffices_for_as_much_of_the_time_as_may_be_paid_for() -> None:
    values = noisy(10, 8, noise=0.2)
    found = [surely(values, replace(NEED, quantile=Share(950), cost=Share(cost))) for cost in (10_000, *range(1300, 999, -20))]
    settled = [one.suffices.milli for one in found]
    assert settled == sorted(settled, reverse=True)
    assert set(settled) >= {950, 800, 500}
    assert all(one.cost.milli <= one.need.cost.milli + 20 for one in found if one.suffices.milli > 500), "on the day that followed, too"
    assert [one.coverage.milli for one in found] == sorted((one.coverage.milli for one in found), reverse=True)


@pytest.mark.parametrize(
    ("moments", "values"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([(-60_000, 3.0)], [3.0], id="the minute before"),
        pytest.param([(-60_001, 2.0), (-1, 3.0)], [2.0, 3.0], id="a minute is known by any moment in it"),
        pytest.param([(-60_000, 2.0), (-30_000, 5.0)], [5.0], id="the last of a minute stands"),
        pytest.param([(-180_000, 1.0), (-60_000, 3.0)], [1.0, None, 3.0], id="a minute between is unknown"),
        pytest.param([(-60_000, 3.0), (0, 9.0)], [3.0], id="the present minute is not over"),
        pytest.param([(-11 * 60_000, 9.0), (-60_000, 3.0)], [3.0], id="what is older than asked for"),
        pytest.param([(-60_000, -3.0)], [], id="no load is below none"),
    ],
)
def test_a_value_a_minute(moments: list[tuple[int, float]], values: list[float | None]) -> None:
    found = per_minute([(Instant(AT + at), value) for at, value in moments], Duration(10 * MINUTE.ms), AT)
    assert [None if np.isnan(one) else one for one in found] == values


def test_the_peak_of_what_follows_is_unknown_where_any_of_it_is() -> None:
    found = peaks(np.array([1.0, 5.0, 2.0, np.nan, 3.0, 4.0, 1.0]), 2)
    assert [None if np.isnan(one) else one for one in found] == [5.0, None, None, 4.0, 4.0, None, None]


def test_levels_count_only_what_is_known_of_both() -> None:
    profile = np.array([10.0, 10.0, 10.0, np.nan, 10.0])
    assert levels(np.array([15.0, np.nan, 15.0, 99.0, 15.0]), profile)[-1] == 1.5
    assert levels(np.full(5, np.nan), profile).tolist() == [1.0] * 5


@pytest.mark.parametrize(
    ("size", "quantile", "ratio"),
    [
        pytest.param(9, 0.9, 9, id="of nine the largest, for the next is the tenth"),
        pytest.param(99, 0.9, 90, id="of ninety-nine the ninetieth"),
        pytest.param(3, 0.99, 3, id="no more than was ever seen"),
    ],
)
def test_a_margin_leaves_room_for_the_one_to_come(size: int, quantile: float, ratio: float) -> None:
    assert Margin(np.arange(size, 0.0, -1)).at(quantile) == ratio


def test_a_profile_is_never_of_the_same_season() -> None:
    """What a minute itself was must not help to foresee it, else every backtest flatters."""
    before, after = days(6), days(6)
    after[5 * DAY :] *= 7
    tried = [profiles(one, DAY, 0, {"model": again}) for one in (before, after)]
    for one, other in zip(*(each.values() for each in tried), strict=True):
        assert np.array_equal(one[: 6 * DAY], other[: 6 * DAY], equal_nan=True)


def again(past: Values, period: int, count: int) -> Values:
    """A model that has the last season come again."""
    return np.resize(past[-period:], count)


def earlier(past: Values, period: int, count: int) -> Values:
    """A model that knows of a season that it comes half an hour earlier each time."""
    days = [np.roll(past[-period:], -3 * number) for number in range(1, -(-count // period) + 1)]
    return np.concatenate(days)[:count]


def lost(past: Values, _: int, count: int) -> Values:
    """A model that has no answer."""
    return np.full(count, np.nan)


@pytest.mark.parametrize(
    ("model", "profile"),
    [
        pytest.param(None, "smoothed last", id="without one"),
        pytest.param(earlier, "theta", id="one that knows better"),
        pytest.param(lost, "smoothed last", id="one that knows nothing"),
    ],
)
def test_the_model_asked_for_is_followed_where_it_misses_least(model: Continued | None, profile: str) -> None:
    values = np.concatenate([np.roll(cliffs(1), -30 * day) for day in range(8)])
    need = replace(NEED, model=SeasonModel.THETA)
    found = forecast(values[: 7 * DAY + 10 * HOUR], Subject(rule="predictive[0]", need=need, hold=Duration(0)), AT, model)
    assert found is not None
    assert found.profile == profile


@pytest.mark.parametrize(
    ("hours", "begun"),
    [
        pytest.param(24, 0, id="a day that begins now"),
        pytest.param(24, 1, id="a minute ago"),
        pytest.param(24, 1439, id="that is almost over"),
        pytest.param(7, 100, id="seven hours"),
        pytest.param(168, 3000, id="a week"),
    ],
)
@pytest.mark.parametrize("ahead", [0, 200])
def test_a_model_is_told_whole_seasons_in_whole_steps_and_gives_minutes(hours: int, begun: int, ahead: int) -> None:
    span, told = hours * HOUR, set[tuple[int, bool, bool]]()

    def model(past: Values, period: int, count: int) -> Values:
        told.add((span // period, span % period == 0 and past.size % period == 0 and period <= 250, bool(np.isfinite(past).all())))
        return again(past, period, count)

    values = np.tile(np.arange(span, dtype=float), 5)[: 4 * span + begun]
    values[span + 500 : span + 550] = np.nan
    found = profiles(values, span, ahead, {"model": model}, begun=begun)["model"]
    ((step, whole, known),) = told
    assert whole
    assert known
    assert found.size == values.size + ahead
    assert np.isfinite(found[3 * span :]).all()
    rises = np.diff(found[3 * span + begun :])
    assert np.median(rises) == pytest.approx(1, abs=0.1)
    seen = found[3 * span : values.size] - values[3 * span :]
    assert np.median(np.abs(seen)) <= step


@pytest.mark.parametrize("begun", [0, 700])
@pytest.mark.parametrize("now", [3 * DAY + 701, 4 * DAY - 3, 4 * DAY, 4 * DAY + 1])
def test_what_is_foreseen_for_a_minute_knows_none_of_those_to_come(now: int, begun: int) -> None:
    """Else every backtest flatters. The model makes all it foresees of the last minutes it is told."""

    def model(past: Values, _: int, count: int) -> Values:
        return np.full(count, past[-3:].mean())

    before = days(6)[: 5 * DAY + begun]
    after = before.copy()
    after[now + 1 :] *= 7
    tried = [profiles(one, DAY, FOLLOWED + 4, {"model": model}, begun=begun) for one in (before, after)]
    for name in tried[0]:
        one, other = (Fit.of(values, each[name], 4) for values, each in zip((before, after), tried, strict=True))
        assert np.array_equal(one.foreseen[: now + 1], other.foreseen[: now + 1], equal_nan=True), name
        assert np.array_equal(one.profile[: now + FOLLOWED], other.profile[: now + FOLLOWED], equal_nan=True), name


@given(
    seen=integers(0, 9000),
    known=integers(0, 3),
    current=integers(0, 80),
    behaviour=BEHAVIOURS,
    history=PASTS,
    expected=integers(0, 9000),
)
def test_a_forecast_never_lowers_a_count(
    seen: int, known: int, current: int, behaviour: Behaviour, history: History, expected: int
) -> None:
    reacting = TargetTracking(metric=RPS, target=Number(100_000), per=Per.REPLICA)
    looking = Predictive(metric=RPS, target=Number(100_000))
    values = (expected * 1000,) * FOLLOWED
    one = replace(surely(DULL), rule="rule[1]", need=looking.foresees(), at=NOW, expected=values, upper=values, better=True)
    reading: Reading = Sample(seen * 1000, NOW) if known else Unknown(Code.MISSING)
    counts = []
    for rules, forecasts in (((reacting,), ()), ((reacting, looking), (one,))):
        read = MetricReading(metric=RPS, workload=WEB, reading=reading)
        observed = replace(observation(state(workload(current)), reading), metrics=(read,))
        policies = ClusterPolicies(cluster=SHOP, policies=(policy(*rules, behaviour=behaviour),))
        (made,) = decide(policies, observed, Histories((replace(history, forecasts=forecasts),)))
        counts.append(made.count)
    assert counts[1] >= counts[0]
