"""What `doctor` finds of a pool without a group, without changing anything there."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from autoscaler.contracts.inspection import Finding
from autoscaler.model.quantities import Duration
from autoscaler_aws.fleet_inspector import FleetInspector
from autoscaler_clouds.permissions import table
from autoscaler_standins.aws.fleets import TemplateSpec
from tests.providers.aws.fleet_stage import ONE, OURS, TEMPLATE, FleetStage
from tests.providers.aws.pool_stage import LARGE, ZONES

LONG = Duration(60_000)


@pytest.fixture
def staged(keys: pytest.MonkeyPatch) -> Iterator[Callable[..., FleetStage]]:
    """Makes pools. The stand-in must make no mistake, and be asked to change nothing."""
    made: list[FleetStage] = []
    with pytest.MonkeyPatch.context() as patch:

        def make(**changes: Any) -> FleetStage:  # noqa: ANN401 - of a template
            data = {name: value for name, value in {**TEMPLATE.data, **changes}.items() if value is not None}
            found = FleetStage.of(ONE, template=TemplateSpec(name=TEMPLATE.name, id=TEMPLATE.id, data=data))
            found.aws.clock.ahead = 0
            for service in ("STS", "IAM", "SERVICE_QUOTAS"):
                patch.setenv(f"AWS_ENDPOINT_URL_{service}", found.served.url)
            found.served.__enter__()
            made.append(found)
            return found

        yield make
        for one in made:
            one.served.__exit__()
            assert (one.served.mistakes, one.served.changed()) == ([], [])


def examined(stage: FleetStage) -> tuple[Finding, ...]:
    return FleetInspector(stage.settings, ONE, stage.site).examine(LONG)


def test_of_a_pool_as_it_should_be_there_is_nothing_to_do_but_what_cannot_be_known(staged: Callable[..., FleetStage]) -> None:
    found = examined(staged())
    assert [one.name.rpartition(" ")[2] for one in found] == ["identity", "clock", "fleet", "permissions", "permissions", "quota"]
    assert all(one.ok for one in found)
    assert [one.says for one in found if one.hint] == ["iam:PassRole cannot be known: it is about the machines' own role"]


@pytest.mark.parametrize(
    ("change", "ok", "says"),
    [
        pytest.param({"InstanceMarketOptions": {"MarketType": "spot"}}, False, "says a market", id="a market in the template"),
        pytest.param({"DisableApiTermination": True}, False, "may not be terminated", id="protection from termination"),
        pytest.param({"InstanceInitiatedShutdownBehavior": None}, True, "shuts itself down stays", id="machines that would stay"),
    ],
)
def test_what_of_its_launch_template_hinders(staged: Callable[..., FleetStage], change: dict[str, Any], says: str, *, ok: bool) -> None:
    (found,) = [one for one in examined(staged(**change)) if says in one.says]
    assert (found.ok, found.hint.startswith("make a new version of it with")) == (ok, True)


def test_machines_that_somebody_else_launched_are_told(staged: Callable[..., FleetStage]) -> None:
    stage = staged()
    stage.aws.fleets.add(LARGE.name, ZONES[0], {name: value for name, value in OURS.items() if name != "poolkeeper:token"}, 1)
    assert any("1 machines with its tags were not launched by poolkeeper" in one.says and one.ok for one in examined(stage))


def test_machines_of_a_group_with_its_tags_are_told(staged: Callable[..., FleetStage]) -> None:
    stage = staged()
    stage.aws.fleets.add(LARGE.name, ZONES[0], {**OURS, "aws:autoscaling:groupName": "shop-general"}, 1)
    assert any("1 machines of an Auto Scaling group have its tags" in one.says and not one.ok for one in examined(stage))


def lacking(found: tuple[Finding, ...]) -> set[str]:
    return {one.says.partition(" ")[0] for one in found if not one.ok}


@pytest.mark.parametrize("permission", ["ec2:TerminateInstances", "ec2:RunInstances", "ec2:DescribeInstances"])
def test_a_permission_that_lacks_is_named(staged: Callable[..., FleetStage], permission: str) -> None:
    stage = staged()
    stage.aws.behind.denied.add(permission)
    assert lacking(examined(stage)) == {permission}


def test_disks_without_the_clusters_tag_are_out_of_the_actors_reach(staged: Callable[..., FleetStage]) -> None:
    assert lacking(examined(staged(TagSpecifications=[]))) == {"ec2:CreateFleet", "ec2:RunInstances"}


def test_nothing_of_auto_scaling_is_asked_for(staged: Callable[..., FleetStage]) -> None:
    stage = staged()
    stage.aws.behind.denied |= {row.permission for row in table("autoscaler_aws") if row.permission.startswith("autoscaling:")}
    assert lacking(examined(stage)) == set()


def test_where_iam_may_not_be_asked_a_launch_is_tried_dry(staged: Callable[..., FleetStage]) -> None:
    stage = staged()
    stage.aws.behind.simulates = False
    assert "ec2:CreateFleet is there, by a dry run" in {one.says for one in examined(stage)}
    stage.aws.behind.denied.add("ec2:CreateFleet")
    assert lacking(examined(stage)) == {"ec2:CreateFleet"}


def test_a_launch_template_that_is_not_there_is_told(staged: Callable[..., FleetStage]) -> None:
    stage = staged()
    found = FleetInspector(stage.settings, replace(ONE, launch_template="lt-00000000000000000"), stage.site).examine(LONG)
    assert ("InvalidLaunchTemplateId.NotFound" in found[-1].says, found[-1].ok) == (True, False)
