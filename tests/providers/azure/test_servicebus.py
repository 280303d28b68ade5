"""Queues of Service Bus through the Resource Manager, and what comes of what it answers."""

import json
from collections import Counter

import pytest

from autoscaler.contracts.runtime import Rng
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Sample, Unknown
from autoscaler_azure.arm_reader import ArmReader
from tests.providers.asking import SOON, codes, outcome, query
from tests.providers.azure.fake_azure import GROUP, FakeAzure, error, queue
from tests.providers.loopback import Reply, answer
from tests.providers.strange import numbers, status, strange

TEXT = "namespace=shop-bus queue=mail"


def test_what_is_counted_and_each_queue_is_asked_once(azure: FakeAzure, servicebus: ArmReader) -> None:
    azure.replies["/queues/mail"] = queue()
    queries = tuple(query(f"{TEXT} count={count}") for count in ("active", "dead_letter", "scheduled", "all"))
    assert codes(servicebus.read(queries, SOON)) == [12_000, 3000, 4000, 19_000]
    assert [asked.path for asked in azure.reads] == [f"{GROUP}/providers/Microsoft.ServiceBus/namespaces/shop-bus/queues/mail"]


@pytest.mark.parametrize(
    ("words", "path"),
    [
        pytest.param("queue=mail", "/queues/mail", id="a queue"),
        pytest.param("queue=eu/mail", "/queues/eu~mail", id="a queue with a slash in its name"),
        pytest.param("topic=orders subscription=bills", "/topics/orders/subscriptions/bills", id="a topic's subscription"),
    ],
)
def test_paths(azure: FakeAzure, servicebus: ArmReader, words: str, path: str) -> None:
    servicebus.read((query(f"namespace=shop-bus {words}"),), SOON)
    assert azure.reads[0].path.endswith(f"/namespaces/shop-bus{path}")


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        pytest.param(queue(activeMessageCount=0), 0, id="an empty queue"),
        pytest.param(queue(activeMessageCount=-1), Code.NOT_A_NUMBER, id="below zero"),
        pytest.param(queue(activeMessageCount=-0.0), Code.NOT_A_NUMBER, id="negative zero"),
        pytest.param(queue(activeMessageCount=1.5), Code.NOT_A_NUMBER, id="half a message"),
        pytest.param(queue(activeMessageCount=float("inf")), Code.NOT_A_NUMBER, id="infinite"),
        pytest.param(queue(activeMessageCount=10**13), Code.NOT_A_NUMBER, id="beyond all bounds"),
        pytest.param(queue(activeMessageCount="12"), Code.MALFORMED, id="a number that is a text"),
        pytest.param(queue(activeMessageCount=True), Code.MALFORMED, id="yes or no"),
        pytest.param(answer({"properties": {"messageCount": 12}}), Code.MISSING, id="no counts of its kinds"),
        pytest.param(answer({"properties": {"countDetails": {}}}), Code.MISSING, id="no counts"),
        pytest.param(answer({"value": []}), Code.MALFORMED, id="a list of queues"),
        pytest.param(error(404, "ResourceNotFound"), Code.NOT_FOUND, id="no such queue"),
        pytest.param(error(403, "AuthorizationFailed"), Code.REFUSED, id="not allowed"),
    ],
)
def test_answers(azure: FakeAzure, servicebus: ArmReader, reply: Reply, found: object) -> None:
    azure.replies["/queues/mail"] = reply
    (reading,) = servicebus.read((query(TEXT),), SOON)
    assert codes((reading,)) == [found]
    assert not isinstance(reading, Unknown) or 0 < len(reading.detail) <= 200


def test_one_queue_that_is_not_there_stops_no_other(azure: FakeAzure, servicebus: ArmReader) -> None:
    azure.replies["/queues/mail"] = queue()
    assert codes(servicebus.read((query("namespace=shop-bus queue=gone"), query(TEXT)), SOON)) == [Code.NOT_FOUND, 12_000]


@pytest.mark.parametrize(
    "count", [pytest.param(300, id="hundreds"), pytest.param(100_000, id="a hundred thousand", marks=pytest.mark.bodies)]
)
def test_no_answer_of_whatever_shape_raises_or_becomes_a_value_it_does_not_hold(
    azure: FakeAzure, servicebus: ArmReader, count: int
) -> None:
    seen = Counter[type]()
    good = json.loads(queue().body)
    for seed in range(count):
        azure.replies["/queues/mail"] = Reply(status=status(dice := Rng(seed)), body=(body := strange(dice, good)))
        found = outcome(servicebus, TEXT)
        seen[type(found)] += 1
        assert not isinstance(found, Sample) or found.milli in numbers(body), (seed, body)
        azure.asked.clear()
    assert min(seen[Sample], seen[Unknown]) > count // 10
