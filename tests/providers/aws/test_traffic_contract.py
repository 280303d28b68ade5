"""Target groups keep the promises of a balancer, at a stand-in that is held to AWS's own model."""

from collections.abc import Iterator

import pytest

from autoscaler.testing.traffic import Rotation, TrafficContract
from autoscaler_standins.faults import Fault, Kind
from tests.providers.aws.traffic_stage import BY_ADDRESS, BY_INSTANCE, NOBODY, ONE, TWO, WEB, TrafficStage

WRITES = ("elbv2.RegisterTargets", "elbv2.DeregisterTargets")


@pytest.mark.usefixtures("keys")
class TestTargetGroup(TrafficContract):
    @pytest.fixture(
        params=[
            pytest.param(BY_ADDRESS, id="addresses"),
            pytest.param(BY_INSTANCE, id="instances"),
        ]
    )
    def rotation(self, request: pytest.FixtureRequest) -> Iterator[Rotation]:
        stage = TrafficStage.of(request.param)
        with stage.served:
            yield Rotation(
                reader=stage.reader,
                writer=stage.writer,
                web=WEB,
                addresses=(ONE, TWO),
                settle=stage.settle,
                stranger=NOBODY,
                break_down=lambda: stage.refuse("ServiceUnavailable", 503, times=100),
                lose_reply=lambda: stage.served.faults.add(Fault(operation=one, kind=Kind.CUT) for one in WRITES),
                throttle=lambda: stage.refuse("Throttling"),
                deny=lambda: stage.refuse("AccessDenied", 403, operation=WRITES[0]),
            )
        assert stage.served.mistakes == []
