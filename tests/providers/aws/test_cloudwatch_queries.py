"""Query texts: what they mean, and what is said of those that mean nothing."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from, text

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration
from autoscaler_aws.cloudwatch_queries import CloudWatchQuestion, cloudwatch_question

WHOLE = "namespace=AWS/ELB metric=Latency statistic=p99.9 period=5m dimension.Name=web dimension.Az='eu 1a'"
LEAST = "namespace=Shop metric=rps statistic=Sum"


def test_a_whole_text() -> None:
    assert cloudwatch_question(WHOLE) == CloudWatchQuestion(
        namespace="AWS/ELB",
        metric="Latency",
        statistic="p99.9",
        period=Duration(300_000),
        dimensions=(("Az", "eu 1a"), ("Name", "web")),
    )


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(LEAST.split(), id="in this order"),
        pytest.param(LEAST.split()[::-1], id="in the other"),
        pytest.param([*LEAST.split(), "period=1m"], id="a minute is the period nobody names"),
        pytest.param(['namespace="Shop"', "metric='rps'", "\n statistic=Sum "], id="in quotes, on two lines"),
    ],
)
def test_alike(words: list[str]) -> None:
    assert cloudwatch_question(" ".join(words)) == cloudwatch_question(LEAST)


@pytest.mark.parametrize(
    ("words", "problem", "hint"),
    [
        pytest.param("", "the query says no namespace", "write namespace=…", id="nothing"),
        pytest.param("namespace=Shop metric=rps", "the query says no statistic", "write statistic=…", id="a word is missing"),
        pytest.param("rps", "at character 1: 'rps' is no name=value", "put spaces between", id="a bare word"),
        pytest.param(f"{LEAST} dimension.A='b", 'at character 41: "dimension.A=\'b" is no name=value', "quotes", id="an open quote"),
        pytest.param(f"{LEAST} dimension.A='b'c", "at character 41:", "put spaces between", id="words that touch"),
        pytest.param(f"{LEAST}  metrc=1", "at character 42: 'metrc' means nothing here", "settle, dimension.NAME", id="a misspelt word"),
        pytest.param(f"{LEAST} metric=2", "at character 41: 'metric' is said twice", "say it once", id="a word twice"),
        pytest.param(f"{LEAST[:-3]}mean", "at character 37: statistic 'mean' is none", "write Average, Sum", id="no statistic"),
        pytest.param(f"{LEAST[:-3]}p101", "at character 37: statistic 'p101' is none", "p95", id="no percentile"),
        pytest.param(f"{LEAST} period=2x", "at character 48: period '2x' is not a duration", "write 15s", id="no duration"),
        pytest.param(f"{LEAST} period=90s", "at character 48: period '90s' is none", "whole minutes", id="a period it does not have"),
        pytest.param(f"{LEAST} settle=25h", "at character 48: settle '25h' is too long", "1d at most", id="a settling without end"),
        pytest.param(f"{LEAST} period=0s", "at character 48: period '0s' is none", "whole minutes", id="no time at all"),
        pytest.param(f"{LEAST} period=1500ms", "at character 48:", "whole minutes", id="a part of a second"),
        pytest.param("namespace=:x metric=m statistic=Sum", "at character 11: namespace ':x'", "no colon", id="no namespace"),
        pytest.param(f"{LEAST} dimension.A=''", "at character 53: dimension.A ''", "printable", id="an empty dimension"),
        pytest.param(f"{LEAST} dimension.A=ü", "at character 53: dimension.A 'ü'", "printable", id="a letter CloudWatch has not"),
        pytest.param(
            LEAST + "".join(f" dimension.D{n}=1" for n in range(31)), "the query has 31 dimensions", "30 at most", id="many dimensions"
        ),
        pytest.param("x" * 4001, "longer than 4000", "shorten it", id="a text without end"),
    ],
)
def test_what_means_nothing_is_told_with_its_place(words: str, problem: str, hint: str) -> None:
    with pytest.raises(PolicyError) as caught:
        cloudwatch_question(words)
    assert problem in str(caught.value)
    assert hint in caught.value.hint


PIECES = sampled_from(["namespace=", "metric=", "statistic=", "period=", "dimension.", "Sum", "1m", "'", '"', " ", "=", "a", "\n", "é"])


@given(lists(PIECES, max_size=20).map("".join) | text(max_size=60))
def test_no_text_raises_anything_else(words: str) -> None:
    with suppress(PolicyError):
        assert cloudwatch_question(words).metric
