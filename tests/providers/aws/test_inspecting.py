"""What `doctor` finds of a pool at AWS, without changing anything there."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from autoscaler.contracts.inspection import Finding
from autoscaler.model.quantities import Duration
from autoscaler_aws.inspector import GroupInspector
from autoscaler_aws.quotas import STANDARD, Bucket, bucket, used
from autoscaler_aws.simulating import principal_of
from autoscaler_clouds.permissions import table
from autoscaler_standins.aws.groups import Group
from autoscaler_standins.faults import Fault, Kind
from tests.providers.aws.pool_stage import GROUP, SITE, Stage

LONG = Duration(60_000)
WELL = {
    "account aws 000000000000 identity: we are arn:aws:sts::000000000000:assumed-role/shop-poolkeeper-actor/it",
    "account aws 000000000000 clock: ours and the cloud's are within 30s",
    "pool general group: nobody else sets its count",
}
OBSERVED = {row.permission for row in table("autoscaler_aws") if row.role == "observer"}
ACTOR = {row.permission for row in table("autoscaler_aws") if row.role == "actor"} - OBSERVED


@pytest.fixture
def stage(keys: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A group as Terraform's module makes it. The stand-in must make no mistake, and be asked to change nothing."""
    found = Stage.of(GROUP)
    found.aws.clock.ahead = 0
    with found.served, pytest.MonkeyPatch.context() as patch:
        for service in ("STS", "IAM", "SERVICE_QUOTAS"):
            patch.setenv(f"AWS_ENDPOINT_URL_{service}", found.served.url)
        yield found
    assert (found.served.mistakes, found.served.changed()) == ([], [])


def examined(stage: Stage) -> tuple[Finding, ...]:
    return GroupInspector(stage.settings, SITE).examine(LONG)


def told(found: tuple[Finding, ...]) -> list[str]:
    return [f"{one.name}: {one.says}" for one in found]


def test_of_a_pool_as_it_should_be_there_is_nothing_to_do_but_what_cannot_be_known(stage: Stage) -> None:
    found = examined(stage)
    assert {*told(found)} >= WELL
    assert all(one.ok for one in found)
    assert [one.says for one in found if one.hint] == ["iam:PassRole cannot be known: it is about the machines' own role"]
    assert any("that were looked at are there" in one.says for one in found)


def suspend(group: Group) -> None:
    group.suspended.append("Launch")


def awaken(group: Group) -> None:
    group.suspended.clear()


def reuse(group: Group) -> None:
    group.warm.size, group.warm.reuses = 1, True


def hold(group: Group) -> None:
    group.hooks.holds["drain"] = Duration(300_000)


def expose(group: Group) -> None:
    group.protected_new = False


@pytest.mark.parametrize(
    ("change", "ok", "says", "hint"),
    [
        pytest.param(suspend, False, "its process Launch is suspended", "resume-processes", id="no launches"),
        pytest.param(awaken, True, "AZRebalance is on", "suspend-processes", id="zones kept even"),
        pytest.param(expose, True, "not protected from its own scale-in", "--new-instances-protected-from-scale-in", id="no protection"),
        pytest.param(lambda one: one.others.policies.append("cpu50"), True, "scaling policy cpu50", "delete-policy", id="a policy"),
        pytest.param(lambda one: one.others.schedule.append("night"), True, "the scheduled action night", "see the rule", id="a schedule"),
        pytest.param(lambda one: one.others.refreshes.append("InProgress"), True, "refresh is InProgress", "cancel-", id="a refresh"),
        pytest.param(reuse, True, "goes into its warm pool", "ReuseOnScaleIn=false", id="machines that come again"),
        pytest.param(hold, True, "its hook drain holds machines that are given back for 300 s", "complete_hooks", id="a hook"),
        pytest.param(lambda one: setattr(one.others, "lifetime", 86400), True, "of a certain age", "lifetime 0", id="a lifetime"),
        pytest.param(lambda one: setattr(one.others, "rebalances_capacity", True), True, "Capacity Rebalancing", "--no-", id="rebalancing"),
    ],
)
def test_what_aws_does_behind_us(stage: Stage, change: Callable[[Group], None], says: str, hint: str, *, ok: bool) -> None:
    change(stage.aws.groups[GROUP.name])
    (found,) = [one for one in examined(stage) if says in one.says]
    assert (found.ok, hint in found.hint) == (ok, True)


def test_a_hook_that_is_ours_to_complete_is_none_to_tell_but_where_it_is_not_there(stage: Stage) -> None:
    hold(stage.aws.groups[GROUP.name])
    found = GroupInspector(replace(stage.settings, complete_hooks=("drain", "save")), SITE).examine(LONG)
    assert [one.says for one in found if "hook" in one.says] == ["it has no hook of termination save"]


def test_a_refresh_that_is_over_is_none(stage: Stage) -> None:
    stage.aws.groups[GROUP.name].others.refreshes += ["Successful", "Cancelled", "RollbackFailed"]
    assert {*told(examined(stage))} >= WELL


def lacking(found: tuple[Finding, ...]) -> set[str]:
    return {one.says.partition(" ")[0] for one in found if not one.ok}


@pytest.mark.parametrize("permission", ["ec2:DescribeInstances", "ec2:RunInstances", "autoscaling:SetDesiredCapacity"])
def test_a_permission_that_lacks_is_named_with_what_it_is_for(stage: Stage, permission: str) -> None:
    stage.aws.behind.denied.add(permission)
    found = examined(stage)
    assert lacking(found) == {permission}
    assert next(one.says for one in found if not one.ok).startswith(f"{permission} is lacking: ")


def test_a_group_without_the_clusters_tag_is_out_of_the_actors_reach(stage: Stage) -> None:
    stage.aws.groups[GROUP.name].tags.clear()
    assert "autoscaling:LaunchInstances" in lacking(examined(stage))


def test_who_may_change_nothing_at_all_is_meant_to_look(stage: Stage) -> None:
    stage.aws.behind.denied |= ACTOR
    found = examined(stage)
    assert all(one.ok for one in found)
    assert any("look and change nothing" in one.says for one in found)


def test_where_iam_may_not_be_asked_permissions_are_not_known(stage: Stage) -> None:
    stage.aws.behind.simulates = False
    one, tried = [each for each in examined(stage) if each.name.endswith("permissions")]
    assert (one.ok, "cannot be known" in one.says, "iam:SimulatePrincipalPolicy" in one.hint) == (True, True, True)
    assert tried.says == "ec2:CreateFleet is there, by a dry run"


def test_a_launch_that_may_not_even_be_tried_is_told(stage: Stage) -> None:
    stage.aws.behind.simulates = False
    stage.aws.behind.denied.add("ec2:CreateFleet")
    assert lacking(examined(stage)) == {"ec2:CreateFleet"}


def test_a_try_that_comes_to_something_else_says_nothing(stage: Stage) -> None:
    stage.aws.behind.simulates = False
    stage.served.faults.add([Fault(operation="ec2.CreateFleet", kind=Kind.REFUSE, code="InvalidLaunchTemplateId.NotFound", times=9)])
    found = examined(stage)
    assert all(one.ok for one in found)
    assert any("InvalidLaunchTemplateId" in one.says for one in found)


def test_a_quota_that_is_nearly_used_is_told(stage: Stage) -> None:
    stage.aws.behind.vcpus["L-1216C47A"] = 5
    (found,) = [one for one in examined(stage) if one.name.endswith("quota")]
    assert (found.ok, found.says) == (True, "4 of 5 vCPUs on demand, standard (A, C, D, H, I, M, R, T, Z), are used")


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        ("m7g.large", STANDARD),
        ("im4gn.large", STANDARD),
        ("hpc7a.96xlarge", "HPC"),
        ("g5.xlarge", "G and VT"),
        ("p5.48xlarge", "P"),
        ("inf2.xlarge", "Inf"),
        ("", ""),
    ],
)
def test_which_quota_counts(kind: str, of: str) -> None:
    assert bucket(kind, spot=True) == Bucket(of, spot=True)
    assert bool(bucket(kind, spot=False).code) is (of in (STANDARD, "G and VT", "P"))


def test_machines_of_both_markets_count_by_themselves() -> None:
    cores = {"CoreCount": 4, "ThreadsPerCore": 2}
    machines: list[Any] = [
        {"InstanceType": "m5.2xlarge", "CpuOptions": cores},
        {"InstanceType": "c5.2xlarge", "CpuOptions": cores, "InstanceLifecycle": "spot"},
        {"InstanceType": "m5.2xlarge"},
    ]
    assert used(machines) == {Bucket(STANDARD, spot=False): 8, Bucket(STANDARD, spot=True): 8}


@pytest.mark.parametrize("ahead", [600_000, -600_000], ids=["behind", "ahead"])
def test_a_clock_that_is_off_is_told(stage: Stage, ahead: int) -> None:
    stage.aws.clock.ahead = ahead
    (one,) = [each for each in examined(stage) if each.name.endswith("clock")]
    assert (one.ok, "behind" if ahead > 0 else "ahead") == (False, one.says.rpartition(" ")[2])


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        pytest.param(Fault(operation="sts.GetCallerIdentity", kind=Kind.REFUSE, code="InvalidClientTokenId", status=403), 1, id="nobody"),
        pytest.param(
            Fault(operation="autoscaling.DescribeAutoScalingGroups", kind=Kind.REFUSE, code="AccessDenied", status=403), 3, id="blind"
        ),
    ],
)
def test_what_hinders_all_the_rest_is_told_once(stage: Stage, fault: Fault, left: int) -> None:
    stage.served.faults.add([replace(fault, times=9)])
    found = examined(stage)
    assert (len(found), [one.ok for one in found].count(False)) == (left, 1)


def test_what_only_helps_to_find_more_is_not_broken_where_it_is_denied(stage: Stage) -> None:
    stage.served.faults.add([Fault(operation="autoscaling.DescribePolicies", kind=Kind.REFUSE, code="AccessDenied", status=403, times=9)])
    found = examined(stage)
    assert all(one.ok for one in found)
    assert any(one.says.startswith("cannot be known: AWS says AccessDenied") for one in found)


def test_a_group_that_is_not_there_is_told(stage: Stage) -> None:
    inspector = GroupInspector(replace(stage.settings, auto_scaling_group="gone"), SITE)
    assert "there is no Auto Scaling group gone" in inspector.examine(LONG)[-1].says


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        ("arn:aws:sts::123456789012:assumed-role/shop/i-1", "arn:aws:iam::123456789012:role/shop"),
        ("arn:aws-cn:sts::123456789012:assumed-role/a.b@c/x/y", "arn:aws-cn:iam::123456789012:role/a.b@c"),
        ("arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:user/ann"),
    ],
)
def test_whose_policies_hold(arn: str, principal: str) -> None:
    assert principal_of(arn) == principal


def test_no_error_is_raised_where_nobody_answers(keys: pytest.MonkeyPatch) -> None:
    stage = Stage.of(GROUP)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
        found = GroupInspector(stage.settings, SITE).examine(Duration(3000))
    stage.served._server.server_close()
    assert [one.ok for one in found] == [False]
