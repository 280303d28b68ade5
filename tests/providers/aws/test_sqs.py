"""Queues of SQS over HTTP: moto's, and those of a bad AWS."""

from collections import Counter
from collections.abc import Callable

import boto3
import pytest

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Rng
from autoscaler.errors import PolicyError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Sample, Unknown
from autoscaler.testing.metrics import Metrics, MetricsContract
from autoscaler_aws.sqs import SqsReader
from autoscaler_aws.sqs_queries import Queue, SqsQuestion, sqs_question
from tests.providers.asking import SOON, codes, outcome, query
from tests.providers.aws.fake_aws import FakeAws, Reply, answer, error
from tests.providers.strange import numbers, status, strange

ATTRIBUTES = {
    "ApproximateNumberOfMessages": "12",
    "ApproximateNumberOfMessagesNotVisible": "3",
    "ApproximateNumberOfMessagesDelayed": "4",
}


def queue(aws: FakeAws, name: str, *, sent: int = 0, taken: int = 0, delayed: int = 0) -> str:
    client = boto3.client("sqs", "eu-central-1", endpoint_url=aws.url)
    url = client.create_queue(QueueName=name)["QueueUrl"]
    for number in range(sent + delayed):
        client.send_message(QueueUrl=url, MessageBody="x", DelaySeconds=0 if number < sent else 600)
    if taken:
        client.receive_message(QueueUrl=url, MaxNumberOfMessages=taken)
    aws.asked.clear()
    return url


def counts(**beside: object) -> Reply:
    return answer({"Attributes": {**ATTRIBUTES, **beside}})


class TestSqs(MetricsContract):
    @pytest.fixture
    def metrics(self, aws: FakeAws, sqs: SqsReader) -> Metrics:
        queue(aws, "mail", sent=3)
        queue(aws, "bills", sent=1, delayed=1)

        def becomes(reply: Reply) -> Callable[[], None]:
            return lambda: aws.replies.update(GetQueueAttributes=[reply])

        return Metrics(
            reader=sqs,
            good=(query("queue=mail"), query("queue=bills count=all")),
            values=(3000, 2000),
            bad={
                Code.NOT_A_NUMBER: becomes(counts(ApproximateNumberOfMessages="NaN")),
                Code.MISSING: becomes(answer({"Attributes": {}})),
                Code.MALFORMED: becomes(Reply(body=b"<html>proxy</html>")),
            },
            break_down=becomes(error("ServiceUnavailable", status=503)),
        )


def test_what_is_counted(aws: FakeAws, sqs: SqsReader) -> None:
    queue(aws, "mail", sent=4, taken=1, delayed=2)
    queries = tuple(query(f"queue=mail count={count}") for count in ("visible", "in_flight", "delayed", "all"))
    assert codes(sqs.read(queries, SOON)) == [3000, 1000, 2000, 6000]
    assert aws.names().count("GetQueueAttributes") == 1


def test_a_queue_is_named_by_its_url_too(aws: FakeAws, sqs: SqsReader) -> None:
    url = queue(aws, "mail", sent=2)
    assert codes(sqs.read((query(f"queue={url}"),), SOON)) == [2000]
    assert aws.names() == ["GetQueueAttributes"]


def test_a_names_url_is_asked_once_and_again_when_the_queue_is_gone(aws: FakeAws, sqs: SqsReader) -> None:
    url = queue(aws, "shortlived")
    found = [*sqs.read((query("queue=shortlived"),), SOON), *sqs.read((query("queue=shortlived"),), SOON)]
    boto3.client("sqs", "eu-central-1", endpoint_url=aws.url).delete_queue(QueueUrl=url)
    found += [*sqs.read((query("queue=shortlived"),), SOON), *sqs.read((query("queue=shortlived"),), SOON)]
    assert codes(tuple(found)) == [0, 0, Code.NOT_FOUND, Code.NOT_FOUND]
    assert [name for name in aws.names() if name != "DeleteQueue"] == [
        "GetQueueUrl", "GetQueueAttributes", "GetQueueAttributes", "GetQueueAttributes", "GetQueueUrl",
    ]  # fmt: skip


def test_another_accounts_queue_is_asked_for_with_its_account(aws: FakeAws, sqs: SqsReader) -> None:
    sqs.read((query("queue=theirs owner=210987654321"),), SOON)
    assert aws.asked == [("GetQueueUrl", {"QueueName": "theirs", "QueueOwnerAWSAccountId": "210987654321"})]


def test_one_queue_that_fails_stops_no_other(aws: FakeAws, sqs: SqsReader) -> None:
    queue(aws, "mail", sent=1)
    queries = (query("queue=nobody"), query("queue=mail"), query("queue="), query("queue=mail count=many"))
    assert codes(sqs.read(queries, SOON)) == [Code.NOT_FOUND, 1000, Code.REFUSED, Code.REFUSED]


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        pytest.param(counts(), 19_000, id="all three"),
        pytest.param(counts(ApproximateNumberOfMessagesDelayed=None), Code.MISSING, id="one of three is missing"),
        pytest.param(counts(ApproximateNumberOfMessages=12), Code.MALFORMED, id="a number that is no text"),
        pytest.param(counts(ApproximateNumberOfMessages="-1"), Code.NOT_A_NUMBER, id="below zero"),
        pytest.param(counts(ApproximateNumberOfMessages="-0"), Code.NOT_A_NUMBER, id="negative zero"),
        pytest.param(counts(ApproximateNumberOfMessages="1.5"), Code.NOT_A_NUMBER, id="half a message"),
        pytest.param(counts(ApproximateNumberOfMessages="9" * 13), Code.NOT_A_NUMBER, id="beyond all bounds"),
        pytest.param(error("AccessDenied", "not authorized to perform: sqs:GetQueueAttributes", 403), Code.REFUSED, id="not allowed"),
        pytest.param(error("QueueDoesNotExist"), Code.NOT_FOUND, id="no such queue"),
        pytest.param(error("InvalidAddress"), Code.REFUSED, id="an address that is none"),
    ],
)
def test_answers(aws: FakeAws, sqs: SqsReader, reply: Reply, found: object) -> None:
    aws.replies["GetQueueAttributes"] = [reply]
    (reading,) = sqs.read((query("queue=http://127.0.0.1:1/1/mail count=all"),), SOON)
    assert codes((reading,)) == [found]
    assert not isinstance(reading, Unknown) or 0 < len(reading.detail) <= 200


@pytest.mark.parametrize("code", ["RequestThrottled", "ThrottlingException"])
def test_throttled_is_unavailable(aws: FakeAws, sqs: SqsReader, code: str) -> None:
    aws.replies["GetQueueUrl"] = [error(code)]
    with pytest.raises(UnavailableError):
        sqs.read((query("queue=throttled"),), SOON)


def test_one_that_is_throttled_in_between_leaves_the_rest_unknown(aws: FakeAws, sqs: SqsReader) -> None:
    aws.replies["GetQueueAttributes"] = [counts(), error("RequestThrottled")]
    queries = tuple(query(f"queue=http://127.0.0.1:1/1/q{number}") for number in range(20))
    assert Counter(codes(sqs.read(queries, SOON))) == {12_000: 1, Code.UNAVAILABLE: 19}
    assert len(aws.asked) == 8


def test_slow_is_unavailable_within_the_deadline(aws: FakeAws, sqs: SqsReader, site: Site) -> None:
    aws.replies["GetQueueAttributes"] = [Reply(pause=lambda: site.runtime.sleep(Duration(2000)))]
    began = site.runtime.monotonic()
    with pytest.raises(UnavailableError):
        sqs.read((query("queue=http://127.0.0.1:1/1/mail"),), Duration(400))
    assert site.runtime.monotonic() - began < 1000


@pytest.mark.parametrize(
    ("text", "means"),
    [
        pytest.param("queue=mail", SqsQuestion(Queue("mail"), "visible"), id="a name"),
        pytest.param("queue=a-1_b.fifo count=all", SqsQuestion(Queue("a-1_b.fifo"), "all"), id="a fifo queue"),
        pytest.param("queue=m owner=123456789012", SqsQuestion(Queue("m", "123456789012"), "visible"), id="of another account"),
        pytest.param("queue=https://sqs.x.y/1/m", SqsQuestion(Queue("https://sqs.x.y/1/m"), "visible"), id="a URL"),
    ],
)
def test_texts(text: str, means: SqsQuestion) -> None:
    assert sqs_question(text) == means


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "the query says no queue", id="nothing"),
        pytest.param("queue=a.b", "at character 7: queue 'a.b' is no queue", id="no name"),
        pytest.param("queue=m owner=12", "at character 15: owner '12' is none", id="no account"),
        pytest.param("queue=https://h/1/m owner=123456789012", "at character 27: owner", id="an owner beside a URL"),
        pytest.param("queue=m count=some", "at character 15: count 'some' is none of its values", id="no count"),
        pytest.param("queue=m region=x", "at character 9: 'region' means nothing here", id="another word"),
    ],
)
def test_texts_that_mean_nothing(text: str, problem: str) -> None:
    with pytest.raises(PolicyError, match=problem):
        sqs_question(text)


@pytest.mark.parametrize(
    "count", [pytest.param(300, id="hundreds"), pytest.param(100_000, id="a hundred thousand", marks=pytest.mark.bodies)]
)
def test_no_answer_of_whatever_shape_raises_or_becomes_a_value_it_does_not_hold(aws: FakeAws, sqs: SqsReader, count: int) -> None:
    seen = Counter[type]()
    for seed in range(count):
        body = strange(dice := Rng(seed), {"Attributes": ATTRIBUTES})
        aws.replies["GetQueueAttributes"] = [Reply(body=body, status=status(dice))]
        found = outcome(sqs, "queue=http://127.0.0.1:1/1/mail")
        seen[type(found)] += 1
        assert not isinstance(found, Sample) or found.milli in numbers(body, texts=True), (seed, body)
        aws.asked.clear()
    assert min(seen[Sample], seen[Unknown]) > count // 10
