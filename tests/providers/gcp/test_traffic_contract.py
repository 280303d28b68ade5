"""Network endpoint groups and instance groups keep the promises of a balancer, at a stand-in that is held to Google's own model."""

from collections.abc import Iterator

import pytest

from autoscaler.testing.traffic import Rotation, TrafficContract
from autoscaler_standins.faults import Fault, Kind
from tests.providers.gcp import group_traffic_stage
from tests.providers.gcp.pool_stage import REGION
from tests.providers.gcp.traffic_stage import METHODS, NOBODY, ONE, TWO, WEB, groups, staged

WRITES = ("attachNetworkEndpoints", "detachNetworkEndpoints")


class TestInstanceGroups(TrafficContract):
    @pytest.fixture(params=[pytest.param("", id="of a global service"), pytest.param(REGION, id="of a service of a region")])
    def rotation(self, request: pytest.FixtureRequest) -> Iterator[Rotation]:
        with group_traffic_stage.staged(*group_traffic_stage.groups(region=request.param), region=request.param) as stage:
            writes = [f"{stage.methods}{verb}Instances" for verb in ("add", "remove")]
            yield Rotation(
                reader=stage.reader,
                writer=stage.writer,
                web=WEB,
                addresses=(ONE, TWO),
                settle=stage.settle,
                stranger=NOBODY,
                break_down=lambda: stage.refuse("backendError", 503, times=100),
                lose_reply=lambda: stage.served.faults.add(Fault(operation=one, kind=Kind.CUT) for one in writes),
                throttle=lambda: stage.refuse("rateLimitExceeded", 403),
                deny=lambda: stage.refuse("forbidden", 403, on="addInstances"),
            )


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
