"""Backend pools keep the promises of a balancer, at a stand-in that is held to Azure's own model."""

from collections.abc import Iterator

import pytest

from autoscaler.testing.traffic import Rotation, TrafficContract
from autoscaler_standins.faults import Fault, Kind
from tests.providers.azure.traffic_stage import NOBODY, ONE, PUT, TWO, WEB, staged


class TestLoadBalancer(TrafficContract):
    @pytest.fixture
    def rotation(self, no_proxy: None) -> Iterator[Rotation]:
        with staged() as stage:
            yield Rotation(
                reader=stage.reader,
                writer=stage.writer,
                web=WEB,
                addresses=(ONE, TWO),
                settle=stage.settle,
                stranger=NOBODY,
                break_down=lambda: stage.refuse("ServiceUnavailable", 503, times=100),
                lose_reply=lambda: stage.served.faults.add([Fault(operation=PUT, kind=Kind.CUT)]),
                throttle=lambda: stage.refuse("TooManyRequests", 429),
                deny=lambda: stage.refuse("AuthorizationFailed", 403, on=PUT),
            )
