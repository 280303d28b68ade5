"""Recordings decided frame by frame, to the letter of Kubernetes HPA v2 (1.34): guards, windows, limits, conditions, what is kept."""

from dataclasses import replace

import pytest

from autoscaler.model.history import Histories, Recommendation, ScaleEvent
from autoscaler.model.quantities import Instant
from autoscaler.model.reasons import Code
from autoscaler.model.recordings import Frame
from autoscaler.model.samples import MetricOf, PerReplica, Reading, Unknown
from tests.engine.sequences import SECOND, START, causes, decided, frame, past, policies

FREE = "{scale_up: {stabilise: 0s, limits: [{change: 999999%, per: 1m}]}, scale_down: {stabilise: 0s}}"
WINDOWS = "{scale_up: {stabilise: 1m, limits: [{change: 999999%, per: 1m}]}, scale_down: {stabilise: 5m}}"
LEGACY = "{legacy: {}}"
RANGE, READY, RESCALED = "!DesiredWithinRange", "ReadyForNewScale", "SucceededRescale"


def limits(*up: str, down: str = "100%", pick: str = "most") -> str:
    """Limits without windows: `4/60` is four a minute."""
    ups, downs = (
        ", ".join(f"{{change: {change}, per: {per}s}}" for change, _, per in (one.partition("/") for one in which))
        for which in (up or ("100%/15",), (down if "/" in down else f"{down}/15",))
    )
    return f"{{scale_up: {{limits: [{ups}], pick: {pick}}}, scale_down: {{stabilise: 0s, limits: [{downs}], pick: {pick}}}}}"


@pytest.mark.parametrize(
    ("current", "low", "high", "rps", "count", "active", "able"),
    [
        pytest.param(0, 1, 10, 500, 0, "!ScalingDisabled", "SucceededGetScale", id="none, though the minimum is one: switched off by hand"),
        pytest.param(0, 0, 10, 500, 4, "ValidMetricFound", RESCALED, id="none, and none is allowed: the metrics decide"),
        pytest.param(20, 1, 10, 100, 10, None, RESCALED, id="above the maximum: there at once, whatever the metrics say"),
        pytest.param(2, 5, 10, 900, 5, None, RESCALED, id="below the minimum: there at once, and no further"),
        pytest.param(10, 1, 10, 2000, 10, "ValidMetricFound", READY, id="at the maximum the metrics decide"),
    ],
)
def test_bounds_come_before_metrics(current: int, low: int, high: int, rps: int, count: int, active: str | None, able: str) -> None:
    (one,) = decided(policies(low=low, high=high), frame(0, current, rps=rps, jobs=1))
    found = causes(one)
    assert (one.decision.count, found.get("ScalingActive"), found["AbleToScale"]) == (count, active, able)


@pytest.mark.parametrize(
    ("rps", "jobs", "current", "count", "active"),
    [
        pytest.param(300, 90, 5, 9, "ValidMetricFound", id="the highest wins"),
        pytest.param(300, None, 5, 5, "!FailedGetExternalMetric", id="one failed: nothing shrinks"),
        pytest.param(900, None, 5, 9, "ValidMetricFound", id="one failed: the other may still grow"),
        pytest.param(500, None, 5, 5, "ValidMetricFound", id="one failed, the other is content"),
        pytest.param(None, None, 5, 5, "!FailedGetExternalMetric", id="all failed: nothing moves"),
    ],
)
def test_several_metrics(rps: int | None, jobs: int | None, current: int, count: int, active: str) -> None:
    (one,) = decided(policies(FREE), frame(0, current, rps=rps, jobs=jobs))
    assert (one.decision.count, causes(one)["ScalingActive"]) == (count, active)


@pytest.mark.parametrize(
    ("reading", "cause"),
    [
        pytest.param(Unknown(Code.MISSING), "FailedGetExternalMetric", id="of something outside, unless it says so"),
        pytest.param(Unknown(Code.MISSING, of=MetricOf.EXTERNAL), "FailedGetExternalMetric", id="of something outside"),
        pytest.param(Unknown(Code.MISSING, of=MetricOf.OBJECT), "FailedGetObjectMetric", id="of an object"),
        pytest.param(Unknown(Code.MISSING, of=MetricOf.PODS), "FailedGetPodsMetric", id="of the pods"),
        pytest.param(PerReplica(()), "FailedGetPodsMetric", id="of the pods, none of which has a sample"),
    ],
)
def test_what_could_not_be_read_is_told_by_what_it_is_of(reading: Reading, cause: str) -> None:
    seen = frame(0, 5, jobs=1).observation
    rps, jobs = seen.metrics
    (one,) = decided(policies(FREE), Frame(observation=replace(seen, metrics=(replace(rps, reading=reading), jobs)), histories=Histories()))
    assert (one.decision.count, causes(one)["ScalingActive"]) == (5, f"!{cause}")


@pytest.mark.parametrize(
    ("rps", "jobs", "count", "active"),
    [
        pytest.param(None, None, 5, "!FailedGetExternalMetric", id="all failed: nothing moves, whatever was recommended"),
        pytest.param(300, None, 5, "!FailedGetExternalMetric", id="one failed, the other would have fewer: nor then"),
        pytest.param(500, None, 8, "ValidMetricFound", id="one failed, the other is content: the window's highest"),
        pytest.param(900, None, 9, "ValidMetricFound", id="one failed, the other wants more: that"),
    ],
)
def test_blind_the_legacy_way_raises_nothing(rps: int | None, jobs: int | None, count: int, active: str) -> None:
    (one,) = decided(policies(LEGACY), frame(0, 5, rps=rps, jobs=jobs, history=past([(60, 8)])))
    assert (one.decision.count, causes(one)["ScalingActive"]) == (count, active)


def test_without_a_window_the_legacy_way_waits_for_nothing() -> None:
    (one,) = decided(policies("{legacy: {window: 0s}}"), frame(0, 5, 1))
    assert one.decision.count == 1


def test_a_recommendation_takes_the_place_of_the_last_that_is_over() -> None:
    (one,) = decided(policies(WINDOWS), frame(0, 10, 3, history=past([(600, 10), (540, 9)])))
    assert [(each.at - START) // SECOND for each in one.kept.recommendations] == [-600, 0]


@pytest.mark.parametrize(
    ("behaviour", "recommended", "current", "proposal", "count", "able"),
    [
        pytest.param(WINDOWS, [], 10, 3, 3, RESCALED, id="a past in which nothing was recommended holds nothing back"),
        pytest.param(WINDOWS, [(299, 8)], 10, 3, 8, RESCALED, id="down to the highest of the window"),
        pytest.param(WINDOWS, [(300, 8)], 10, 3, 3, RESCALED, id="what is as old as the window is over"),
        pytest.param(WINDOWS, [(200, 12)], 10, 3, 10, "ScaleDownStabilized", id="down holds, and does not grow"),
        pytest.param(WINDOWS, [(59, 12)], 10, 20, 12, RESCALED, id="up to the lowest of its window"),
        pytest.param(WINDOWS, [(59, 4)], 10, 20, 10, "ScaleUpStabilized", id="up holds, and does not shrink"),
        pytest.param(WINDOWS, [(60, 4), (200, 30)], 10, 20, 20, RESCALED, id="the other window says nothing of a growth"),
        pytest.param(WINDOWS, [(30, 4), (40, 16)], 10, 10, 10, READY, id="to and fro: it stays"),
        pytest.param(WINDOWS, [(600, 10), (60, 4), (120, 5), (540, 9)], 100, 3, 5, RESCALED, id="in whatever order they are told"),
        pytest.param(LEGACY, [(300, 8)], 10, 3, 8, RESCALED, id="legacy: the window's edge belongs to it"),
        pytest.param(LEGACY, [(301, 8)], 10, 3, 3, RESCALED, id="legacy: beyond it, it is over"),
        pytest.param(LEGACY, [(200, 14)], 10, 3, 14, RESCALED, id="legacy: it even grows to the window's highest"),
        pytest.param(LEGACY, [(200, 10)], 10, 3, 10, "ScaleDownStabilized", id="legacy: holds"),
        pytest.param("{legacy: {window: 1m}}", [(61, 8)], 10, 3, 3, RESCALED, id="legacy: its window can be set"),
    ],
)
def test_windows(behaviour: str, recommended: list[tuple[int, int]], current: int, proposal: int, count: int, able: str) -> None:
    (one,) = decided(policies(behaviour), frame(0, current, proposal, history=past(recommended)))
    assert (one.decision.count, causes(one)["AbleToScale"]) == (count, able)


@pytest.mark.parametrize(
    ("behaviour", "changed", "current", "proposal", "count", "limited"),
    [
        pytest.param(limits("4/60"), [], 10, 20, 14, "ScaleUpLimit", id="up by a number"),
        pytest.param(limits("50%/60"), [], 5, 20, 8, "ScaleUpLimit", id="up by a share, rounded up"),
        pytest.param(limits("10%/60"), [], 50, 80, 56, "ScaleUpLimit", id="up by a share, in floats as HPA reckons"),
        pytest.param(limits("100%/60"), [], 0, 20, 0, "ScaleUpLimit", id="up by a share of none"),
        pytest.param(limits("4/60", "100%/60"), [], 3, 20, 7, "ScaleUpLimit", id="most: the larger change"),
        pytest.param(limits("4/60", "100%/60", pick="least"), [], 3, 20, 6, "ScaleUpLimit", id="least: the smaller change"),
        pytest.param(limits("4/60", pick="none"), [], 3, 20, 3, "ScaleUpLimit", id="none: no growth"),
        pytest.param(limits(pick="none"), [], 9, 2, 9, "ScaleDownLimit", id="none: no shrinking"),
        pytest.param(limits("4/60"), [(59, 3)], 10, 20, 11, "ScaleUpLimit", id="what was added in the period counts"),
        pytest.param(limits("4/60"), [(60, 3)], 10, 20, 14, "ScaleUpLimit", id="what was added as long ago as the period does not"),
        pytest.param(limits("4/60"), [(10, 8)], 10, 20, 10, "ScaleUpLimit", id="more was added than the limit: no growth, no shrinking"),
        pytest.param(limits("4/60"), [(10, -3)], 10, 20, 17, "ScaleUpLimit", id="what was taken away in it may come back"),
        pytest.param(limits("4/60"), [(10, 15)], 10, 20, 10, "ScaleUpLimit", id="a period that began below none"),
        pytest.param(limits(down="2/60"), [], 10, 1, 8, "ScaleDownLimit", id="down by a number"),
        pytest.param(limits(down="25%/60"), [], 10, 1, 7, "ScaleDownLimit", id="down by a share, cut off"),
        pytest.param(limits(down="2/60"), [(20, -1)], 10, 1, 9, "ScaleDownLimit", id="what was taken away in the period counts"),
        pytest.param(limits(down="2/60"), [(20, 3)], 10, 1, 5, "ScaleDownLimit", id="what was added in it may go again"),
        pytest.param(limits(down="300%/60"), [], 10, 0, 1, "TooFewReplicas", id="more than all: the minimum holds"),
        pytest.param(limits("100/60"), [], 90, 500, 100, "TooManyReplicas", id="the maximum holds"),
        pytest.param(limits("10/60"), [], 90, 500, 100, "TooManyReplicas", id="limit and maximum agree: the maximum is told"),
        pytest.param(limits("100/60"), [], 9, 30, 30, RANGE, id="within all"),
        pytest.param(limits("4/60"), [], 9, 9, 9, RANGE, id="no change"),
        pytest.param(LEGACY, [], 10, 50, 20, "ScaleUpLimit", id="legacy: twice the count"),
        pytest.param(LEGACY, [], 1, 50, 4, "ScaleUpLimit", id="legacy: four at least"),
        pytest.param(LEGACY, [], 60, 200, 100, "TooManyReplicas", id="legacy: the maximum"),
        pytest.param(LEGACY, [], 60, 0, 1, "TooFewReplicas", id="legacy: the minimum"),
        pytest.param("{legacy: {factor: 1.5, minimum: 3}}", [], 10, 50, 15, "ScaleUpLimit", id="legacy: the factor can be set"),
        pytest.param("{legacy: {factor: 1.5, minimum: 3}}", [], 1, 50, 3, "ScaleUpLimit", id="legacy: so can its minimum"),
    ],
)
def test_limits(behaviour: str, changed: list[tuple[int, int]], current: int, proposal: int, count: int, limited: str) -> None:
    chosen = policies(behaviour, low=0 if current == 0 else 1)
    (one,) = decided(chosen, frame(0, current, proposal, history=past(changed=changed)))
    assert (one.decision.count, causes(one)["ScalingLimited"]) == (count, limited)


def test_a_first_frame_begins_with_the_present_count() -> None:
    first, held, over = decided(policies(), frame(0, 10, 3), frame(299, 10, 3), frame(300, 10, 3))
    assert [one.decision.count for one in (first, held, over)] == [10, 10, 3]
    assert first.kept.recommendations == (Recommendation(Instant(START), 10), Recommendation(Instant(START), 3))


def test_what_was_decided_counts_against_the_limits_of_what_comes_after() -> None:
    chosen = policies(limits("4/60"))
    counts = [one.decision.count for one in decided(chosen, frame(0, 10, 50), frame(15, 14, 50), frame(59, 14, 50), frame(60, 14, 50))]
    assert counts == [14, 14, 14, 18]


def test_a_change_by_hand_is_no_event_and_holds_nothing_back() -> None:
    _, after = decided(policies(FREE), frame(0, 10, 10), frame(15, 30, 10))
    assert (after.decision.count, after.kept.events) == (10, (ScaleEvent(Instant(START + 15 * SECOND), -20),))


def test_what_could_not_be_seen_is_not_recommended() -> None:
    _, blind, after = decided(policies(), frame(0, 10, rps=1000), frame(301, 10), frame(302, 10, rps=100, jobs=1))
    assert [one.count for one in blind.kept.recommendations] == [10, 10]
    assert (blind.decision.count, after.decision.count) == (10, 1)


def test_a_bound_passed_is_changed_and_recommends_nothing() -> None:
    one, after = decided(policies(low=5), frame(0, 2, rps=100), frame(15, 5, rps=600, jobs=1))
    assert [(kept.change) for kept in one.kept.events] == [3]
    assert [kept.count for kept in one.kept.recommendations] == [2]
    assert causes(after)["ScalingActive"] == "ValidMetricFound"


def test_conditions_that_are_not_judged_stay_as_they_were() -> None:
    found = [causes(one) for one in decided(policies(high=20), frame(0, 10, 30), frame(15, 25, 30))]
    assert found[0]["ScalingLimited"] == found[1]["ScalingLimited"] == "TooManyReplicas"
    assert found[1]["ScalingActive"] == "ValidMetricFound"


def test_a_new_event_takes_the_place_of_the_last_that_is_over() -> None:
    history = past(changed=[(500, 1), (400, 2), (30, 1), (450, -1)])
    (one,) = decided(policies(limits("4/60", down="1/600")), frame(0, 10, 12, history=history))
    assert [event.change for event in one.kept.events] == [1, 2, 1, -1]
    assert [event.at for event in one.kept.events][1] == START


def test_legacy_keeps_no_events() -> None:
    (one,) = decided(policies(LEGACY), frame(0, 10, 15, history=past()))
    assert (one.decision.count, one.kept.events) == (15, ())


def test_a_frame_that_tells_its_past_forgets_what_came_before() -> None:
    _, told = decided(policies(), frame(0, 10, 3), frame(15, 10, 3, history=past()))
    assert told.decision.count == 3


def test_no_rule_is_asked_where_a_proposal_is_given() -> None:
    (one,) = decided(policies(FREE), frame(0, 5, 8, rps=10_000))
    assert (one.decision.count, [vote.rule for vote in one.decision.votes]) == (8, ["proposal"])
