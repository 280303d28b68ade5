"""Windows and rate limits, as Kubernetes HPA v2 has them, over a past that is an argument."""

from dataclasses import replace

import pytest

from autoscaler.deciding import recommendations
from autoscaler.model.decisions import Stage
from autoscaler.model.history import History, ScaleEvent
from autoscaler.model.policies import Behaviour, Direction, Pick, RateLimit
from autoscaler.model.quantities import Duration, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import PoolName
from tests.deciding.building import FREE, MINUTE, NOW, ago, codes, decided, direction, past, policy, stage, want

FIVE = Behaviour(scale_up=direction(window=MINUTE), scale_down=direction(window=5 * MINUTE))
OLD = (6 * MINUTE, 4)
"""A recommendation from before both windows: the past is long enough."""


@pytest.mark.parametrize(
    ("wanted", "recommended", "count", "code"),
    [
        pytest.param(
            2, [OLD, (5 * MINUTE - 1, 6)], 4, Code.STABILISING_DOWN, id="down waits for the highest of the window, but does not grow to it"
        ),
        pytest.param(2, [OLD, (5 * MINUTE - 1, 3)], 3, Code.STABILISING_DOWN, id="down goes as far as the window's highest"),
        pytest.param(2, [OLD, (5 * MINUTE, 6)], 2, None, id="a recommendation as old as the window is over"),
        pytest.param(9, [OLD, (MINUTE - 1, 4)], 4, Code.STABILISING_UP, id="up waits for the lowest of its window"),
        pytest.param(9, [OLD, (MINUTE - 1, 6)], 6, Code.STABILISING_UP, id="up goes as far as its window's lowest"),
        pytest.param(9, [OLD, (MINUTE, 4)], 9, None, id="up, once its window is over"),
        pytest.param(2, [], 4, Code.NO_HISTORY, id="no history: a shrink waits a whole window"),
        pytest.param(9, [], 4, Code.STABILISING_UP, id="no history: a growth waits its own, shorter one"),
        pytest.param(2, [(MINUTE, 2)], 4, Code.NO_HISTORY, id="a history younger than the window is none yet"),
        pytest.param(4, [], 4, None, id="no history and no change: nothing to say"),
    ],
)
def test_windows(wanted: int, recommended: list[tuple[int, int]], count: int, code: Code | None) -> None:
    decision = decided(policy(want(wanted), behaviour=FIVE), 4, past(*recommended))
    assert decision.count == count
    assert [reason.code for reason in stage(decision, Stage.STABILISE).reasons] == ([code] if code else [])


def test_without_a_window_nothing_waits() -> None:
    assert decided(policy(want(2)), 4).count == 2


def test_both_counts_are_told() -> None:
    decision = decided(policy(want(2), low=3, behaviour=FIVE), 9)
    assert (decision.count, decision.recommended, decision.eventually) == (9, 2, 3)


def test_a_direction_that_is_switched_off_stays_off() -> None:
    never = Direction(stabilise=Duration(0), limits=(), pick=Pick.NONE)
    up, down = replace(FIVE, scale_up=never), replace(FIVE, scale_down=never)
    assert (decided(policy(want(9), behaviour=up), 4).eventually, decided(policy(want(2), behaviour=up), 4).eventually) == (4, 2)
    assert (decided(policy(want(9), behaviour=down), 4).eventually, decided(policy(want(2), behaviour=down), 4).eventually) == (9, 4)


def test_what_was_held_back_comes_when_its_window_is_over() -> None:
    history, counts = History(subject="shop/web"), []
    for minute in range(7):
        shifted = past(*((NOW - one.at + MINUTE, one.count) for one in history.recommendations))
        decision = decided(policy(want(2), behaviour=FIVE), 4, shifted)
        history = past(*((NOW - one.at, one.count) for one in shifted.recommendations), (0, decision.recommended))
        counts.append((minute, decision.count))
    assert [count for _, count in counts] == [4, 4, 4, 4, 4, 2, 2]


UP = [RateLimit(change=Share(1000), per=Duration(MINUTE)), RateLimit(change=4, per=Duration(MINUTE))]


@pytest.mark.parametrize(
    ("pick", "current", "events", "count"),
    [
        pytest.param(Pick.MOST, 10, [], 20, id="most: the share allows more"),
        pytest.param(Pick.MOST, 2, [], 6, id="most: the number allows more"),
        pytest.param(Pick.LEAST, 10, [], 14, id="least: the number allows less"),
        pytest.param(Pick.NONE, 10, [], 10, id="none: no change at all"),
        pytest.param(Pick.MOST, 10, [ago(1000, 5)], 10, id="what was added in the period counts against it"),
        pytest.param(Pick.MOST, 10, [ago(1000, 8)], 10, id="too much added already: it stays, and is not taken back"),
        pytest.param(Pick.MOST, 10, [ago(1000, 3)], 14, id="and leaves the rest of it"),
        pytest.param(Pick.MOST, 10, [ago(1000, -5)], 30, id="what was removed in the period counts for it"),
        pytest.param(Pick.MOST, 10, [ago(MINUTE, 5)], 20, id="an event as old as the period is over"),
        pytest.param(Pick.MOST, 10, [ago(1000, 5, foreign=True)], 20, id="other people's changes do not count"),
        pytest.param(Pick.MOST, 0, [], 4, id="from none"),
    ],
)
def test_limits_upwards(pick: Pick, current: int, events: list[ScaleEvent], count: int) -> None:
    behaviour = Behaviour(scale_up=direction(*UP, pick=pick), scale_down=FREE)
    assert decided(policy(want(100), behaviour=behaviour), current, past(events=tuple(events))).count == count


def limit(change: int | Share) -> RateLimit:
    return RateLimit(change=change, per=Duration(MINUTE))


@pytest.mark.parametrize(
    ("limits", "pick", "events", "count"),
    [
        pytest.param([limit(Share(250)), limit(1)], Pick.MOST, [], 7, id="most: what a share leaves is rounded down"),
        pytest.param([limit(Share(250)), limit(1)], Pick.LEAST, [], 9, id="least: one at a time"),
        pytest.param([limit(3)], Pick.NONE, [], 10, id="none: no change at all"),
        pytest.param([limit(3)], Pick.MOST, [ago(1000, -2)], 9, id="what was removed in the period counts against it"),
        pytest.param([limit(3)], Pick.MOST, [ago(1000, -5)], 10, id="too much removed already: it stays"),
        pytest.param([limit(3)], Pick.MOST, [ago(1000, 2)], 5, id="what was added in the period counts for it"),
        pytest.param([limit(Share(1000))], Pick.MOST, [], 0, id="all of it"),
        pytest.param([limit(50)], Pick.MOST, [], 0, id="never fewer than none"),
        pytest.param([], Pick.MOST, [], 0, id="no limit"),
    ],
)
def test_limits_downwards(limits: list[RateLimit], pick: Pick, events: list[ScaleEvent], count: int) -> None:
    behaviour = Behaviour(scale_up=FREE, scale_down=direction(*limits, pick=pick))
    assert decided(policy(want(0), behaviour=behaviour), 10, past(events=tuple(events))).count == count


def test_a_share_of_none_is_none() -> None:
    behaviour = Behaviour(scale_up=direction(limit(Share(1000))), scale_down=FREE)
    assert decided(policy(want(5), behaviour=behaviour), 0).count == 0


def test_bounds_beat_windows_and_limits() -> None:
    slow = Direction(stabilise=Duration(MINUTE), limits=(limit(1),))
    decision = decided(policy(want(1), high=5, behaviour=Behaviour(scale_up=slow, scale_down=slow)), 50)
    assert decision.count == 5


def test_somebody_elses_change_is_the_new_current_and_a_change_back_waits_a_window() -> None:
    history = past(OLD, (MINUTE, 4), events=(ago(MINUTE, 6, foreign=True),))
    decision = decided(policy(want(4), behaviour=FIVE), 10, history)
    assert (decision.count, decision.eventually) == (10, 4)
    assert Code.CHANGED_BY_OTHERS in codes(decision)


@pytest.mark.parametrize(
    ("spans", "contended"),
    [
        pytest.param([10 * MINUTE - 1, 1], True, id="twice within ten minutes"),
        pytest.param([10 * MINUTE, 1], False, id="the first as old as ten minutes"),
        pytest.param([1], False, id="once"),
    ],
)
def test_two_changes_by_others_are_a_contest_and_we_hold(spans: list[int], *, contended: bool) -> None:
    events = tuple(ago(span, 3, foreign=True) for span in spans)
    decision = decided(policy(want(9), low=4), 4, past(events=events))
    assert (Code.CONTENDED in codes(decision)) is contended
    assert decision.count == (4 if contended else 9)
    assert decision.eventually == 9


def test_a_tick_remembers_counts_before_stabilisation_and_nodes_needed() -> None:
    decision = decided(policy(want(2), behaviour=FIVE), 4)
    (replicas, pool) = recommendations((decision,), ((PoolName("general"), 3),), NOW)
    assert (replicas[0], replicas[1].count, pool[0], pool[1].count) == ("shop/web", 2, "pool:general", 3)
