"""AWS at its worst: fifty seeds, a few of them where there is little time."""

import pytest

from tests.providers.standins.rough import Place, run
from tests.providers.standins.test_aws_end_to_end import LARGE, POOL, ZONES, cloud

FEW, ALL = 4, 50


AWS = Place(
    cloud=cloud,
    machines=lambda found: found.machines,  # type: ignore[attr-defined]
    pool=POOL,
    writes=("autoscaling.LaunchInstances", "autoscaling.TerminateInstanceInAutoScalingGroup"),
    reads=("autoscaling.DescribeAutoScalingGroups", "ec2.DescribeInstances", "autoscaling.DescribeScalingActivities"),
    throttled=("Throttling", 400),
    sold=tuple((LARGE.name, zone) for zone in ZONES),
)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("seed", range(FEW))
def test_nothing_is_lost_leaked_or_launched_twice(seed: int) -> None:
    assert run(seed, AWS).wrong == []


@pytest.mark.clouds
@pytest.mark.parametrize("seed", range(FEW, ALL))
def test_nothing_is_lost_leaked_or_launched_twice_in_many_seeds(seed: int) -> None:
    assert run(seed, AWS).wrong == []
