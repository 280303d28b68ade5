"""The promises of a load balancer, kept on a fake runtime socket."""

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.refs import WorkloadRef
from autoscaler.testing.traffic import Rotation, TrafficContract
from autoscaler_haproxy.settings import HaproxySettings
from autoscaler_haproxy.traffic_reader import HaproxyReader
from autoscaler_haproxy.traffic_writer import HaproxyWriter
from tests.providers.haproxy.fake_haproxy import FakeHaproxy


class TestHaproxy(TrafficContract):
    @pytest.fixture
    def rotation(self, proxy: FakeHaproxy, settings: HaproxySettings, site: Site, web: WorkloadRef) -> Rotation:
        return Rotation(
            reader=HaproxyReader(settings, site),
            writer=HaproxyWriter(settings, site),
            web=web,
            addresses=("10.0.0.1:8001", "10.0.0.2:8002"),
            settle=proxy.check,
            stranger=WorkloadRef(site.cluster, "nobody"),
            slots=3,
            break_down=proxy.stop,
        )
