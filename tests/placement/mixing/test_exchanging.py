"""One machine's filling after exchanges: it keeps every rule, is worth what it says, and is better than what is found depth first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.placement.mixing import Pattern, Question, question_of
from autoscaler.placement.mixing.exchanging import Terms, filled
from autoscaler.placement.mixing.packing import pattern_of
from autoscaler.placement.mixing.proving import Pricer
from autoscaler.placement.mixing.tables import prepared
from tests.placement.mixing.judging import broken_on, questions

DULL = 20
"""Classes of one replica each that fit beside the first choice and are worth little: depth first tries them one by one."""


def fillings(asked: Question, values: list[int], looks: int) -> list[tuple[Pattern, int]]:
    """Of each kind worth buying, with what it is said to be worth."""
    some = prepared(asked)
    pricer, found = Pricer.of(some), []
    kinds = np.arange(len(some.kinds))
    for kind in kinds.tolist():
        terms = Terms(np.array(values), some.tables.price, pricer.weights, kinds, np.array([looks]))
        held = np.zeros(len(values), np.int64)
        worth = filled(some.tables, pricer.sizes, terms, (kind, some.counts), held)
        found.append((pattern_of(int(some.kinds[kind]), held), worth))
    return found


@given(questions(), st.lists(st.integers(1, 10**6), min_size=5, max_size=5), st.sampled_from([0, 3, 10**6]))
@settings(max_examples=100)
def test_a_filling_keeps_the_rules_and_is_worth_what_it_says(asked: Question, values: list[int], looks: int) -> None:
    for pattern, worth in fillings(asked, values[: len(asked.counts)], looks):
        assert broken_on(asked, pattern) == []
        assert all(count <= asked.counts[place] for place, count in pattern.replicas)
        assert worth == sum(values[place] * count for place, count in pattern.replicas)


@pytest.mark.parametrize(
    ("looks", "worth"),
    [
        pytest.param(0, 154_000, id="without looking, the first choice stays"),
        pytest.param(10**6, 204_000, id="two that fill the machine come for it and what stood beside it"),
    ],
)
def test_two_go_and_two_come(looks: int, worth: int) -> None:
    requests = np.array([[6, 6], [5, 5], *[[3, 3]] * DULL])
    asked = question_of(requests, np.array([1, 2, *[1] * DULL]), np.array([[10, 10]]), np.array([1]))
    assert [found for _, found in fillings(asked, [124_000, 102_000, *[30_000] * DULL], looks)] == [worth]
