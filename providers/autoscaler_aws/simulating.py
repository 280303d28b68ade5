"""What IAM is to be asked, so that it says whether the permissions of a pool are there. Pure.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoscaler_aws.catalogue_reader import CALLS
from autoscaler_clouds.permissions import ANYONE, Row

if TYPE_CHECKING:
    from types_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef
    from types_boto3_iam.type_defs import ContextEntryTypeDef

SERVICES = ("autoscaling.", "ec2.")
"""Whose calls the pools' are; what is of queues, metrics and roles is not theirs."""

LOOKED_AT = ("DescribePolicies", "DescribeScheduledActions", "DescribeInstanceRefreshes", "CreateFleet")
"""What only `doctor` asks for."""

ASSUMED = re.compile(r"arn:(?P<aws>aws[a-z-]*):sts::(?P<account>[0-9]{12}):assumed-role/(?P<role>[\w+=,.@-]+)/.+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One question: these actions on these objects, where AWS knows this of the request."""

    actions: tuple[str, ...]
    objects: tuple[str, ...]
    context: tuple[tuple[str, str], ...] = ()

    @property
    def entries(self) -> "list[ContextEntryTypeDef]":
        """As IAM takes it."""
        return [{"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"} for key, value in self.context]


def principal_of(arn: str) -> str:
    """Whose policies hold: of a role that was assumed, the role's."""
    found = ASSUMED.fullmatch(arn)
    return f"arn:{found['aws']}:iam::{found['account']}:role/{found['role']}" if found else arn


def rows_of_pools(rows: Iterable[Row]) -> list[Row]:
    """What a pool needs, to be seen and to be changed."""
    return [
        row
        for row in rows
        if row.role != ANYONE and row.call.startswith(SERVICES) and row.call not in CALLS and not row.call.endswith(LOOKED_AT)
    ]


def trials(rows: Sequence[Row], group: "AutoScalingGroupTypeDef", arn: str) -> tuple[list[Trial], tuple[str, ...]]:
    """What to ask, and permissions of which nothing can be asked."""
    about = _objects(group, arn)
    by_kind: dict[str, dict[str, None]] = {}
    for row in rows:
        by_kind.setdefault(row.on, {})[row.permission] = None
    made = [
        Trial(actions=tuple(actions), objects=(one,), context=context)
        for on, actions in by_kind.items()
        if on in about
        for one, context in about[on]
    ]
    return made, tuple(dict.fromkeys(row.permission for row in rows if row.on not in about))


Context = tuple[tuple[str, str], ...]


def _objects(group: "AutoScalingGroupTypeDef", arn: str) -> Mapping[str, list[tuple[str, Context]]]:
    """One of each kind, with what AWS would know of it: its tags, and those that a launch gives."""
    _, partition, _, _, account, *_ = arn.split(":")
    region = group["AutoScalingGroupARN"].split(":")[3] if "AutoScalingGroupARN" in group else "*"
    ec2 = f"arn:{partition}:ec2:{region}:{account}"
    tags = {one.get("Key", ""): one.get("Value", "") for one in group.get("Tags", [])}
    bound = tuple((f"aws:ResourceTag/{key}", value) for key, value in sorted(tags.items()))
    given = tuple((f"aws:RequestTag/{key}", value) for key, value in sorted(tags.items()))
    begun = (("ec2:CreateAction", "RunInstances"),)
    return {
        "any": [("*", ())],
        "groups": [(group.get("AutoScalingGroupARN", "*"), bound)],
        "templates": [(f"{ec2}:launch-template/*", bound)],
        "launched": [(f"{ec2}:{kind}/*", given) for kind in ("instance", "network-interface", "volume")],
        "tagged": [(f"{ec2}:instance/*", begun)],
        "used": [(f"{ec2}:subnet/*", ())],
    }
