"""Auto Scaling groups and fleets keep the promises of a pool, at a stand-in that is held to AWS's own model."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from autoscaler.model.quantities import Duration
from autoscaler.testing.pools import Pool, PoolContract
from autoscaler_aws.fleet_reader import FleetReader
from autoscaler_aws.pool_reader import GroupReader
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.serving import Standin
from tests.providers.aws.fleet_stage import ONE, SEVERAL, FleetStage
from tests.providers.aws.pool_stage import AGES, GROUP, SITE, Stage

WRITES = ("autoscaling.LaunchInstances", "autoscaling.SetDesiredCapacity", "autoscaling.TerminateInstanceInAutoScalingGroup")

GROUPS = {
    "one type": GROUP,
    "several types": replace(GROUP, kinds=("m7g.large", "m7g.xlarge")),
    "a warm pool": replace(GROUP, standby=0),
}
FLEET_WRITES = ("ec2.CreateFleet", "ec2.TerminateInstances")
A_WHILE = Duration(4000)


@pytest.mark.usefixtures("keys")
class TestAutoScalingGroup(PoolContract):
    @pytest.fixture(params=["one type", "several types", "a warm pool"])
    def pool(self, request: pytest.FixtureRequest) -> Iterator[Pool]:
        stage = Stage.of(GROUPS[request.param])
        with stage.served:
            yield Pool(
                reader=stage.reader,
                writer=stage.writer,
                settle=stage.settle,
                nobody=GroupReader(replace(stage.settings, auto_scaling_group="nobody"), SITE),
                sell_out=stage.sell_out,
                break_down=lambda: refuse(stage.served, "ServiceUnavailable", 503, times=100),
                leave=stage.leave,
                lose_reply=lambda: stage.served.faults.add(Fault(operation=one, kind=Kind.CUT) for one in WRITES),
                throttle=lambda: refuse(stage.served, "Throttling"),
                deny=lambda: refuse(stage.served, "AccessDenied", 403, operations=WRITES),
                hide=lambda: setattr(stage.aws.machines, "unlisted", AGES),
                spoil=lambda: setattr(stage.aws.machines, "failing", 1),
                resize=stage.aws.groups[GROUP.name].set_desired,
                stand_by=partial(stand_by, stage) if request.param == "a warm pool" else None,
            )
        assert stage.served.mistakes == []


@pytest.mark.usefixtures("keys")
class TestFleet(PoolContract):
    @pytest.fixture(params=["one type", "several types and markets"])
    def pool(self, request: pytest.FixtureRequest) -> Iterator[Pool]:
        stage = FleetStage.of({"one type": ONE, "several types and markets": SEVERAL}[request.param])
        with stage.served:
            yield Pool(
                reader=stage.reader,
                writer=stage.writer,
                settle=stage.settle,
                nobody=FleetReader(stage.settings, replace(ONE, launch_template="nobody"), stage.site),
                sell_out=stage.leave,
                break_down=lambda: refuse(stage.served, "Unavailable", 503, times=100),
                leave=stage.leave,
                lose_reply=lambda: stage.served.faults.add(Fault(operation=one, kind=Kind.CUT) for one in FLEET_WRITES),
                throttle=lambda: refuse(stage.served, "RequestLimitExceeded", 503),
                deny=lambda: refuse(stage.served, "UnauthorizedOperation", 403, operations=FLEET_WRITES),
                hide=lambda: setattr(stage.aws.machines, "unlisted", A_WHILE),
                spoil=lambda: setattr(stage.aws.machines, "failing", 1),
                resize=stage.resize,
            )
        assert stage.served.mistakes == []


def stand_by(stage: Stage, count: int) -> None:
    """So many are made for its warm pool, and stopped."""
    stage.aws.groups[GROUP.name].warm.size = count
    stage.aws.step()
    stage.settle()


def refuse(served: Standin, code: str, status: int = 400, *, times: int = 1, operations: tuple[str, ...] = ("*",)) -> None:
    """AWS says so, that often."""
    served.faults.add(Fault(operation=one, kind=Kind.REFUSE, times=times, code=code, status=status) for one in operations)
