"""What AWS does behind us on an Auto Scaling group or a fleet, from what it says of them. Pure.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from autoscaler_aws.fleets import TOKEN_TAG
from autoscaler_aws.groups import warms
from autoscaler_clouds.findings import Findings

if TYPE_CHECKING:
    from types_boto3_autoscaling.type_defs import (
        AutoScalingGroupTypeDef,
        InstanceRefreshTypeDef,
        LifecycleHookTypeDef,
        ScalingPolicyTypeDef,
        ScheduledUpdateGroupActionTypeDef,
    )
    from types_boto3_ec2.type_defs import InstanceTypeDef, ResponseLaunchTemplateDataTypeDef

NEEDED = ("Launch", "Terminate")
REBALANCE = "AZRebalance"
OVER = ("Successful", "Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful")
SUSPEND = "aws autoscaling suspend-processes --auto-scaling-group-name {name} --scaling-processes {what}"
RESUME = "aws autoscaling resume-processes --auto-scaling-group-name {name} --scaling-processes {what}"
SET = "aws autoscaling update-auto-scaling-group --auto-scaling-group-name {name} {what}"
PUT = "aws autoscaling put-warm-pool --auto-scaling-group-name {name} --instance-reuse-policy ReuseOnScaleIn=false"
VERSION = "make a new version of it {what}"
ENDING = "autoscaling:EC2_INSTANCE_TERMINATING"
GROUPED = "aws:autoscaling:groupName"


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
    if warms(group) and group.get("WarmPoolConfiguration", {}).get("InstanceReusePolicy", {}).get("ReuseOnScaleIn", False):
        says = "what is given back goes into its warm pool, and would come again as a node that has left"
        found.advise("group", says, PUT.format(name=name))
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


def of_hooks(hooks: "Iterable[LifecycleHookTypeDef]", completed: Collection[str], found: Findings) -> None:
    """What holds a machine that is given back, and who lets it go."""
    ending = {one.get("LifecycleHookName", "?"): one for one in hooks if one.get("LifecycleTransition") == ENDING}
    for name, one in ending.items():
        if name not in completed:
            says = (
                f"its hook {name} holds machines that are given back for {one.get('HeartbeatTimeout', '?')} s, unless somebody completes it"
            )
            found.advise("group", says, "if nobody does, list it under complete_hooks of the pool: the machine is empty by then")
    for name in completed:
        if name not in ending:
            found.advise("group", f"it has no hook of termination {name}", "take it out of complete_hooks of the pool")


def of_fleet(name: str, told: "ResponseLaunchTemplateDataTypeDef", machines: "Sequence[InstanceTypeDef]", found: Findings) -> None:
    """Its launch template, and who has its tags: nothing else sets how many there are."""
    before = len(found.found)
    if "InstanceMarketOptions" in told:
        found.broken("fleet", f"the launch template {name} says a market, which EC2 Fleet refuses", VERSION.format(what="without it"))
    if told.get("DisableApiTermination", False):
        hint = VERSION.format(what="without termination protection")
        found.broken("fleet", f"machines of the launch template {name} may not be terminated", hint)
    if told.get("InstanceInitiatedShutdownBehavior", "stop") != "terminate":
        hint = VERSION.format(what="with instance-initiated shutdown behavior `terminate`")
        found.advise("fleet", "a machine that shuts itself down stays, stopped, until it is given back", hint)
    _strangers(machines, found)
    if len(found.found) == before:
        found.fine("fleet", "nobody else launches its machines")


def _strangers(machines: "Sequence[InstanceTypeDef]", found: Findings) -> None:
    grouped = [one["InstanceId"] for one in machines if GROUPED in _keys(one)]
    others = [one["InstanceId"] for one in machines if not _keys(one) & {GROUPED, TOKEN_TAG}]
    if grouped:
        hint = "take the tag poolkeeper:fleet out of that group's launch template: its machines are counted here as well"
        found.broken("fleet", f"{len(grouped)} machines of an Auto Scaling group have its tags, {grouped[0]} among them", hint)
    if others:
        hint = "whoever launched them launches into this pool; they are counted, and given back as any other"
        found.advise("fleet", f"{len(others)} machines with its tags were not launched by poolkeeper, {others[0]} among them", hint)


def _keys(machine: "InstanceTypeDef") -> set[str]:
    return {one.get("Key", "") for one in machine.get("Tags", [])}
