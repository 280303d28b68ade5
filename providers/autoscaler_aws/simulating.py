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

EC2 = "ec2."
SERVICES = ("autoscaling.", EC2)
"""Whose calls the pools' are; what is of queues, metrics and roles is not theirs."""

LOOKED_AT = (
    "DescribeLaunchTemplates",
    "DescribeLifecycleHooks",
    "DescribePolicies",
    "DescribeScheduledActions",
    "DescribeInstanceRefreshes",
)
"""What only `doctor` asks for."""

OF_FLEETS = ("ec2.CreateFleet", "ec2.TerminateInstances")
"""What changes pools that have no group."""

MADE = ("instance", "network-interface", "volume")
"""What a launch makes."""

ASSUMED = re.compile(r"arn:(?P<aws>aws[a-z-]*):sts::(?P<account>[0-9]{12}):assumed-role/(?P<role>[\w+=,.@-]+)/.+", re.ASCII)

Context = tuple[tuple[str, str], ...]
About = Mapping[str, list[tuple[str, Context]]]
"""Objects by their kind, as the table calls it, each with the keys of conditions that it meets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One question: these actions on these objects, where AWS knows this of the request."""

    actions: tuple[str, ...]
    objects: tuple[str, ...]
    context: Context = ()

    @property
    def entries(self) -> "list[ContextEntryTypeDef]":
        """As IAM takes it."""
        return [{"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"} for key, value in self.context]


def principal_of(arn: str) -> str:
    """Whose policies hold: of a role that was assumed, the role's."""
    found = ASSUMED.fullmatch(arn)
    return f"arn:{found['aws']}:iam::{found['account']}:role/{found['role']}" if found else arn


def rows_of_groups(rows: Iterable[Row]) -> list[Row]:
    """What a pool with a group needs, to be seen and to be changed."""
    return [row for row in rows if _of_pools(row) and row.call.startswith(SERVICES) and row.call not in OF_FLEETS]


def rows_of_fleets(rows: Iterable[Row]) -> list[Row]:
    """The same of a pool without one, which is EC2's alone."""
    return [row for row in rows if _of_pools(row) and row.call.startswith(EC2)]


def _of_pools(row: Row) -> bool:
    return row.role != ANYONE and row.call not in CALLS and not row.call.endswith(LOOKED_AT)


def trials(rows: Sequence[Row], about: About) -> tuple[list[Trial], tuple[str, ...]]:
    """What to ask, and permissions of which nothing can be asked."""
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


def about_group(group: "AutoScalingGroupTypeDef", arn: str) -> About:
    """One of each kind of object, with what AWS would know of it: its tags, and those that a launch gives."""
    region = group["AutoScalingGroupARN"].split(":")[3] if "AutoScalingGroupARN" in group else "*"
    tags = {one.get("Key", ""): one.get("Value", "") for one in group.get("Tags", [])}
    given = dict.fromkeys(MADE, tags)
    return {"groups": [(group.get("AutoScalingGroupARN", "*"), _bound(tags))], **_of_ec2(tags, given, region, arn)}


def about_fleet(template: Mapping[str, str], given: Mapping[str, Mapping[str, str]], region: str, arn: str) -> About:
    """The same without a group. `template`: the launch template's own tags; `given`: by kind of object, what is launched with."""
    return {"machines": [(f"{_ec2(region, arn)}:instance/*", _bound(given["instance"]))], **_of_ec2(template, given, region, arn)}


def _of_ec2(template: Mapping[str, str], given: Mapping[str, Mapping[str, str]], region: str, arn: str) -> About:
    ec2 = _ec2(region, arn)
    return {
        "any": [("*", ())],
        "templates": [(f"{ec2}:launch-template/*", _bound(template))],
        "launched": [(f"{ec2}:{kind}/*", _bound(given.get(kind, {}), "aws:RequestTag")) for kind in MADE],
        "tagged": [(f"{ec2}:instance/*", (("ec2:CreateAction", "RunInstances"),))],
        "used": [(f"{ec2}:subnet/*", ())],
    }


def _bound(tags: Mapping[str, str], key: str = "aws:ResourceTag") -> Context:
    return tuple((f"{key}/{name}", value) for name, value in sorted(tags.items()))


def _ec2(region: str, arn: str) -> str:
    _, partition, _, _, account, *_ = arn.split(":")
    return f"arn:{partition}:ec2:{region}:{account}"
