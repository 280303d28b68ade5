"""What AWS does behind us on an Auto Scaling group, from what it says of the group. Pure.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from autoscaler_clouds.findings import Findings

if TYPE_CHECKING:
    from types_boto3_autoscaling.type_defs import (
        AutoScalingGroupTypeDef,
        InstanceRefreshTypeDef,
        ScalingPolicyTypeDef,
        ScheduledUpdateGroupActionTypeDef,
    )

NEEDED = ("Launch", "Terminate")
REBALANCE = "AZRebalance"
OVER = ("Successful", "Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful")
SUSPEND = "aws autoscaling suspend-processes --auto-scaling-group-name {name} --scaling-processes {what}"
RESUME = "aws autoscaling resume-processes --auto-scaling-group-name {name} --scaling-processes {what}"
SET = "aws autoscaling update-auto-scaling-group --auto-scaling-group-name {name} {what}"


def of_group(group: "AutoScalingGroupTypeDef", found: Findings) -> None:
    """Its own settings."""
    name = group["AutoScalingGroupName"]
    suspended = {one.get("ProcessName", "") for one in group.get("SuspendedProcesses", [])}
    for one in NEEDED:
        if one in suspended:
            found.broken("group", f"its process {one} is suspended", RESUME.format(name=name, what=one))
    if REBALANCE not in suspended and len(group["AvailabilityZones"]) > 1:
        found.advise("group", f"{REBALANCE} is on: it ends machines of its own choice", SUSPEND.format(name=name, what=REBALANCE))
    if not group.get("NewInstancesProtectedFromScaleIn", False):
        hint = SET.format(name=name, what="--new-instances-protected-from-scale-in")
        found.advise("group", "its machines are not protected from its own scale-in", hint)
    if group.get("CapacityRebalance", False):
        hint = SET.format(name=name, what="--no-capacity-rebalance")
        found.advise("group", "Capacity Rebalancing is on: it replaces spot machines by itself, whatever stands on them", hint)
    if group.get("MaxInstanceLifetime", 0):
        hint = SET.format(name=name, what="--max-instance-lifetime 0")
        found.advise("group", "it ends machines of a certain age, whatever stands on them", hint)


def of_policies(policies: "Iterable[ScalingPolicyTypeDef]", found: Findings) -> None:
    """Who else sets the count, by metrics."""
    for one in policies:
        if one.get("Enabled", True):
            name, group = one.get("PolicyName", "?"), one.get("AutoScalingGroupName", "")
            hint = f"aws autoscaling delete-policy --auto-scaling-group-name {group} --policy-name {name}"
            found.advise("group", f"the scaling policy {name} sets its count as well", f"{hint}; its rule may go into the policy file")


def of_schedule(actions: "Iterable[ScheduledUpdateGroupActionTypeDef]", found: Findings) -> None:
    """Who else sets the count, by the clock."""
    for one in actions:
        name, group = one.get("ScheduledActionName", "?"), one.get("AutoScalingGroupName", "")
        words = f"aws autoscaling delete-scheduled-action --auto-scaling-group-name {group} --scheduled-action-name {name}"
        found.advise("group", f"the scheduled action {name} sets its count or bounds as well", f"{words}; see the rule `schedule`")


def of_refreshes(refreshes: "Iterable[InstanceRefreshTypeDef]", found: Findings) -> None:
    """What replaces all of its machines right now."""
    for one in refreshes:
        if one.get("Status", "") not in OVER:
            group = one.get("AutoScalingGroupName", "")
            hint = f"wait until it is over, or: aws autoscaling cancel-instance-refresh --auto-scaling-group-name {group}"
            found.advise("group", f"an instance refresh is {one.get('Status', '?')}: it replaces machines, whatever stands on them", hint)
