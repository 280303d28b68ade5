"""Query texts: what they mean, and what is said of those that mean nothing."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from, text

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration
from autoscaler_azure.monitor_queries import MonitorQuestion, monitor_question
from autoscaler_azure.servicebus_queries import ServiceBusQuestion, servicebus_question

LEAST = "resource=Microsoft.Web/sites/web metric=Requests aggregation=total"
BUS = "namespace=shop-bus"


def test_a_whole_text() -> None:
    found = monitor_question(f"{LEAST} namespace=Microsoft.Web/sites filter=\"Instance eq 'a'\" period=1d settle=3m")
    assert found == MonitorQuestion(
        resource="Microsoft.Web/sites/web",
        metric="Requests",
        aggregation="total",
        period=Duration(86_400_000),
        settle=Duration(180_000),
        namespace="Microsoft.Web/sites",
        filter="Instance eq 'a'",
    )


def test_the_least_of_a_text() -> None:
    resource = "Microsoft.Web/sites/web"
    assert monitor_question(LEAST) == MonitorQuestion(resource=resource, metric="Requests", aggregation="total", period=Duration(60_000))


@pytest.mark.parametrize(
    ("words", "problem", "hint"),
    [
        pytest.param("", "the query says no resource", "write resource=…", id="nothing"),
        pytest.param(
            "resource=web metric=m aggregation=total", "at character 10: resource 'web'", "Microsoft.Web/sites/web", id="a bare name"
        ),
        pytest.param("resource=a/../../b metric=m aggregation=total", "at character 10: resource", "whole id", id="a path that climbs"),
        pytest.param("resource=a/b/c?x=1 metric=m aggregation=total", "at character 10: resource", "whole id", id="a path with a question"),
        pytest.param("resource=a/b/c metric=m,n aggregation=total", "at character 23: metric 'm,n'", "write one", id="two metrics"),
        pytest.param(
            "resource=a/b/c metric=m aggregation=mean", "at character 37: aggregation 'mean'", "average, total", id="no aggregation"
        ),
        pytest.param(f"{LEAST} period=2m", "period '2m' is none", "write 1m, 5m, 15m, 30m, 1h", id="no period of its"),
        pytest.param(f"{LEAST} namespace=ü", "namespace 'ü' is none", "list-definitions", id="no namespace"),
    ],
)
def test_what_means_nothing_is_told_with_its_place(words: str, problem: str, hint: str) -> None:
    with pytest.raises(PolicyError) as caught:
        monitor_question(words)
    assert problem in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("words", "means"),
    [
        pytest.param(f"{BUS} queue=mail", ("queues/mail", "active"), id="a queue"),
        pytest.param(f"{BUS} queue=mail count=all", ("queues/mail", "all"), id="all of it"),
        pytest.param(f"{BUS} topic=a subscription=b", ("topics/a/subscriptions/b", "active"), id="a topic's subscription"),
    ],
)
def test_queues(words: str, means: tuple[str, str]) -> None:
    assert servicebus_question(words) == ServiceBusQuestion(namespace="shop-bus", entity=means[0], count=means[1])


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        pytest.param("queue=mail", "the query says no namespace", id="no namespace"),
        pytest.param("namespace=a.servicebus.windows.net queue=mail", "at character 11: namespace", id="a namespace's host"),
        pytest.param(BUS, "the query says no queue", id="no queue"),
        pytest.param(f"{BUS} queue=a topic=b subscription=c", "at character 26: queue 'a' stands beside a topic", id="both"),
        pytest.param(f"{BUS} topic=b", "the query says no subscription", id="a topic alone"),
        pytest.param(f"{BUS} subscription=c", "at character 33: subscription 'c' needs its topic", id="a subscription alone"),
        pytest.param(f"{BUS} queue=a/../b", "at character 26: queue 'a/../b' is none", id="a path that climbs"),
        pytest.param(f"{BUS} queue=a count=some", "at character 34: count 'some'", id="no count"),
    ],
)
def test_queues_that_are_none(words: str, problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        servicebus_question(words)


PIECES = sampled_from(
    ["resource=", "a/b/c", "metric=", "queue=", "namespace=", "aggregation=total", "period=", "1m", "'", '"', " ", "=", "é"]
)


@given(lists(PIECES, max_size=20).map("".join) | text(max_size=60))
def test_no_text_raises_anything_else(words: str) -> None:
    with suppress(PolicyError):
        assert monitor_question(words).metric
    with suppress(PolicyError):
        assert servicebus_question(words).entity
