"""Query texts: what they mean, and what is said of those that mean nothing."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from, text

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration
from autoscaler_gcp.series_queries import SeriesQuestion, monitoring_question, pubsub_question

FILTER = 'metric.type="custom.googleapis.com/rps" AND resource.labels.service="web"'


def test_a_whole_text() -> None:
    found = monitoring_question(f"filter='{FILTER}' align=rate period=2m reduce=sum settle=3m")
    assert found == SeriesQuestion(filter=FILTER, align="rate", reduce="sum", period=Duration(120_000), settle=Duration(180_000))


def test_the_least_of_a_text() -> None:
    assert monitoring_question(f"filter='{FILTER}'") == SeriesQuestion(filter=FILTER, align="mean", period=Duration(60_000))


@pytest.mark.parametrize(
    ("words", "problem", "hint"),
    [
        pytest.param("", "the query says no filter", "write filter=…", id="nothing"),
        pytest.param(FILTER, "at character 1: 'metric.type' means nothing here", "write filter, align", id="a filter without its word"),
        pytest.param("filter='up'", "at character 8: filter 'up' names no metric", "metric.type=", id="no metric"),
        pytest.param("filter='metric.type=1' align=avg", "at character 30: align 'avg'", "write one of none, mean", id="no aligner"),
        pytest.param("filter='metric.type=1' align=interpolate", "align 'interpolate'", "none, mean", id="an aligner that makes values up"),
        pytest.param("filter='metric.type=1' reduce=avg", "at character 31: reduce 'avg'", "write one of none", id="no reducer"),
        pytest.param("filter='metric.type=1' align=none reduce=sum", "needs points at the same times", "align=mean", id="raw, and reduced"),
        pytest.param("filter='metric.type=1' period=30s", "at character 31: period '30s'", "from 1m", id="a short period"),
        pytest.param("filter='metric.type=1' period=61500ms", "period '61500ms'", "whole seconds", id="a part of a second"),
        pytest.param("filter='metric.type=1' period=2d", "period '2d' is too long", "1d at most", id="a long period"),
    ],
)
def test_what_means_nothing_is_told_with_its_place(words: str, problem: str, hint: str) -> None:
    with pytest.raises(PolicyError) as caught:
        monitoring_question(words)
    assert problem in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        pytest.param("", "the query says no subscription", id="nothing"),
        pytest.param("subscription=projects/p/subscriptions/mail", "at character 14: .* is no subscription's id", id="with its project"),
        pytest.param("subscription='a\" OR x'", "at character 14: .* is no subscription's id", id="a filter in disguise"),
        pytest.param("subscription=mail measure=age", "at character 27: measure 'age' is none", id="no measure"),
    ],
)
def test_subscriptions_that_are_none(words: str, problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        pubsub_question(words)


PIECES = sampled_from(["filter=", "'metric.type=1'", "align=", "reduce=", "mean", "none", "period=1m", "'", '"', " ", "=", "é"])


@given(lists(PIECES, max_size=20).map("".join) | text(max_size=60))
def test_no_text_raises_anything_else(words: str) -> None:
    with suppress(PolicyError):
        assert monitoring_question(words).filter
    with suppress(PolicyError):
        assert pubsub_question(words).filter
