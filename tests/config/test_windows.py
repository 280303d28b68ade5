"""No window reaches further back than histories do."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.config.markers import AT_MOST_AN_HOUR
from autoscaler.model.quantities import Duration
from tests.config.bad import WHOLE, problems_of

HOUR = 3_600_000
IDLE = "  general: {{cluster: shop, lab: {{}}, nodes: {{min: 1, max: 4, idle: {0}}}}}\n"
BEHAVIOUR = "defaults: {{behaviour: {{scale_down: {{{0}}}}}}}\n"


def idle(window: str) -> str:
    return re.sub(r"  general: .*\n", IDLE.format(window), WHOLE)


def behaviour(settings: str) -> str:
    return WHOLE + BEHAVIOUR.format(settings)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(idle("61m"), id="a node idle for more than an hour"),
        pytest.param(idle("1d"), id="a node idle for a day"),
        pytest.param(behaviour("stabilise: 2h"), id="a stabilisation over two hours"),
        pytest.param(behaviour("limits: [{change: 1, per: 3h}]"), id="a rate over three hours"),
    ],
)
def test_a_window_longer_than_an_hour_is_refused_with_a_hint(text: str) -> None:
    assert ["1h" in one.hint for one in problems_of(text)] == [True]


def test_a_time_in_which_no_machine_can_join_is_refused_with_a_hint() -> None:
    assert [one.hint for one in problems_of(idle("5m, join_timeout: 59s"))] == ["write 1m or more"]
    assert problems_of(idle("5m, join_timeout: 1m")) == ()


@pytest.mark.parametrize(
    "text",
    [idle("1h"), idle("0s"), idle("90s"), behaviour("stabilise: 60m"), behaviour("limits: [{change: 1, per: 3600s}]")],
    ids=["an hour", "none", "in seconds", "sixty minutes", "an hour in seconds"],
)
def test_an_hour_or_less_is_fine(text: str) -> None:
    assert problems_of(text) == ()


@given(st.integers(0, 2 * HOUR) | st.integers(HOUR - 2000, HOUR + 2000))
def test_every_span_is_judged_by_its_length(ms: int) -> None:
    assert bool(re.fullmatch(AT_MOST_AN_HOUR.pattern, str(Duration(ms)))) is (ms <= HOUR)
