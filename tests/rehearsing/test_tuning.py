"""Other settings of a policy: what is varied, what nothing is better than, and what is chosen."""

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, tuples

from autoscaler.model.policies import Learning
from autoscaler.model.quantities import Duration, Share
from autoscaler.rehearsing.figures import Figures
from autoscaler.rehearsing.spreading import all_tried
from autoscaler.rehearsing.tuning import Knobs, Trial, best, candidates, frontier, tried, varied
from tests.rehearsing.test_backtest import SETTING, load, policy

RULES = "[{target_tracking: {metric: cpu, target: 70%}}, {window_max: {metric: rps, target: 200, per: replica}}, {fixed: {count: 2}}]"


def trial(short: int, cost: int) -> Trial:
    figures = Figures(short_amount=0, over_amount=0, short_time=short, over_time=0, cost=cost, changes=0, worst=Duration(0))
    return Trial(knobs=None, figures=figures)


def test_targets_window_and_lessons_are_varied_and_nothing_else() -> None:
    before = policy(RULES)
    made = varied(before, Knobs(target=Share(850), window=Duration(60_000), learns=True))
    targets = [getattr(one.rule, "target", None) for one in made.rules]
    assert [str(target) for target in targets] == ["59%", "170", "None"]
    assert (made.behaviour.scale_down.stabilise, made.behaviour.learn) == (Duration(60_000), Learning())
    assert (made.behaviour.scale_up, made.behaviour.scale_down.limits) == (before.behaviour.scale_up, before.behaviour.scale_down.limits)
    assert (made.bounds, made.rules[2]) == (before.bounds, before.rules[2])


def test_without_targets_only_windows_and_lessons_are_tried() -> None:
    assert len(candidates(policy("[{fixed: {count: 2}}]"))) * 8 == len(candidates(policy(RULES)))


@given(lists(tuples(integers(0, 9), integers(0, 9)), min_size=1, max_size=20))
def test_nothing_is_better_than_the_frontier(pairs: list[tuple[int, int]]) -> None:
    trials = [trial(*pair) for pair in pairs]
    kept = {(one.figures.short_time, one.figures.cost) for one in frontier(trials)}
    for short, cost in pairs:
        beaten = any(a <= short and b <= cost and (a, b) != (short, cost) for a, b in pairs)
        assert ((short, cost) in kept) is not beaten


@pytest.mark.parametrize(
    ("most", "chosen"),
    [
        pytest.param(12, (3, 12), id="short for the least time among those that are cheap enough"),
        pytest.param(99, (1, 20), id="whatever it costs"),
        pytest.param(9, None, id="none is"),
    ],
)
def test_what_is_chosen(most: int, chosen: tuple[int, int] | None) -> None:
    found = best([trial(5, 10), trial(3, 12), trial(3, 15), trial(1, 20)], most)
    assert (found and (found.figures.short_time, found.figures.cost)) == chosen


def test_spread_over_processes_it_comes_to_the_same() -> None:
    knobs = (None, *candidates(policy())[:3])
    found = list(all_tried(policy(), knobs, load(200, 600), SETTING, workers=2, address=None))
    assert found == [tried(policy(), one, load(200, 600), SETTING) for one in knobs]
