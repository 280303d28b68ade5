"""Managed instance groups keep the promises of a pool, at a stand-in that is held to Google's own model."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoscaler.testing.pools import Pool, PoolContract
from autoscaler_gcp.pool_reader import GroupReader
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.groups import Group
from autoscaler_standins.gcp.standby import Standby
from tests.providers.gcp.pool_stage import AGES, E2, regional, staged, zonal

WRITES = ("createInstances", "deleteInstances", "startInstances", "resumeInstances", "resize")
GROUPS = {
    "in a zone": zonal(),
    "in a zone, refilled by Google": replace(zonal(), standby=Standby(refills=True)),
    "over a region, of several types": replace(regional(), even=False, kinds=("e2-standard-4", "n2-standard-8")),
}


class TestManagedInstanceGroup(PoolContract):
    @pytest.fixture(params=GROUPS)
    def pool(self, request: pytest.FixtureRequest) -> Iterator[Pool]:
        group: Group = GROUPS[request.param]
        with staged(replace(group, members={}, failures=[], standby=replace(group.standby)), E2) as stage:
            yield Pool(
                reader=stage.reader,
                writer=stage.writer,
                settle=stage.settle,
                nobody=GroupReader(replace(stage.settings, instance_group="nobody"), stage.site),
                sell_out=stage.sell_out,
                break_down=lambda: stage.refuse("backendError", 503),
                leave=stage.leave,
                lose_reply=lambda: stage.befall(Fault(operation="*", kind=Kind.CUT), WRITES),
                throttle=lambda: stage.refuse("rateLimitExceeded", 403, times=1),
                deny=lambda: stage.befall(Fault(operation="*", kind=Kind.REFUSE, code="forbidden", status=403), WRITES),
                hide=lambda: setattr(stage.cloud.machines, "unlisted", AGES),
                spoil=lambda: setattr(stage.cloud.machines, "failing", 1),
                resize=lambda size: stage.cloud.groups.resize(stage.group, size),
                stand_by=stage.stand_by,
            )
