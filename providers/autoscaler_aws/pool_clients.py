"""The two services a pool is asked at: Auto Scaling for the group, EC2 for its machines and what they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import NotFoundError, SetupError
from autoscaler.model.quantities import Duration
from autoscaler_aws.calls import GROUP_HINT, read
from autoscaler_aws.clients import Clients
from autoscaler_aws.groups import standing_by
from autoscaler_aws.settings import AwsPool

if TYPE_CHECKING:
    from types_boto3_autoscaling import AutoScalingClient
    from types_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef
    from types_boto3_ec2 import EC2Client


class PoolClients:
    """Signs in as `settings` say, once for each service."""

    def __init__(self, settings: AwsPool, runtime: Runtime) -> None:
        self._scaling: Clients[AutoScalingClient] = Clients(
            settings, runtime, lambda session, config, url: session.client("autoscaling", config=config, endpoint_url=url)
        )
        self._ec2: Clients[EC2Client] = Clients(
            settings.at(settings.ec2_endpoint_url),
            runtime,
            lambda session, config, url: session.client("ec2", config=config, endpoint_url=url),
        )

    @contextmanager
    def within(self, left: Duration) -> Iterator[tuple["AutoScalingClient", "EC2Client"]]:
        """Clients whose calls end within `left`, for several threads; made by one. After a SetupError we sign in anew next time."""
        try:
            yield self._scaling.within(left), self._ec2.within(left)
        except SetupError:
            self._scaling.forget()
            self._ec2.forget()
            raise

    @contextmanager
    def ec2(self, left: Duration) -> Iterator["EC2Client"]:
        """As `within`, of what has no group."""
        try:
            yield self._ec2.within(left)
        except SetupError:
            self._ec2.forget()
            raise


def group_of(settings: AwsPool, scaling: "AutoScalingClient") -> "AutoScalingGroupTypeDef":
    """The group, with all its instances. NotFoundError without one."""
    name = settings.auto_scaling_group
    found = read(lambda: scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name]))["AutoScalingGroups"]
    if not found:
        raise NotFoundError(f"there is no Auto Scaling group {name} in {settings.region}", hint=GROUP_HINT)
    return found[0]


def ready(settings: AwsPool, scaling: "AutoScalingClient") -> int:
    """How many machines of its warm pool can be started now: a call for each fifty, which the group does not list."""
    pages = scaling.get_paginator("describe_warm_pool").paginate(AutoScalingGroupName=settings.auto_scaling_group)
    return read(lambda: standing_by(one for page in pages for one in page["Instances"]))
