"""Many votes become one count, and bounds hold whatever was voted."""

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from

from autoscaler.contracts.rule import Rule
from autoscaler.model.decisions import Stage
from autoscaler.model.policies import Mode
from autoscaler.model.reasons import Code
from tests.deciding.building import BLIND, HOLDS, at_least, at_most, codes, decided, policy, stage, want


@pytest.mark.parametrize(
    ("rules", "count"),
    [
        pytest.param([want(3), want(7), want(5)], 7, id="the highest want wins"),
        pytest.param([want(2), HOLDS], 4, id="a hold is a wish for the present count"),
        pytest.param([want(6), HOLDS], 6, id="a hold does not keep others from growing"),
        pytest.param([want(2), BLIND], 4, id="who cannot see never shrinks"),
        pytest.param([want(9), BLIND], 9, id="who cannot see does not keep others from growing"),
        pytest.param([BLIND], 4, id="nobody sees: it stays"),
        pytest.param([], 4, id="nobody votes: it stays"),
        pytest.param([at_least(2)], 4, id="a bound below is no wish"),
        pytest.param([at_least(6)], 6, id="a bound above raises"),
        pytest.param([at_most(2)], 2, id="a bound below lowers"),
        pytest.param([want(9), at_most(6), at_most(8)], 6, id="the lowest at_most binds"),
        pytest.param([want(1), at_least(6), at_least(8)], 8, id="the highest at_least binds"),
        pytest.param([want(5), at_least(8), at_most(3)], 8, id="of bounds that contradict each other, at_least wins"),
        pytest.param([BLIND, at_most(2)], 4, id="while a rule cannot see, at_most takes nothing away"),
        pytest.param([BLIND, want(9), at_most(6)], 6, id="but still keeps others from growing past it"),
        pytest.param([want(2**80)], 1000, id="a count beyond all measure stops at the maximum"),
    ],
)
def test_votes_become_one_count(rules: list[Rule], count: int) -> None:
    assert decided(policy(*rules), 4).count == count


@pytest.mark.parametrize(
    ("rule", "current", "count", "code"),
    [
        pytest.param(want(1), 4, 3, Code.AT_MINIMUM, id="a want below the minimum"),
        pytest.param(want(99), 4, 6, Code.AT_MAXIMUM, id="a want above the maximum"),
        pytest.param(at_least(99), 4, 6, Code.AT_MAXIMUM, id="an at_least above the maximum"),
        pytest.param(at_most(1), 4, 3, Code.AT_MINIMUM, id="an at_most below the minimum"),
        pytest.param(BLIND, 9, 6, Code.AT_MAXIMUM, id="a count above the maximum, though nobody sees"),
        pytest.param(want(9), 0, 0, Code.AT_NONE_BY_HAND, id="none, though the minimum is three: switched off by hand"),
        pytest.param(BLIND, 1, 3, Code.AT_MINIMUM, id="a count below the minimum, though nobody sees"),
    ],
)
def test_minimum_and_maximum_always_win(rule: Rule, current: int, count: int, code: Code) -> None:
    decision = decided(policy(rule, low=3, high=6), current)
    assert (decision.count, code in codes(decision)) == (count, True)


@pytest.mark.parametrize(
    ("mode", "wanted", "count", "code"),
    [
        pytest.param(Mode.ACTIVE, 2, 2, None, id="active shrinks"),
        pytest.param(Mode.SCALE_OUT_ONLY, 2, 4, Code.SCALE_OUT_ONLY, id="scale_out_only does not shrink"),
        pytest.param(Mode.SCALE_OUT_ONLY, 6, 6, None, id="scale_out_only grows"),
        pytest.param(Mode.RECOMMEND, 6, 4, Code.RECOMMEND_ONLY, id="recommend changes nothing"),
        pytest.param(Mode.OFF, 6, 4, Code.SWITCHED_OFF, id="off changes nothing"),
    ],
)
def test_the_mode_has_the_last_word(mode: Mode, wanted: int, count: int, code: Code | None) -> None:
    decision = decided(policy(want(wanted), mode=mode), 4)
    assert decision.count == count
    assert stage(decision, Stage.MODE).before == wanted
    assert [reason.code for reason in stage(decision, Stage.MODE).reasons] == ([code] if code else [])


def test_the_reason_names_the_rule_that_won() -> None:
    (reason,) = stage(decided(policy(want(3), want(7)), 4), Stage.COMBINE).reasons
    assert (reason.code, reason.numbers, reason.names) == (Code.HIGHEST_WANT, (7,), ("rule[1]",))


def test_every_stage_is_told_and_each_begins_where_the_one_before_ended() -> None:
    stages = decided(policy(want(7), at_most(6)), 4).stages
    assert [one.stage for one in stages] == [one for one in Stage if one is not Stage.GUARD]
    assert [one.before for one in stages] == [4, *(one.after for one in stages[:-1])]


RULES = [HOLDS, BLIND, *(make(count) for make in (want, at_least, at_most) for count in (0, 1, 3, 7, 20))]


@given(rules=lists(sampled_from(RULES), max_size=5), current=integers(0, 30), low=integers(0, 10), more=integers(0, 10))
def test_bounds_hold_whatever_is_voted(rules: list[Rule], current: int, low: int, more: int) -> None:
    count = decided(policy(*rules, low=low, high=low + more), current).count
    assert low <= count <= low + more or current == count == 0


@given(rules=lists(sampled_from(RULES), max_size=5), current=integers(0, 30))
def test_one_rule_that_cannot_see_is_enough_to_stop_a_shrink(rules: list[Rule], current: int) -> None:
    assert decided(policy(BLIND, *rules), current).count >= current
