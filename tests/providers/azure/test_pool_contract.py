"""A scale set keeps the promises of a pool, at a stand-in that is held to Azure's own model."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.testing.pools import Pool, PoolContract
from autoscaler_azure.pool_reader import ScaleSetReader
from autoscaler_standins.faults import Fault, Kind
from tests.providers.azure.standin import listening, model, reader_of, settings_of, site_of, writer_of

MODES = {
    "uniform": model(),
    "uniform in three zones": model(zones=("1", "2", "3")),
    "flexible": model(flexible=True),
    "flexible and of several kinds": model(flexible=True, kinds=("Standard_D2s_v5", "Standard_E2s_v5")),
    "spot": model(spot=True),
}
OUTAGE = Fault(operation="*", kind=Kind.REFUSE, times=100, code="ServiceUnavailable", status=503)


class TestScaleSet(PoolContract):
    @pytest.fixture(params=MODES)
    def pool(self, request: pytest.FixtureRequest, no_proxy: None) -> Iterator[Pool]:
        with listening(MODES[request.param]) as azure:
            yield Pool(
                reader=reader_of(azure),
                writer=writer_of(azure),
                settle=azure.settle,
                nobody=ScaleSetReader(replace(settings_of(azure), scale_set="nobody"), site_of(azure)),
                sell_out=azure.sell_out,
                break_down=lambda: azure.befall(OUTAGE),
            )
        assert azure.standin.mistakes == []
