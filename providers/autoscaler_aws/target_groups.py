"""What Elastic Load Balancing says of a target group and its targets, as a rotation: pure.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoscaler.errors import SetupError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.traffic import Member, MemberState
from autoscaler_clouds.addresses import joined_address

if TYPE_CHECKING:
    from types_boto3_elbv2.type_defs import (
        TargetDescriptionTypeDef,
        TargetGroupAttributeTypeDef,
        TargetGroupTypeDef,
        TargetHealthDescriptionTypeDef,
    )

WEB = ("HTTP", "HTTPS")
"""Protocols of Application Load Balancers; all others are of Network Load Balancers."""

DRAINING, HEALTHY, UNCHECKED = "draining", "healthy", "Target.HealthCheckDisabled"
DELAY, UNLESS_SAID = "deregistration_delay.timeout_seconds", "300"

SLOW = Duration(300_000)
"""How long a Network Load Balancer may take to carry a deregistration out, whatever the delay is, and to send nothing new until then."""

SLACK = Duration(15_000)
"""Until ELB shows that a delay is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroup:
    """`by_instance`: its targets are instances, not addresses. `slow`: of a Network Load Balancer. `port`: of targets that name none."""

    arn: str
    vpc: str
    port: int
    by_instance: bool
    slow: bool


def group_of(found: "TargetGroupTypeDef") -> TargetGroup:
    """SetupError for one whose targets are no replicas: functions, or other balancers."""
    kind = found.get("TargetType", "instance")
    if kind not in ("instance", "ip"):
        raise SetupError(f"target group {found['TargetGroupName']} has targets of type {kind}", hint="name one of type instance or ip")
    return TargetGroup(
        arn=found["TargetGroupArn"],
        vpc=found.get("VpcId", ""),
        port=found.get("Port", 0),
        by_instance=kind == "instance",
        slow=found.get("Protocol", "HTTP") not in WEB,
    )


def drain_of(group: TargetGroup, attributes: Sequence["TargetGroupAttributeTypeDef"]) -> Duration:
    """How long, at most, who leaves is shown as draining."""
    values = {one.get("Key", ""): one.get("Value", "") for one in attributes}
    seconds = values.get(DELAY, UNLESS_SAID)
    delay = int(seconds if seconds.isdecimal() else UNLESS_SAID) * 1000
    return Duration(delay + (SLOW.ms if group.slow else 0) + SLACK.ms)


def address_of(target: "TargetDescriptionTypeDef", group: TargetGroup, hosts: Mapping[str, str]) -> str:
    """host:port; of an instance that EC2 shows no address of any more, its id and port, so that it can be taken out by that."""
    return joined_address(hosts.get(target["Id"], target["Id"]), target.get("Port", group.port))


def member(workload: WorkloadRef, address: str, found: "TargetHealthDescriptionTypeDef") -> Member:
    """A target that is registered, or on its way out. ELB tells no sessions of single targets."""
    health = found.get("TargetHealth", {})
    state = health.get("State", "")
    return Member(
        workload=workload,
        address=address,
        state=MemberState.DRAINING if state == DRAINING else MemberState.READY,
        sessions=None,
        up=state == HEALTHY or health.get("Reason", "") == UNCHECKED,
    )
