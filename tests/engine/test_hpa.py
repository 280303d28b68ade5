"""Whole sequences of proposals, against a second opinion on what Kubernetes HPA (release 1.34) makes of them."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.contracts.policy import ClusterPolicies
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


def policy(behaviour: Behaviour, low: int, high: int) -> ClusterPolicies:
    made = policies()
    (only,) = made.policies
    return replace(made, policies=(replace(only, behaviour=behaviour, bounds=Bounds(min=low, max=high)),))


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
