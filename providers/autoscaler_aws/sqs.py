"""Reads how many messages are in queues of SQS: one call for each queue, whatever is asked of it.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.errors import AutoscalerError, SetupError
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import MetricQuery, Reading, Sample, Unknown
from autoscaler_aws.clients import sqs_clients
from autoscaler_aws.faults import said
from autoscaler_aws.settings import AwsSettings
from autoscaler_aws.sqs_queries import DELAYED, IN_FLIGHT, VISIBLE, Queue, SqsQuestion, messages, sqs_question
from autoscaler_sources.asking import ask_each
from autoscaler_sources.fields import understood

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import GetQueueUrlRequestTypeDef


@dataclass(frozen=True, slots=True)
class _Counts:
    """A queue's attributes, and when by our clock they were asked for: SQS gives its counts no time of their own."""

    attributes: object
    at: Instant


Found = Mapping[Queue, _Counts | Unknown]


class SqsReader:
    """SQS in one region, for queues of any account that lets us."""

    def __init__(self, settings: AwsSettings, site: Site) -> None:
        self._site = site
        self._clients = sqs_clients(settings, site.runtime)
        self._urls: dict[Queue, str] = {}

    def read(self, queries: tuple[MetricQuery, ...], deadline: Duration) -> tuple[Reading, ...]:
        """Each distinct queue once, a few at a time."""
        questions = {query.text: understood(sqs_question, query.text) for query in queries}
        queues = tuple(dict.fromkeys(one.queue for one in questions.values() if isinstance(one, SqsQuestion)))
        found = self._ask_all(queues, deadline)
        return tuple(_reading(questions[query.text], found) for query in queries)

    def _ask_all(self, queues: tuple[Queue, ...], deadline: Duration) -> Found:
        if not queues:
            return {}
        # A name takes two calls: its URL comes first.
        client = self._clients.within(Duration(deadline.ms // 2))
        try:
            return ask_each(self._site, queues, deadline, partial(self._counts, client))
        except SetupError:
            self._clients.forget()
            raise

    def _counts(self, client: "SQSClient", queue: Queue, _within: Duration) -> _Counts | Unknown:
        began = self._site.runtime.now()
        try:
            reply = client.get_queue_attributes(QueueUrl=self._url(client, queue), AttributeNames=[VISIBLE, IN_FLIGHT, DELAYED])
        except Exception as error:  # botocore's parsers raise whatever a strange body leads them to
            found = said(error)
            if isinstance(found, AutoscalerError):
                raise found from error
            self._urls.pop(queue, None)
            return found
        return _Counts(reply.get("Attributes"), Instant((began + self._site.runtime.now()) // 2))

    def _url(self, client: "SQSClient", queue: Queue) -> str:
        """Where it is; asked once of each name."""
        if queue.is_url:
            return queue.named
        if queue not in self._urls:
            asked: GetQueueUrlRequestTypeDef = {"QueueName": queue.named}
            if queue.owner:
                asked["QueueOwnerAWSAccountId"] = queue.owner
            self._urls[queue] = client.get_queue_url(**asked)["QueueUrl"]
        return self._urls[queue]


def _reading(question: SqsQuestion | Unknown, found: Found) -> Reading:
    if isinstance(question, Unknown):
        return question
    counts = found[question.queue]
    if isinstance(counts, Unknown):
        return counts
    count = messages(counts.attributes, question.count)
    return count if isinstance(count, Unknown) else Sample(count, counts.at)
