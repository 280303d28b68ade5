"""Looks at what a pool at AWS rests on: who we are, our clock, our permissions, and what AWS does behind us. Reads only."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from autoscaler.contracts.inspection import Finding
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler_aws import behind
from autoscaler_aws.account import Account, tried
from autoscaler_aws.calls import read
from autoscaler_aws.groups import template_of
from autoscaler_aws.pool_clients import PoolClients, group_of
from autoscaler_aws.settings import AwsPool
from autoscaler_aws.simulating import about_group, rows_of_groups
from autoscaler_clouds.findings import Findings
from autoscaler_clouds.permissions import table

if TYPE_CHECKING:
    from types_boto3_autoscaling import AutoScalingClient
    from types_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef
    from types_boto3_ec2.type_defs import CreateFleetRequestTypeDef, TagTypeDef

ROWS = "autoscaler_aws"
RESERVED = "aws:"


class GroupInspector:
    """One Auto Scaling group."""

    def __init__(self, settings: AwsPool, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._pools = PoolClients(settings, site.runtime)
        self._account = Account(settings, site)

    def examine(self, deadline: Duration) -> tuple[Finding, ...]:
        """First who we are: without that, nothing else can be asked."""
        found = Findings(f"pool {self._site.name}")
        ends = self._site.runtime.monotonic() + deadline.ms
        groups: list[AutoScalingGroupTypeDef] = []

        def group() -> None:
            with self._pools.within(self._left(ends)) as (scaling, _):
                groups.append(group_of(self._settings, scaling))
                behind.of_group(groups[0], found)
                self._behind(scaling, found)

        if found.part("identity", lambda: self._account.who(found, self._left(ends))) and found.part("group", group):
            self._permissions(groups[0], found, ends)
            found.guess("quota", lambda: self._quotas(groups[0], found, ends))
        return tuple(found.found)

    def _permissions(self, group: "AutoScalingGroupTypeDef", found: Findings, ends: int) -> None:
        about = about_group(group, self._account.arn)
        rows = rows_of_groups(table(ROWS))
        if not found.guess("permissions", lambda: self._account.granted(rows, about, found, self._left(ends))):
            found.guess("permissions", lambda: self._tried(group, found, ends))

    def _left(self, ends: int) -> Duration:
        return Duration(max(0, ends - self._site.runtime.monotonic()))

    def _behind(self, scaling: "AutoScalingClient", found: Findings) -> None:
        name = self._settings.auto_scaling_group
        before = len(found.found)
        looks: tuple[Callable[[], None], ...] = (
            lambda: behind.of_policies(read(lambda: scaling.describe_policies(AutoScalingGroupName=name))["ScalingPolicies"], found),
            lambda: behind.of_schedule(
                read(lambda: scaling.describe_scheduled_actions(AutoScalingGroupName=name))["ScheduledUpdateGroupActions"], found
            ),
            lambda: behind.of_refreshes(
                read(lambda: scaling.describe_instance_refreshes(AutoScalingGroupName=name))["InstanceRefreshes"], found
            ),
            lambda: behind.of_hooks(
                read(lambda: scaling.describe_lifecycle_hooks(AutoScalingGroupName=name))["LifecycleHooks"],
                self._settings.complete_hooks,
                found,
            ),
        )
        for look in looks:
            found.guess("group", look)
        if len(found.found) == before:
            found.fine("group", "nobody else sets its count")

    def _tried(self, group: "AutoScalingGroupTypeDef", found: Findings, ends: int) -> None:
        name, version = template_of(group)
        tags: list[TagTypeDef] = [
            {"Key": one.get("Key", ""), "Value": one.get("Value", "")}
            for one in group.get("Tags", [])
            if one.get("PropagateAtLaunch", False) and not one.get("Key", "").startswith(RESERVED)
        ]
        asked: CreateFleetRequestTypeDef = {
            "Type": "instant",
            "LaunchTemplateConfigs": [{"LaunchTemplateSpecification": {"LaunchTemplateId": name, "Version": version}}],
            "TargetCapacitySpecification": {"TotalTargetCapacity": 1, "DefaultTargetCapacityType": "on-demand"},
            "TagSpecifications": [{"ResourceType": "instance", "Tags": tags}] if tags else [],
        }
        with self._pools.within(self._left(ends)) as (_, ec2):
            tried(ec2, asked, "LaunchInstances", found)

    def _quotas(self, group: "AutoScalingGroupTypeDef", found: Findings, ends: int) -> None:
        """Of the kinds of machines that the group has now."""
        kinds = {one.get("InstanceType", "") for one in group.get("Instances", [])}
        with self._pools.within(self._left(ends)) as (_, ec2):
            self._account.quotas(ec2, kinds, found, self._left(ends))
