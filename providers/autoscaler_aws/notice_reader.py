"""How many notices wait in a queue of SQS."""

from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler_aws.calls import read
from autoscaler_aws.clients import Clients
from autoscaler_aws.settings import AwsNotices

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


class SqsNoticeReader:
    """Looks at the queue, and takes nothing."""

    def __init__(self, settings: AwsNotices, site: Site) -> None:
        self._settings = settings
        self._clients: Clients[SQSClient] = Clients(
            settings, site.runtime, lambda session, config, url: session.client("sqs", config=config, endpoint_url=url)
        )

    def waiting(self, deadline: Duration) -> int:
        """As SQS counts them, roughly."""
        sqs = self._clients.within(deadline)
        found = read(lambda: sqs.get_queue_attributes(QueueUrl=self._settings.queue, AttributeNames=["ApproximateNumberOfMessages"]))
        return int(found["Attributes"]["ApproximateNumberOfMessages"])
