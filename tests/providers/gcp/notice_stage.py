"""A subscription at a stand-in, our reader and writer of it, and machines that say what becomes of them."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.refs import ClusterName
from autoscaler_gcp.notice_queue import PubSubNoticeQueue
from autoscaler_gcp.notice_reader import PubSubNoticeReader
from autoscaler_gcp.notice_settings import GcpNotices
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.cloud import GoogleCloud
from tests.providers.gcp.pool_stage import PROJECT, REAL, CloudTime
from tests.providers.granted import Granted

SPOT = "shop-notices"


@dataclass(frozen=True)
class NoticeStage:
    """One subscription, listening."""

    cloud: GoogleCloud
    served: Granted
    settings: GcpNotices
    site: Site
    reader: PubSubNoticeReader
    queue: PubSubNoticeQueue

    def put(self, body: str) -> None:
        """Whatever it is."""
        self.cloud.pubsub.put(SPOT, base64.b64encode(body.encode()).decode())

    def tell(self, name: str) -> None:
        """A machine says that it is preempted."""
        self.put(message(name, self.cloud.clock.now()))

    def befall(self, kind: Kind, code: str = "", status: int = 400) -> None:
        """The next call."""
        self.served.faults.add([Fault(operation="*", kind=kind, code=code, status=status)])


def message(name: str, now: int, seconds: int = 30, **more: object) -> str:
    """What the script of Terraform's module join sends."""
    at, ends = (datetime.fromtimestamp(now // 1000 + later, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for later in (0, seconds))
    told = {"poolkeeper": 1, "cloud": "gcp", "scope": PROJECT, "instance": name, "incarnation": name, "kind": "preempted"}
    return json.dumps({**told, "at": at, "ends": ends, **more})


@contextmanager
def staged() -> Iterator[NoticeStage]:
    """Empty. The stand-in must make no mistake of its own."""
    cloud = GoogleCloud(REAL, PROJECT)
    cloud.pubsub.add(SPOT, SPOT)
    with Granted(cloud, REAL) as served:
        settings = GcpNotices(project=PROJECT, subscription=SPOT, url=Url(served.url), monitoring_url=Url(served.url))
        site = Site(name="spot", cluster=ClusterName("shop"), runtime=CloudTime(cloud))
        yield NoticeStage(cloud, served, settings, site, PubSubNoticeReader(settings, site), PubSubNoticeQueue(settings, site))
    assert served.mistakes == []
