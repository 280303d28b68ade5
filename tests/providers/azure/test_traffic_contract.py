"""Backend pools keep the promises of a balancer, at a stand-in that is held to Azure's own model."""

from collections.abc import Iterator

import pytest

from autoscaler.testing.traffic import Rotation, TrafficContract
from autoscaler_standins.faults import Fault, Kind
from tests.providers.azure.gateway_stage import PUT as PUT_GATEWAY
from tests.providers.azure.gateway_stage import GatewayStage, fronted
from tests.providers.azure.traffic_stage import NOBODY, ONE, PUT, TWO, WEB, TrafficStage, staged


def rotation_of(stage: TrafficStage | GatewayStage, put: str) -> Rotation:
    """`put`: what the change is called."""
    return Rotation(
        reader=stage.reader,
        writer=stage.writer,
        web=WEB,
        addresses=(ONE, TWO),
        settle=stage.settle,
        stranger=NOBODY,
        break_down=lambda: stage.refuse("ServiceUnavailable", 503, times=100),
        lose_reply=lambda: stage.served.faults.add([Fault(operation=put, kind=Kind.CUT)]),
        throttle=lambda: stage.refuse("TooManyRequests", 429),
        deny=lambda: stage.refuse("AuthorizationFailed", 403, on=put),
    )


class TestLoadBalancer(TrafficContract):
    @pytest.fixture
    def rotation(self, no_proxy: None) -> Iterator[Rotation]:
        with staged() as stage:
            yield rotation_of(stage, PUT)


class TestApplicationGateway(TrafficContract):
    @pytest.fixture
    def rotation(self, no_proxy: None) -> Iterator[Rotation]:
        with fronted() as stage:
            yield rotation_of(stage, PUT_GATEWAY)
