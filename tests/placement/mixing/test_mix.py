"""Any mix keeps the rules of its question, costs what it says, and no bound lies: checked from the rules alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.placement.mixing import Mix, Question, mix, question_of
from tests.placement.mixing.judging import broken, cheapest, questions


def after(rounds: int, asked: Question) -> Mix:
    return mix(asked, lambda done: done < rounds)


@given(questions(), st.integers(0, 30))
@settings(max_examples=60)
def test_every_mix_keeps_the_rules(asked: Question, rounds: int) -> None:
    assert broken(asked, after(rounds, asked)) == []


@given(questions(classes=3, kinds=3, replicas=2), st.integers(0, 30))
@settings(max_examples=60)
def test_no_bound_exceeds_what_the_cheapest_machines_for_the_same_cost(asked: Question, rounds: int) -> None:
    found = after(rounds, asked)
    best = cheapest(asked, tuple(int(count) - left for count, left in zip(asked.counts, found.left, strict=True)))
    assert best is not None
    assert found.bound <= best <= found.price


@given(questions(), st.integers(0, 12), st.integers(1, 12))
@settings(max_examples=40)
def test_more_rounds_are_never_worse(asked: Question, rounds: int, more: int) -> None:
    early, late = after(rounds, asked), after(rounds + more, asked)
    assert (sum(late.left), late.price) <= (sum(early.left), early.price)
    assert late.left != early.left or late.bound >= early.bound


@given(questions(), st.integers(0, 12))
@settings(max_examples=20)
def test_the_same_question_and_rounds_give_the_same_answer(asked: Question, rounds: int) -> None:
    assert after(rounds, asked) == after(rounds, asked)


@given(questions())
@settings(max_examples=20)
def test_it_does_no_more_rounds_than_it_may(asked: Question) -> None:
    assert after(3, asked).rounds <= 3


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({"price": np.array([0])}, "without a price", id="a machine for nothing"),
        pytest.param({"price": np.array([-1])}, "out of range: price", id="money back"),
        pytest.param({"capacity": np.array([[4]])}, "shapes do not match: requests", id="resources that machines do not have"),
        pytest.param({"pool": np.array([1])}, "out of range: pool", id="a pool that is none"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.int64]]], problem: str) -> None:
    sound = {"requests": np.array([[1, 1]]), "counts": np.array([1]), "capacity": np.array([[4, 4]]), "price": np.array([1])}
    with pytest.raises(ValueError, match=problem):
        question_of(**{**sound, **changes})
