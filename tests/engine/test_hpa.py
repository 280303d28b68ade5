"""Whole sequences of proposals, against a second opinion on what Kubernetes HPA (release 1.34) makes of them."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autoscaler.contracts.policy import ClusterPolicies
from autoscaler.model.history import ScaleEvent
from autoscaler.model.policies import Behaviour, Bounds, Direction, Legacy, Pick, RateLimit
from autoscaler.model.quantities import Duration, Number, Share
from tests.engine.hpa import Hpa
from tests.engine.sequences import START, decided, frame, policies

SECONDS = st.sampled_from([0, 15, 30, 60, 90, 300])
LIMITS = st.builds(
    RateLimit,
    change=st.integers(1, 8) | st.sampled_from([5, 10, 33, 50, 100, 150]).map(lambda percent: Share(percent * 10)),
    per=st.sampled_from([15, 30, 60, 600]).map(lambda seconds: Duration(seconds * 1000)),
)
DIRECTIONS = st.builds(
    Direction,
    stabilise=SECONDS.map(lambda seconds: Duration(seconds * 1000)),
    limits=st.lists(LIMITS, min_size=1, max_size=3).map(tuple),
    pick=st.sampled_from(Pick),
)
LEGACIES = st.builds(
    Legacy,
    window=SECONDS.map(lambda seconds: Duration(seconds * 1000)),
    factor=st.sampled_from([1000, 1150, 1500, 2000, 3000]).map(Number),
    minimum=st.integers(0, 6),
)
BEHAVIOURS = st.builds(Behaviour, scale_up=DIRECTIONS, scale_down=DIRECTIONS) | st.builds(Behaviour, legacy=LEGACIES)
STEPS = st.lists(
    st.tuples(st.sampled_from([15, 15, 15, 30, 60, 301]), st.integers(0, 60), st.none() | st.integers(0, 60)), min_size=1, max_size=25
)
"""Seconds since the step before, the proposal, and the count somebody has set by hand meanwhile."""


MADE = policies()


def policy(behaviour: Behaviour, low: int, high: int) -> ClusterPolicies:
    (only,) = MADE.policies
    return replace(MADE, policies=(replace(only, behaviour=behaviour, bounds=Bounds(min=low, max=high)),))


@given(behaviour=BEHAVIOURS, low=st.integers(0, 5), more=st.integers(0, 50), first=st.integers(0, 60), steps=STEPS)
@settings(max_examples=400)
def test_every_step_of_a_sequence_is_as_hpa_has_it(
    behaviour: Behaviour, low: int, more: int, first: int, steps: list[tuple[int, int, int | None]]
) -> None:
    hpa, chosen = Hpa(low, low + more, behaviour), policy(behaviour, low, low + more)
    frames, expected, now, count = [], [], 0, first
    for seconds, proposal, by_hand in steps:
        now, count = now + seconds, count if by_hand is None else by_hand
        frames.append(frame(now, count, proposal))
        count = hpa.sync(START + now * 1000, count, proposal)
        expected.append((count, dict(hpa.conditions)))
    found = [
        (one.decision.count, {each.aspect.value: (each.holds, each.cause.value) for each in one.conditions})
        for one in decided(chosen, *frames)
    ]
    assert found == expected


EAGER = st.builds(
    Direction,
    stabilise=st.just(Duration(0)),
    limits=st.lists(
        st.builds(RateLimit, change=st.integers(4, 12), per=st.sampled_from([15_000, 60_000, 600_000]).map(Duration)),
        min_size=1,
        max_size=2,
    ).map(tuple),
)
"""Lets almost every step change something; one direction may look back long after the other has forgotten."""

BURSTS = st.lists(
    st.tuples(st.sampled_from([61, 601]), st.lists(st.integers(-3, 3).filter(bool), min_size=3, max_size=5)), min_size=2, max_size=4
)
"""Seconds in which nothing changes, and events outlive their period; then by how much is proposed to change, every five seconds."""


@given(up=EAGER, down=EAGER, first=st.integers(30, 60), bursts=BURSTS)
@settings(max_examples=150)
def test_events_are_kept_and_forgotten_in_the_slots_that_hpa_keeps_them_in(
    up: Direction, down: Direction, first: int, bursts: list[tuple[int, list[int]]]
) -> None:
    behaviour = Behaviour(scale_up=up, scale_down=down)
    hpa, frames, expected, now, count = Hpa(0, 100, behaviour), [], [], 0, first
    for pause, changes in bursts:
        now += pause
        for change in changes:
            now += 5
            frames.append(frame(now, count, count + change))
            count = hpa.sync(START + now * 1000, count, count + change)
            expected.append((count, list(hpa.ups), list(hpa.downs)))
    assume(hpa.chosen)
    found = [(one.decision.count, *slots(one.kept.events)) for one in decided(policy(behaviour, 0, 100), *frames)]
    assert found == expected


def slots(events: tuple[ScaleEvent, ...]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Growths and shrinks, each in the order of their slots."""
    return [(one.at, one.change) for one in events if one.change > 0], [(one.at, -one.change) for one in events if one.change < 0]
