"""Takes notices out of a queue of SQS, ten at a time; each comes again after a minute unless it is dropped."""

from functools import partial
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Duration
from autoscaler_aws.calls import read
from autoscaler_aws.clients import sqs_clients
from autoscaler_aws.notices import notices
from autoscaler_aws.settings import AwsNotices

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import DeleteMessageBatchRequestEntryTypeDef

TEN = 10
"""Messages that SQS gives, and drops, in one call."""

CALLS = 10
"""A hundred messages at a tick: a whole zone's spot machines."""

HIDDEN_S = 60


class SqsNoticeQueue:
    """One queue."""

    def __init__(self, settings: AwsNotices, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._clients = sqs_clients(settings, site.runtime)

    def take(self, deadline: Duration) -> tuple[Letter, ...]:
        """Until a call brings fewer than ten, or half the time is over."""
        clock = self._site.runtime.monotonic
        ends, letters = clock() + deadline.ms // 2, list[Letter]()
        sqs = self._clients.within(Duration(deadline.ms // 2))
        for _ in range(CALLS):
            found = read(lambda: sqs.receive_message(QueueUrl=self._settings.queue, MaxNumberOfMessages=TEN, VisibilityTimeout=HIDDEN_S))
            messages = found.get("Messages", [])
            for one in messages:
                letters += letters_of(one.get("ReceiptHandle", ""), one.get("Body", ""))
            if len(messages) < TEN or clock() >= ends:
                break
        return tuple(letters)

    def drop(self, letters: tuple[Letter, ...]) -> None:
        """Ten at a time; what is not dropped comes again."""
        sqs = self._clients.within(self._settings.timeout)
        receipts = list(dict.fromkeys(one.receipt for one in letters))
        for start in range(0, len(receipts), TEN):
            some: list[DeleteMessageBatchRequestEntryTypeDef] = [
                {"Id": str(number), "ReceiptHandle": one} for number, one in enumerate(receipts[start : start + TEN])
            ]
            read(partial(sqs.delete_message_batch, QueueUrl=self._settings.queue, Entries=some))


def letters_of(receipt: str, body: str) -> list[Letter]:
    """One for each notice in it, or one without any, so that it is dropped."""
    return [Letter(receipt=receipt, notice=one) for one in notices(body)] or [Letter(receipt=receipt)]
