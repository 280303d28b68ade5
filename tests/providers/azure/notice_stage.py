"""A storage queue at a stand-in, our reader and writer of it, and machines that say what becomes of them."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.refs import ClusterName
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler_azure.notice_queue import StorageNoticeQueue
from autoscaler_azure.notice_reader import StorageNoticeReader
from autoscaler_azure.notice_settings import AzureNotices
from autoscaler_standins.azure.cloud import AzureCloud
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.machines import Machines
from tests.providers.azure.standin import SUBSCRIPTION
from tests.providers.granted import Granted

ACCOUNT, SPOT = "shopnotices", "shop-notices-azure"


@dataclass(frozen=True)
class NoticeStage:
    """One queue, listening."""

    cloud: AzureCloud
    served: Granted
    settings: AzureNotices
    site: Site
    reader: StorageNoticeReader
    queue: StorageNoticeQueue

    def put(self, text: str) -> None:
        """Whatever it is."""
        self.cloud.queues.put(ACCOUNT, SPOT, text)

    def tell(self, name: str) -> None:
        """A machine says that it is evicted."""
        self.put(message(name, self.cloud.clock.now()))

    def befall(self, kind: Kind, code: str = "", status: int = 400) -> None:
        """The next call."""
        self.served.faults.add([Fault(operation="*", kind=kind, code=code, status=status)])


def message(name: str, now: int, seconds: int = 30, **more: object) -> str:
    """What the script of Terraform's module join sends, as it lies in the queue."""
    at, ends = (datetime.fromtimestamp(now // 1000 + later, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for later in (0, seconds))
    told = {"poolkeeper": 1, "cloud": "azure", "scope": SUBSCRIPTION, "instance": name, "incarnation": name, "kind": "Preempt"}
    return base64.b64encode(json.dumps({**told, "at": at, "ends": ends, **more}).encode()).decode()


@contextmanager
def staged() -> Iterator[NoticeStage]:
    """Empty. The stand-in must make no mistake of its own."""
    runtime = VirtualRuntime()
    clock = Clock(runtime)
    cloud = AzureCloud(clock=clock, machines=Machines(clock=clock))
    cloud.queues.all[ACCOUNT, SPOT] = []
    with Granted(cloud, runtime) as served:
        settings = AzureNotices(queue=Url(f"{served.url}/{ACCOUNT}/{SPOT}"))
        site = Site(name="spot", cluster=ClusterName("shop"), runtime=runtime)
        yield NoticeStage(cloud, served, settings, site, StorageNoticeReader(settings, site), StorageNoticeQueue(settings, site))
    assert served.mistakes == []
