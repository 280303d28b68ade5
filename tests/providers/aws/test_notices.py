"""What EventBridge puts into a queue, and how it is taken out: once, kept, and dropped then."""

import json
from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest
from moto.sqs.models import sqs_backends

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.errors import NotFoundError, SetupError, UnavailableError
from autoscaler.model.history import Notice
from autoscaler.model.quantities import Duration, Instant
from autoscaler.testing.notices import Notices, NoticesContract
from autoscaler_aws.notice_queue import SqsNoticeQueue
from autoscaler_aws.notice_reader import SqsNoticeReader
from autoscaler_aws.notices import notices
from autoscaler_aws.settings import AwsNotices
from tests.providers.aws.fake_aws import FakeAws, error

SAID = Instant(1_798_761_600_000)
SOON = Duration(5000)


def event(kind: str = "EC2 Spot Instance Interruption Warning", **detail: object) -> str:
    told = detail or {"instance-id": "i-1", "instance-action": "terminate"}
    return json.dumps({"version": "0", "detail-type": kind, "source": "aws.ec2", "time": "2027-01-01T00:00:00Z", "detail": told})


REPAIR = {
    "service": "EC2",
    "eventTypeCategory": "scheduledChange",
    "eventTypeCode": "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED",
    "startTime": "Fri, 1 Jan 2027 06:00:00 GMT",
    "affectedEntities": [{"entityValue": "i-1"}, {"entityValue": "i-2"}],
}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(event(), [("i-1", 120_000, "spot: terminate")], id="a spot instance has two minutes from the warning on"),
        pytest.param(
            event("AWS Health Event", **REPAIR),
            [("i-1", 6 * 3_600_000, REPAIR["eventTypeCode"]), ("i-2", 6 * 3_600_000, REPAIR["eventTypeCode"])],
            id="instances to be repaired have until then",
        ),
        pytest.param(event("AWS Health Event", **{**REPAIR, "service": "RDS"}), [], id="not what concerns another service"),
        pytest.param(event("AWS Health Event", **{**REPAIR, "eventTypeCategory": "issue"}), [], id="not what is no change"),
        pytest.param(event("EC2 Instance Rebalance Recommendation"), [], id="not what is only a recommendation"),
        pytest.param(event("EC2 Instance State-change Notification", state="running"), [], id="not a change of state"),
        pytest.param(event(**{"instance-id": "i-1", "instance-action": "dance"}), [], id="not an action nobody knows"),
        pytest.param("{", [], id="nothing that is cut off"),
        pytest.param("[]", [], id="nothing of another kind"),
        pytest.param(
            json.dumps({"detail-type": "AWS Health Event", "time": "yesterday", "detail": REPAIR}), [], id="nothing without a time"
        ),
    ],
)
def test_what_is_said(body: str, said: list[tuple[str, int, str]]) -> None:
    assert notices(body) == tuple(Notice(name, SAID, Instant(SAID + span), why) for name, span, why in said)


@pytest.fixture
def queue(aws: FakeAws) -> AwsNotices:
    """A queue that is there, with a warning and something else."""
    sqs = boto3.client("sqs", region_name="eu-central-1", endpoint_url=aws.url)
    url = sqs.create_queue(QueueName="spot")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=event())
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    return AwsNotices(region="eu-central-1", queue=url, endpoint_url=Url(aws.url))


def test_what_is_taken_is_hidden_and_what_is_dropped_is_gone(queue: AwsNotices, site: Site) -> None:
    reader, writer = SqsNoticeReader(queue, site), SqsNoticeQueue(queue, site)
    assert reader.waiting(SOON) == 2
    letters = writer.take(SOON)
    assert sorted(one.notice.instance if one.notice else "" for one in letters) == ["", "i-1"]
    assert writer.take(SOON) == ()
    writer.drop(letters)
    writer.drop(letters)
    assert reader.waiting(SOON) == 0


def test_looking_takes_nothing(queue: AwsNotices, site: Site, aws: FakeAws) -> None:
    asked = len(aws.asked)
    SqsNoticeReader(queue, site).waiting(SOON)
    assert aws.names()[asked:] == ["GetQueueAttributes"]


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        pytest.param("AWS.SimpleQueueService.NonExistentQueue", NotFoundError, id="no such queue"),
        pytest.param("AccessDenied", SetupError, id="not allowed"),
        pytest.param("Throttling", UnavailableError, id="too often"),
    ],
)
def test_a_queue_that_cannot_be_read_says_why(queue: AwsNotices, site: Site, aws: FakeAws, code: str, raised: type[Exception]) -> None:
    aws.replies["ReceiveMessage"] = [error(code)]
    with pytest.raises(raised):
        SqsNoticeQueue(queue, site).take(SOON)


class TestQueue(NoticesContract):
    @pytest.fixture
    def notices(self, aws: FakeAws, site: Site) -> Iterator[Notices]:
        sqs = boto3.client("sqs", region_name="eu-central-1", endpoint_url=aws.url)
        url = sqs.create_queue(QueueName="promises")["QueueUrl"]
        settings = AwsNotices(region="eu-central-1", queue=url, endpoint_url=Url(aws.url))
        nobody = replace(settings, queue=url.replace("promises", "nobody"))

        def send(body: str) -> None:
            sqs.send_message(QueueUrl=url, MessageBody=body)

        def forget() -> None:
            for one in [*sqs_backends["123456789012"]["eu-central-1"].queues["promises"].pending_messages]:
                sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=str(one.receipt_handle), VisibilityTimeout=0)

        yield Notices(
            reader=SqsNoticeReader(settings, site),
            queue=SqsNoticeQueue(settings, site),
            tell=lambda name: send(event(**{"instance-id": name, "instance-action": "terminate"})),
            babble=lambda: send("hello"),
            patience=forget,
            nobody=SqsNoticeReader(nobody, site),
            nowhere=SqsNoticeQueue(nobody, site),
            throttle=lambda: aws.once.update(ReceiveMessage=error("Throttling")),
            deny=lambda: aws.once.update(ReceiveMessage=error("AccessDenied")),
        )
        sqs.delete_queue(QueueUrl=url)
