"""Rules that look back: the most of a window (Google Cloud), and a short window that may panic (Knative). The past is their own note."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists

from autoscaler.contracts.rule import Rule, Situation, Target
from autoscaler.errors import PolicyError
from autoscaler.model.history import History, Note, ScaleEvent
from autoscaler.model.quantities import Duration, Instant, Number, Share
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName
from autoscaler.model.samples import Sample, Unknown
from autoscaler.model.votes import Vote
from autoscaler.testing.rules import RuleContract
from autoscaler_policies.panic import Panic
from autoscaler_policies.target_tracking import Per
from autoscaler_policies.window_max import ScaleIn, WindowMax

RPS, SHORT = MetricName("rps"), MetricName("rps_6s")
MINUTE, TICK = 60_000, 15_000
TEN = WindowMax(metric=RPS, target=Number(100_000), per=Per.REPLICA)
TWENTY_A_WINDOW = replace(TEN, window=Duration(TICK), scale_in=ScaleIn(at_most=2, within=Duration(20 * MINUTE)))
KNATIVE = Panic(metric=RPS, short=SHORT, target=Number(100_000), per=Per.REPLICA)


def told(
    rule: Rule, totals: Sequence[tuple[int | None, ...]], replicas: int = 4, ready: int = 4, events: tuple[ScaleEvent, ...] = ()
) -> list[Vote]:
    """A vote a tick, each told what the one before noted; `totals`: the metrics' values in the order of the rule's needs."""
    votes: list[Vote] = []
    note: Note | None = None
    for number, values in enumerate(totals):
        now = Instant(10_000_000 + number * TICK)
        samples = {
            need.metric: Unknown(Code.MISSING) if value is None else Sample(value * 1000, now)
            for need, value in zip(rule.needs(), values, strict=True)
        }
        history = History(subject="shop/web", events=events)
        target = Target(name="shop/web", replicas=replicas, ready=ready)
        votes.append(rule.vote(Situation(target=target, now=now, samples=samples, note=note, history=history)))
        note = Note("rule[0]", now, votes[-1].note)
    return votes


def counts(votes: list[Vote]) -> list[int | None]:
    return [vote.count for vote in votes]


def test_the_most_of_the_window_is_wanted_until_it_is_over() -> None:
    totals = [(400,), (900,), (300,), (600,), *[(200,)] * 40]
    found = counts(told(TEN, totals))
    assert found[:4] == [4, 9, 9, 9]
    assert found[40:44] == [9, 6, 6, 2]


def test_only_what_may_still_be_the_most_is_noted() -> None:
    falling = told(TEN, [(900,), (700,), (500,), (600,)])[-1]
    assert list(falling.note[1::2]) == [9, 7, 6]


def test_what_cannot_be_seen_forgets_nothing() -> None:
    found = told(TEN, [(900,), (None,), (200,)])
    assert [vote.kind.value for vote in found] == ["want", "unknown", "want"]
    assert found[-1].count == 9


@pytest.mark.parametrize(
    ("replicas", "events", "total", "count"),
    [
        pytest.param(10, (), 100, 8, id="two below the ten there are"),
        pytest.param(9, (ScaleEvent(Instant(9_990_000), -1),), 100, 8, id="one has gone already"),
        pytest.param(8, (ScaleEvent(Instant(9_990_000), -2),), 100, 8, id="two have gone already: it stays"),
        pytest.param(8, (ScaleEvent(Instant(10_000_000 - 20 * MINUTE), -2),), 100, 6, id="that was long enough ago"),
        pytest.param(5, (ScaleEvent(Instant(9_990_000), -5, foreign=True),), 100, 5, id="somebody else took five: none comes back for it"),
        pytest.param(10, (), 900, 9, id="fewer go than might"),
        pytest.param(10, (), 1500, 15, id="a growth is not held"),
    ],
)
def test_scale_in_is_held_by_the_largest_size_of_its_time(replicas: int, events: tuple[ScaleEvent, ...], total: int, count: int) -> None:
    assert counts(told(TWENTY_A_WINDOW, [(total,)], replicas, replicas, events)) == [count]


def test_a_share_of_the_largest_size() -> None:
    rule = replace(TWENTY_A_WINDOW, scale_in=ScaleIn(at_most=Share(250), within=Duration(MINUTE)))
    assert counts(told(rule, [(100,)], 10, 10)) == [8]


@pytest.mark.parametrize(
    ("totals", "found"),
    [
        pytest.param([(400, 400)], [4], id="calm: the long window counts"),
        pytest.param([(400, 700)], [4], id="less than twice what is ready: no panic"),
        pytest.param([(400, 701)], [8], id="rounded up it is twice: panic"),
        pytest.param([(900, 801)], [9], id="in panic the larger of both"),
        pytest.param([(400, 1200), (300, 300), (200, 200)], [12, 12, 12], id="nothing goes down in panic"),
        pytest.param([(400, 1200), (500, 1500)], [12, 15], id="it may still grow"),
        pytest.param([(400, 900), *[(300, 300)] * 5], [9, 9, 9, 9, 9, 3], id="a window after it was last over it ends"),
        pytest.param([(400, 900), (300, 300), (400, 900), *[(300, 300)] * 5], [9, 9, 9, 9, 9, 9, 9, 3], id="each time anew"),
        pytest.param([(100, 100)], [2], id="at most half go at one tick"),
        pytest.param([(400, 900), (None, 900), (300, 300)], [9, None, 9], id="a blind tick forgets no panic"),
        pytest.param(
            [(400, 1200), *[(None, None)] * 5, (400, 900)], [12, *[None] * 5, 12], id="over again after a gap, it has never been left"
        ),
    ],
)
def test_panic(totals: list[tuple[int | None, ...]], found: list[int | None]) -> None:
    assert counts(told(KNATIVE, totals)) == found


def test_the_rise_of_one_tick_is_bounded() -> None:
    assert counts(told(replace(KNATIVE, up=Number(2000)), [(400, 5000)])) == [8]
    assert counts(told(KNATIVE, [(0, 500)], replicas=0, ready=0)) == [5]


@given(lists(integers(0, 5000), min_size=1, max_size=60))
def test_the_note_is_always_the_falling_tops_of_the_window(totals: list[int]) -> None:
    *_, last = told(TEN, [(total,) for total in totals])
    tops = list(last.note[1::2])
    assert tops == sorted(tops, reverse=True)
    assert last.count == max(-(-total // 100) for total in totals[-40:])


@pytest.mark.parametrize("note", [pytest.param((1,), id="half a pair"), pytest.param((5, 7, 9), id="a pair and a half")])
@pytest.mark.parametrize("rule", [TEN, KNATIVE], ids=["window_max", "panic"])
def test_a_note_of_something_else_breaks_nothing(rule: Rule, note: tuple[int, ...]) -> None:
    now = Instant(10_000_000)
    samples = {need.metric: Sample(400_000, now) for need in rule.needs()}
    situation = Situation(target=Target(name="w", replicas=4, ready=4), now=now, samples=samples, note=Note("rule[0]", now, note))
    assert rule.vote(situation).count == 4


@pytest.mark.parametrize(
    ("make", "says"),
    [
        pytest.param(lambda: replace(TEN, window=Duration(0)), "a window of 0s", id="no window"),
        pytest.param(lambda: replace(TEN, window=Duration(3_600_001)), "too much", id="a window longer than an hour"),
        pytest.param(lambda: WindowMax(metric=MetricName("cpu"), target=Number(60)), "is a number", id="cpu as a number"),
        pytest.param(lambda: ScaleIn(at_most=0, within=Duration(1)), "nothing ever goes", id="a control that holds all"),
        pytest.param(lambda: ScaleIn(at_most=Share(0), within=Duration(1)), "nothing ever goes", id="or a share of 0%"),
        pytest.param(lambda: ScaleIn(at_most=1, within=Duration(0)), "looks at nothing", id="a control of no time"),
        pytest.param(lambda: replace(KNATIVE, short=RPS), "the same metric", id="both windows the same"),
        pytest.param(lambda: replace(KNATIVE, threshold=Share(1000)), "panics at its target", id="a threshold at the target"),
        pytest.param(lambda: replace(KNATIVE, down=Number(1000)), "nothing moves", id="a rate of one"),
    ],
)
def test_what_makes_no_sense_is_refused(make: object, says: str) -> None:
    assert callable(make)
    with pytest.raises(PolicyError, match=says):
        make()


class TestWindowMax(RuleContract):
    @pytest.fixture(params=["total", "share"])
    def rule(self, request: pytest.FixtureRequest) -> Rule:
        share = WindowMax(metric=MetricName("cpu"), target=Share(600), scale_in=ScaleIn(at_most=2, within=Duration(MINUTE)))
        return TEN if request.param == "total" else share


class TestPanic(RuleContract):
    @pytest.fixture
    def rule(self) -> Rule:
        return KNATIVE
