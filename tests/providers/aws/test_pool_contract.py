"""An Auto Scaling group keeps the promises of a pool, at a stand-in that is held to AWS's own model."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.testing.pools import Pool, PoolContract
from autoscaler_aws.pool_reader import GroupReader
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.serving import Standin
from tests.providers.aws.pool_stage import GROUP, SITE, Stage


@pytest.mark.usefixtures("keys")
class TestAutoScalingGroup(PoolContract):
    @pytest.fixture(params=["one type", "several types"])
    def pool(self, request: pytest.FixtureRequest) -> Iterator[Pool]:
        kinds = {"one type": ("m7g.large",), "several types": ("m7g.large", "m7g.xlarge")}[request.param]
        stage = Stage.of(replace(GROUP, kinds=kinds))
        with stage.served:
            yield Pool(
                reader=stage.reader,
                writer=stage.writer,
                settle=stage.settle,
                nobody=GroupReader(replace(stage.settings, auto_scaling_group="nobody"), SITE),
                sell_out=stage.sell_out,
                break_down=lambda: broken(stage.served),
            )
        assert stage.served.mistakes == []


def broken(served: Standin) -> None:
    """AWS has an outage."""
    served.faults.add([Fault(operation="*", kind=Kind.REFUSE, times=100, code="ServiceUnavailable", status=503)])
