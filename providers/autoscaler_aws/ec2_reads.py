"""What is asked of EC2 about machines, and about what their types have."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from autoscaler.errors import SetupError
from autoscaler.model.quantities import Duration
from autoscaler_aws.calls import read
from autoscaler_aws.groups import kind_of
from autoscaler_clouds.sold import Kinds

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import FilterTypeDef, InstanceTypeDef

ALIVE = ("pending", "running", "shutting-down", "stopping", "stopped")
EVERY = (*ALIVE, "terminated")
PAGE = 1000
MARGIN = Duration(100)
"""A call ends that much before the deadline, so that its own reason is told."""


def machines(ec2: "EC2Client", tags: Mapping[str, str], states: Iterable[str]) -> list["InstanceTypeDef"]:
    """Those with such tags in such states, a thousand in one call."""
    filters: list[FilterTypeDef] = [{"Name": name, "Values": [value]} for name, value in tags.items()]
    filters.append({"Name": "instance-state-name", "Values": list(states)})
    pages = ec2.get_paginator("describe_instances").paginate(Filters=filters, PaginationConfig={"PageSize": PAGE})
    return read(lambda: [one for page in pages for each in page["Reservations"] for one in each["Instances"]])


def learn(ec2: "EC2Client", kinds: Kinds, names: Iterable[str], region: str) -> None:
    """What EC2 knows of types that are new to us. SetupError where it knows none of that name."""
    names = list(names)
    lacking = kinds.lacking(names, region)
    if lacking:
        only: FilterTypeDef = {"Name": "instance-type", "Values": lacking}
        pages = ec2.get_paginator("describe_instance_types").paginate(Filters=[only])
        found = read(lambda: [one for page in pages for one in page["InstanceTypes"]])
        kinds.learn({one["InstanceType"]: kind_of(one) for one in found})
    if missing := kinds.lacking(names, region):
        raise SetupError(f"EC2 knows no instance type {', '.join(missing)}", hint="write what it has under `types:` of the pool")
