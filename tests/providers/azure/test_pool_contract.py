"""A scale set keeps the promises of a pool, at a stand-in that is held to Azure's own model."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from autoscaler.model.quantities import Duration
from autoscaler.testing.pools import Pool, PoolContract
from autoscaler_azure.pool_reader import ScaleSetReader
from autoscaler_standins.azure.standby import StandbyPool
from autoscaler_standins.faults import Fault, Kind
from tests.providers.azure.standin import Azure, listening, model, reader_of, settings_of, site_of, writer_of

NOTIFIED = "with terminate notifications"
MODES = {
    "uniform": model(),
    "uniform in three zones": model(zones=("1", "2", "3")),
    "flexible": model(flexible=True),
    "flexible and of several kinds": model(flexible=True, kinds=("Standard_D2s_v5", "Standard_E2s_v5")),
    "spot": model(spot=True),
    NOTIFIED: model(zones=("2",)),
}
WRITES = ("VirtualMachineScaleSets.Update", "VirtualMachineScaleSets.DeleteInstances")
AGES = Duration(60_000)


class TestScaleSet(PoolContract):
    @pytest.fixture(params=MODES)
    def pool(self, request: pytest.FixtureRequest, no_proxy: None) -> Iterator[Pool]:
        with listening(MODES[request.param]) as azure:
            azure.cloud.standby += [StandbyPool(name="ready", set=azure.set)] if azure.set.model.flexible else []
            azure.set.lingers = Duration(300_000 if request.param == NOTIFIED else 0)
            yield Pool(
                reader=reader_of(azure),
                writer=writer_of(azure),
                settle=azure.settle,
                nobody=ScaleSetReader(replace(settings_of(azure), scale_set="nobody"), site_of(azure)),
                sell_out=azure.sell_out,
                break_down=lambda: refuse(azure, "ServiceUnavailable", 503, times=100),
                leave=azure.leave,
                lose_reply=lambda: azure.befall(*(Fault(operation=one, kind=Kind.CUT) for one in WRITES)),
                throttle=lambda: refuse(azure, "TooManyRequests", 429),
                deny=lambda: refuse(azure, "AuthorizationFailed", 403, operations=WRITES),
                hide=lambda: setattr(azure.cloud.machines, "unlisted", AGES),
                spoil=lambda: setattr(azure.cloud.machines, "failing", 1),
                resize=lambda count: somebody(azure, count),
                stand_by=partial(stand_by, azure) if azure.set.model.flexible else None,
            )
        assert azure.standin.mistakes == []


def refuse(azure: Azure, code: str, status: int, *, times: int = 1, operations: tuple[str, ...] = ("*",)) -> None:
    """Azure says so, that often."""
    azure.befall(*(Fault(operation=one, kind=Kind.REFUSE, times=times, code=code, status=status) for one in operations))


def stand_by(azure: Azure, count: int) -> None:
    """In a standby pool that the settings name."""
    azure.set.stand_by(count)


def somebody(azure: Azure, count: int) -> None:
    """Sets the capacity, as az vmss scale does."""
    azure.set.resize(count)
