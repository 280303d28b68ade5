"""What a policy file says of a queue with notices: `notices: {spot: {storage_queue: {queue: "https://ACCOUNT.queue.core.windows.net/QUEUE"}}}`."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from autoscaler.config.secrets import Url
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration
from autoscaler_azure.settings import HERE

NAME = r"[a-z0-9](-?[a-z0-9]){2,62}"
QUEUE = re.compile(rf"https://[a-z0-9]{{3,24}}\.queue(\.[a-z0-9-]+)+/{NAME}")
TRIED = re.compile(rf"/[a-z0-9]{{3,24}}/{NAME}")
"""The path of a queue at a stand-in, which has no host of the account's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureNotices:
    """`queue`: the address of the storage queue to which machines say that Azure takes them. `timeout`: of one call.

    Who we are is found as every Azure client does, never in the policy file.
    """

    queue: Url
    timeout: Duration = Duration(4000)

    def __post_init__(self) -> None:
        if not QUEUE.fullmatch(self.queue.text) and not self._tried():
            hint = "write https://ACCOUNT.queue.core.windows.net/QUEUE; http is for a stand-in on this machine"
            raise PolicyError("a storage queue has an address of Azure's", hint=hint)
        if not self.timeout.ms:
            raise PolicyError("a call without time has no answer", hint="write `timeout: 4s`, or leave it out")

    def _tried(self) -> bool:
        split = urlsplit(self.queue.text)
        return split.scheme == "http" and split.hostname in HERE and not split.query and TRIED.fullmatch(split.path) is not None
