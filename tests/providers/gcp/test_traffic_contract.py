"""Network endpoint groups keep the promises of a balancer, at a stand-in that is held to Google's own model."""

from collections.abc import Iterator

import pytest

from autoscaler.testing.traffic import Rotation, TrafficContract
from autoscaler_standins.faults import Fault, Kind
from tests.providers.gcp.traffic_stage import METHODS, NOBODY, ONE, TWO, WEB, groups, staged

WRITES = ("attachNetworkEndpoints", "detachNetworkEndpoints")


class TestNetworkEndpointGroups(TrafficContract):
    @pytest.fixture(params=[pytest.param(True, id="who drains is listed"), pytest.param(False, id="who drains is not listed")])
    def rotation(self, request: pytest.FixtureRequest) -> Iterator[Rotation]:
        with staged(*groups(shows=request.param)) as stage:
            yield Rotation(
                reader=stage.reader,
                writer=stage.writer,
                web=WEB,
                addresses=(ONE, TWO),
                settle=stage.settle,
                stranger=NOBODY,
                break_down=lambda: stage.refuse("backendError", 503, times=100),
                lose_reply=lambda: stage.served.faults.add(Fault(operation=METHODS + one, kind=Kind.CUT) for one in WRITES),
                throttle=lambda: stage.refuse("rateLimitExceeded", 403),
                deny=lambda: stage.refuse("forbidden", 403, on=WRITES[0]),
            )
