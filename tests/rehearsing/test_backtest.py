"""Loads replayed: the engine's own decisions, figures that can be worked out by hand, and the same every time."""

import pytest

from autoscaler.config import installed, parse
from autoscaler.contracts.policy import Policy
from autoscaler.model.quantities import Duration, Instant, Share
from autoscaler.rehearsing.backtest import Replayed, Setting, backtest, demand
from autoscaler.rehearsing.figures import figures
from autoscaler.rehearsing.load import Load
from autoscaler.rehearsing.plotting import drawing
from autoscaler.rehearsing.world import Delays

TICK = Duration(15_000)
SETTING = Setting(capacity=100.0)


def policy(
    rules: str = "[{target_tracking: {metric: cpu, target: 70%}}]", behaviour: str = "{}", bounds: str = "{min: 1, max: 100}"
) -> Policy:
    text = f"""
apiVersion: autoscaler/v1
clusters: {{shop: {{simulated: {{}}}}}}
sources: {{prom: {{prometheus: {{url: "http://127.0.0.1:9"}}}}}}
metrics: {{rps: {{source: prom, query: rps}}}}
policies: {{web: {{workload: shop/web, replicas: {bounds}, rules: {rules}, behaviour: {behaviour}}}}}
"""
    (cluster,) = parse((("web.yaml", text),), installed()).clusters
    return cluster.policies.policies[0]


def load(*values: float, minutes: int = 10) -> Load:
    """Each value for so many minutes, then a step of a second to the next."""
    times = [Instant(place * minutes * 60_000 + edge) for place in range(len(values)) for edge in (0, minutes * 60_000 - 1000)]
    return Load("made", tuple(times), tuple(value for value in values for _ in range(2)))


def test_demand_is_the_fewest_that_bear_it() -> None:
    assert demand([0.0, 80.0, 80.1, 400.0], SETTING) == [1, 1, 2, 5]
    assert demand([400.0], Setting(capacity=100.0, bears=Share(1000))) == [4]


def test_figures_by_hand() -> None:
    found = figures([2, 2, 4, 4], [2, 4, 4, 2], TICK)
    assert (found.short_time, found.short_amount, found.over_time, found.over_amount) == (25_000, 12_500, 25_000, 25_000)
    assert (found.cost, found.changes, found.worst) == (1000, 1000 * 86_400 // 60, TICK)


def test_a_step_is_followed_after_lag_and_start_delay() -> None:
    found = backtest(policy(), load(280, 560, minutes=10), SETTING)
    first = found.changes[0]
    assert (first.decision.current, first.decision.count) == (4, 6)
    assert 600_000 // TICK.ms <= first.tick <= (600_000 + 45_000) // TICK.ms
    assert found.ready[-1] == 8
    assert 60_000 <= found.figures.worst.ms <= 240_000


def test_utilisation_never_shows_more_than_all() -> None:
    found = backtest(policy(), load(280, 2800, minutes=20), SETTING)
    assert [change.decision.count for change in found.changes][:3] == [6, 9, 13]


def test_a_total_shows_the_whole_load_at_once() -> None:
    rules = "[{target_tracking: {metric: rps, target: 70, per: replica}}]"
    free = "{scale_up: {limits: [{change: 100, per: 15s}]}}"
    found = backtest(policy(rules, free), load(280, 2800, minutes=20), SETTING)
    assert [change.decision.count for change in found.changes] == [40]


def test_without_any_window_it_follows_at_once() -> None:
    found = backtest(policy(behaviour="{scale_down: {stabilise: 0s}}"), load(560, 140, minutes=20), SETTING)
    assert found.ready[-1] == 2


def test_windows_hold_as_in_the_service() -> None:
    found = backtest(policy(), load(560, 140, minutes=20), SETTING)
    fell = next(change for change in found.changes if change.decision.count < change.decision.current)
    assert 1_200_000 + 300_000 <= fell.tick * TICK.ms <= 1_200_000 + 360_000


def test_a_machine_that_must_come_first_makes_it_short_for_longer() -> None:
    together = Setting(capacity=100.0, delays=Delays(per_machine=4))
    apart = backtest(policy(), load(280, 560), SETTING).figures.worst
    assert backtest(policy(), load(280, 560), together).figures.worst.ms == apart.ms + 120_000


def test_a_policy_that_learns_is_taught_on_the_way() -> None:
    waves = load(*[200, 600] * 12, minutes=5)
    plain, taught = (backtest(policy(behaviour=behaviour), waves, SETTING) for behaviour in ("{}", "{learn: {over: 1h}}"))
    assert taught.figures.short_time < plain.figures.short_time


@pytest.mark.parametrize(
    "rule", ["{window_max: {metric: rps, target: 70, per: replica}}", "{step: {metric: cpu, out: [{from: 75%, add: 1}]}}"]
)
def test_the_same_replayed_twice_is_the_same(rule: str) -> None:
    def once() -> Replayed:
        return backtest(policy(f"[{rule}]"), load(200, 900, 100, minutes=7), SETTING)

    first, second = once(), once()
    assert first == second
    assert drawing(load(200, 900), [1], SETTING, [first]) == drawing(load(200, 900), [1], SETTING, [second])
