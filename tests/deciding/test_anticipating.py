"""What a lesson makes of a count, and when there is none to follow."""

from dataclasses import replace

import pytest

from autoscaler.contracts.policy import NamedRule, Policy
from autoscaler.deciding.anticipate import OLD
from autoscaler.deciding.case import Case
from autoscaler.deciding.combine import combine
from autoscaler.deciding.stabilise import stabilise
from autoscaler.model.decisions import RuleVote
from autoscaler.model.history import History, Lesson, Recommendation, ScaleEvent
from autoscaler.model.policies import Behaviour, Bounds, Learning
from autoscaler.model.quantities import Duration, Instant, Share
from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import ClusterName, PolicyName, WorkloadRef
from autoscaler.model.votes import Vote
from autoscaler_policies.fixed import Fixed

NOW = Instant(10**9)
WEB = WorkloadRef(ClusterName("shop"), "web")
RULES = (NamedRule(name="fixed[0]", rule=Fixed(count=1)),)
TAUGHT = Lesson(
    at=Instant(NOW - 60_000),
    hold=Duration(60_000),
    ahead=Share(1000),
    lead=Duration(120_000),
    reserve=Share(800),
    floor=0,
    short=Share(10),
    plain_short=Share(30),
    cost=Share(1000),
)
"""The most of a minute, with the whole of each rise carried on."""


def case(*past: tuple[int, int], current: int = 10, lesson: Lesson | None = TAUGHT, learn: Learning | None = Learning()) -> Case:  # noqa: B008 - frozen
    """`past`: seconds ago and the count recommended then."""
    policy = Policy(name=PolicyName("web"), workload=WEB, bounds=Bounds(min=1, max=99), rules=RULES, behaviour=Behaviour(learn=learn))
    told = tuple(Recommendation(Instant(NOW - 1000 * seconds), count) for seconds, count in past)
    history = History(subject=str(WEB), began=Instant(0), recommendations=told, lesson=lesson)
    return Case(policy=policy, current=current, votes=(), history=history, now=NOW)


@pytest.mark.parametrize(
    ("past", "count", "after"),
    [
        pytest.param(((600, 10), (15, 10)), 10, 10, id="a steady load is what it is"),
        pytest.param(((600, 10), (60, 12), (15, 10)), 10, 15, id="a rise within the hold stands, carried on: 12 + 2 x 165 s / 120 s"),
        pytest.param(((600, 12), (200, 12), (61, 12), (15, 10)), 10, 10, id="what is older than the hold is over"),
        pytest.param(((600, 10), (120, 10), (15, 10)), 14, 20, id="14 after 10 two minutes ago rises by 5.5 more until it serves"),
        pytest.param(((600, 20), (120, 20), (15, 16)), 14, 16, id="a fall is not carried on"),
        pytest.param((), 14, 14, id="without a past there is no rise"),
    ],
)
def test_the_most_of_the_hold_with_its_rise_carried_on(past: tuple[tuple[int, int], ...], count: int, after: int) -> None:
    assert stabilise(case(*past), count).after == after


@pytest.mark.parametrize(
    ("outlook", "after", "code"),
    [
        pytest.param((9, 25, 11), 25, Code.EXPECTED_AGAIN, id="what the outlook has for this minute"),
        pytest.param((25, 9, 11), 10, None, id="not for another one"),
        pytest.param((25,), 10, None, id="none for so late"),
        pytest.param((), 10, None, id="no outlook"),
    ],
)
def test_what_is_expected_again_is_kept_ready(outlook: tuple[int, ...], after: int, code: Code | None) -> None:
    """The lesson is a minute old."""
    found = stabilise(case((600, 10), (15, 10), lesson=replace(TAUGHT, outlook=outlook)), 10)
    assert (found.after, [reason.code for reason in found.reasons]) == (after, [code] if code else [])


def test_never_fewer_than_the_reserve() -> None:
    taught = replace(TAUGHT, floor=13)
    result = stabilise(case((600, 10), (15, 10), lesson=taught), 10)
    assert (result.after, result.reasons[0].code) == (13, Code.KEPT_IN_RESERVE)
    assert result.reasons[0].names == ("80%",)


PAST = ((600, 10), (200, 10), (15, 4))


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(case(*PAST, learn=None), id="a policy that does not learn"),
        pytest.param(case(*PAST, lesson=None), id="nothing learned yet"),
        pytest.param(case(*PAST, lesson=replace(TAUGHT, at=Instant(NOW - OLD - 1))), id="a lesson of another day"),
    ],
)
def test_without_a_lesson_the_windows_hold(at: Case) -> None:
    assert stabilise(case(*PAST), 4).after == 4
    assert stabilise(at, 4).after == 10


def test_somebody_elses_count_holds_for_the_whole_window() -> None:
    foreign = ScaleEvent(Instant(NOW - 60_000), 3, foreign=True)
    changed = case(*PAST)
    assert stabilise(replace(changed, history=replace(changed.history, events=(foreign,))), 4).after == 10


NEAR = Vote.hold(Reason(Code.NEAR_TARGET), asks=9)


@pytest.mark.parametrize(
    ("learn", "vote", "count"),
    [
        pytest.param(Learning(), NEAR, 9, id="near its target, a policy that learns takes what the load asks for"),
        pytest.param(None, NEAR, 10, id="any other stays"),
        pytest.param(Learning(), Vote.hold(Reason(Code.BETWEEN_STEPS)), 10, id="as it does where a rule says no more than hold"),
        pytest.param(Learning(), Vote.want(12, Reason(Code.OFF_TARGET)), 12, id="a want is a want"),
    ],
)
def test_a_hold_counts_as_what_the_load_asks_for(learn: Learning | None, vote: Vote, count: int) -> None:
    asked = replace(case(learn=learn), votes=(RuleVote(rule="target_tracking[0]", vote=vote),))
    assert combine(asked, 10).after == count


def test_no_lesson_passes_a_rules_at_most() -> None:
    bound = RuleVote(rule="schedule[0]", vote=Vote.at_most(12))
    taught = replace(TAUGHT, floor=30, outlook=(0, 40))
    assert stabilise(replace(case(lesson=taught), votes=(bound,)), 10).after == 12
    assert stabilise(case(lesson=taught), 10).after == 40
