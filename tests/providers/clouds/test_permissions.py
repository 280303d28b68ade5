"""The tables of permissions ship with their providers, and there is one of each."""

from importlib.resources import files
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from autoscaler_clouds.permissions import Row, calls_without, table

ROOT = Path(__file__).parents[3]
CLOUDS = ["aws", "azure", "gcp"]
ROW = Row(call="ec2.RunInstances", role="actor", permission="ec2:RunInstances", on="any", page="https://…")


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_providers_table_is_the_one_that_terraform_reads(cloud: str) -> None:
    ours = files(f"autoscaler_{cloud}") / "permissions.csv"
    assert Path(str(ours)).resolve() == ROOT / "terraform" / "modules" / f"{cloud}-roles" / "permissions.csv"
    assert len(table(f"autoscaler_{cloud}")) > 10


def test_a_wheel_holds_them() -> None:
    found = {one.distribution_path for one in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {f"autoscaler_{cloud}/permissions.csv" for cloud in CLOUDS} <= found


def test_what_lacks_is_told_with_the_calls_that_need_it() -> None:
    rows = [ROW, Row(call="autoscaling.LaunchInstances", role="actor", permission=ROW.permission, on="any", page=""), ROW]
    assert calls_without(rows, {ROW.permission, "none"}) == {"ec2:RunInstances": ("RunInstances", "LaunchInstances")}
    assert calls_without(rows, set()) == {}
