"""How many notices wait in a storage queue."""

from autoscaler.contracts.provider import Site
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler_azure.notice_calls import LATER, StorageQueue
from autoscaler_azure.notice_settings import AzureNotices

COUNT = "x-ms-approximate-messages-count"


class StorageNoticeReader:
    """Looks at the queue, and takes nothing."""

    def __init__(self, settings: AzureNotices, site: Site) -> None:
        self._queue = StorageQueue(settings, site)

    def waiting(self, deadline: Duration) -> int:
        """As Azure counts them, with those that are taken and not deleted yet; never too few."""
        told = self._queue.ask("GET", "", {"comp": "metadata"}, deadline).headers.get(COUNT, "")
        if not told.isdecimal():
            raise UnavailableError("the answer is not as Azure's are: it does not say how many wait", hint=LATER)
        return int(told)
