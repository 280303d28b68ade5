"""What both halves of traffic at AWS ask: which group a workload has, who is in it, and at which addresses."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import NotFoundError, SetupError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler_aws.calls import read
from autoscaler_aws.clients import Clients
from autoscaler_aws.target_groups import TargetGroup, address_of, group_of
from autoscaler_aws.traffic_settings import ARN, AwsTraffic

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import DescribeInstancesResultTypeDef, FilterTypeDef, InstanceTypeDef
    from types_boto3_elbv2 import ElasticLoadBalancingv2Client
    from types_boto3_elbv2.type_defs import DescribeTargetGroupsOutputTypeDef, TargetHealthDescriptionTypeDef

T = TypeVar("T")

HOLDING = ("pending", "running", "stopping", "stopped")
"""States in which an instance holds its address; afterwards another may get it."""

MOST_VALUES = 200
"""Values of one filter of EC2: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html"""


class TargetCalls:
    """Signs in as `settings` say, once for each service. A group's ARN and type do not change, so each is asked for once."""

    def __init__(self, settings: AwsTraffic, runtime: Runtime) -> None:
        self._settings = settings
        self._groups: dict[str, TargetGroup] = {}
        self._elb: Clients[ElasticLoadBalancingv2Client] = Clients(
            settings, runtime, lambda session, config, url: session.client("elbv2", config=config, endpoint_url=url)
        )
        self._ec2: Clients[EC2Client] = Clients(
            replace(settings, endpoint_url=settings.ec2_endpoint_url),
            runtime,
            lambda session, config, url: session.client("ec2", config=config, endpoint_url=url),
        )

    @contextmanager
    def within(self, left: Duration) -> Iterator[tuple["ElasticLoadBalancingv2Client", "EC2Client"]]:
        """Clients whose calls end within `left`, for several threads; made by one. After a SetupError we sign in anew next time."""
        try:
            yield self._elb.within(left), self._ec2.within(left)
        except SetupError:
            self._elb.forget()
            self._ec2.forget()
            raise

    def group(self, elb: "ElasticLoadBalancingv2Client", workload: WorkloadRef) -> TargetGroup:
        """The workload's; NotFoundError without one."""
        name = self._settings.group_of(workload)
        if name not in self._groups:
            found = self.of(workload, lambda: read(lambda: _described(elb, name)))["TargetGroups"]
            self._groups[name] = group_of(found[0])
        return self._groups[name]

    def targets(
        self, elb: "ElasticLoadBalancingv2Client", ec2: "EC2Client", workload: WorkloadRef
    ) -> list[tuple[str, "TargetHealthDescriptionTypeDef"]]:
        """All of its group, each with its address: a call, and for instances another for each two hundred."""
        group = self.group(elb, workload)
        asked = partial(elb.describe_target_health, TargetGroupArn=group.arn)
        found = self.of(workload, lambda: read(asked))["TargetHealthDescriptions"]
        ids = sorted({one["Target"]["Id"] for one in found if "Target" in one}) if group.by_instance else []
        hosts = {one["InstanceId"]: one["PrivateIpAddress"] for one in _machines(ec2, "instance-id", ids) if "PrivateIpAddress" in one}
        return [(address_of(one["Target"], group, hosts), one) for one in found if "Target" in one]

    def of(self, workload: WorkloadRef, call: Callable[[], T]) -> T:
        """What is asked about the workload's group; NotFoundError names both."""
        try:
            return call()
        except NotFoundError as error:
            name = self._settings.group_of(workload)
            self._groups.pop(name, None)  # one made anew under its name has another ARN
            raise NotFoundError(f"there is no target group {name} for {workload}", hint=self._settings.hint(workload)) from error


def instances_at(ec2: "EC2Client", group: TargetGroup, hosts: Iterable[str]) -> dict[str, str]:
    """Private address to the id of the instance that has it, in the group's own network: others may use the same ones."""
    found = _machines(ec2, "private-ip-address", sorted(set(hosts)), vpc=group.vpc)
    return {one["PrivateIpAddress"]: one["InstanceId"] for one in found}


def in_lots(many: Sequence[T], most: int) -> list[Sequence[T]]:
    """As many as one call takes, again and again."""
    return [many[start : start + most] for start in range(0, len(many), most)]


def _machines(ec2: "EC2Client", key: str, values: list[str], vpc: str = "") -> list["InstanceTypeDef"]:
    """By a filter, not by their ids: EC2 refuses a call that names one it does not know any more."""
    beside: list[FilterTypeDef] = [{"Name": "instance-state-name", "Values": list(HOLDING)}]
    beside += [{"Name": "vpc-id", "Values": [vpc]}] if vpc else []
    found: list[InstanceTypeDef] = []
    for some in in_lots(values, MOST_VALUES):
        pages = ec2.get_paginator("describe_instances").paginate(Filters=[{"Name": key, "Values": some}, *beside])
        found += read(partial(_all_of, pages))
    return found


def _all_of(pages: Iterable["DescribeInstancesResultTypeDef"]) -> list["InstanceTypeDef"]:
    return [one for page in pages for each in page["Reservations"] for one in each["Instances"]]


def _described(elb: "ElasticLoadBalancingv2Client", name: str) -> "DescribeTargetGroupsOutputTypeDef":
    return elb.describe_target_groups(TargetGroupArns=[name]) if ARN.fullmatch(name) else elb.describe_target_groups(Names=[name])
