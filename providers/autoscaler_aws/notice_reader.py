"""How many notices wait in a queue of SQS."""

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler_aws.calls import read
from autoscaler_aws.clients import sqs_clients
from autoscaler_aws.settings import AwsNotices


class SqsNoticeReader:
    """Looks at the queue, and takes nothing."""

    def __init__(self, settings: AwsNotices, site: Site) -> None:
        self._settings = settings
        self._clients = sqs_clients(settings, site.runtime)

    def waiting(self, deadline: Duration) -> int:
        """As SQS counts them, roughly."""
        sqs = self._clients.within(deadline)
        found = read(lambda: sqs.get_queue_attributes(QueueUrl=self._settings.queue, AttributeNames=["ApproximateNumberOfMessages"]))
        return int(found["Attributes"]["ApproximateNumberOfMessages"])
