"""What a policy file says of AWS: `sources: {cw: {cloudwatch: {region: eu-central-1}}}`, `sqs` alike, and `aws` of pools."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from autoscaler.config.markers import FILLED, Spelt
from autoscaler.config.secrets import Url
from autoscaler.errors import PolicyError
from autoscaler.model.constraints import Taint
from autoscaler.model.quantities import Duration
from autoscaler_aws.fleet_settings import Fleet
from autoscaler_clouds.kinds import Furnishing, KindSpec, Labels, Reserve

REGION = re.compile(r"[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}")
ROLE = re.compile(r"arn:aws[a-z-]{0,20}:iam::[0-9]{12}:role/[\w+=,.@/-]{1,576}", re.ASCII)
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsSettings:
    """`profile`: of the AWS configuration files. `role`: assumed for every call, with `external_id` where its owner asks for one.

    Keys are found as every AWS tool finds them (environment, files, the machine's own role), never in the policy file.
    `endpoint_url`: another address than the region's own, such as a VPC endpoint's. `timeout`: of one call.
    """

    region: str
    profile: str = ""
    role: str = ""
    external_id: str = ""
    endpoint_url: Url | None = None
    timeout: Duration = Duration(5000)

    def __post_init__(self) -> None:
        if not REGION.fullmatch(self.region):
            raise PolicyError(f"{self.region[:40]!r} is no AWS region", hint="write eu-central-1")
        if self.role and not ROLE.fullmatch(self.role):
            raise PolicyError(f"{self.role[:60]!r} is no role's ARN", hint="write arn:aws:iam::123456789012:role/poolkeeper")
        if self.external_id and not (self.role and EXTERNAL_ID.fullmatch(self.external_id)):
            raise PolicyError(
                "an external id goes with a role, in letters, digits and +=,.@:/-", hint="write `role:` beside it, or leave it out"
            )
        if self.endpoint_url and not self.endpoint_url.text.startswith(("http://", "https://")):
            raise PolicyError("AWS is reached by http or https", hint="write https://host, or leave endpoint_url out")
        if not self.timeout.ms:
            raise PolicyError("a call without time has no answer", hint="write `timeout: 5s`, or leave it out")


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsNotices(AwsSettings):
    """`queue`: the URL of the queue of SQS into which EventBridge puts what EC2 says. `endpoint_url` is that of SQS."""

    queue: Annotated[str, Spelt(r"https?://[^\s?#]{4,500}", "write the queue's URL, as aws sqs get-queue-url prints it")]


class NodeName(StrEnum):
    """What a machine is called at its orchestrator: its whole private DNS name, the first part of that, or its instance id."""

    DNS = "dns"
    HOST = "host"
    ID = "id"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsPool(AwsSettings):
    """Either an Auto Scaling group, or a `fleet` without one. `endpoint_url` is that of Auto Scaling, `ec2_endpoint_url` of EC2.

    `types`: what its machines have and cost; what it leaves out the catalogue tells, else EC2, without a price. `reserve`: what each node
    keeps for itself. `labels`, `taints`: of its nodes at their orchestrator, beside instance type and zone. `complete_hooks`: the group's
    hooks of termination that nobody else completes.
    """

    auto_scaling_group: Annotated[str, FILLED] = ""
    fleet: Fleet | None = None
    ec2_endpoint_url: Url | None = None
    node_name: NodeName = NodeName.DNS
    types: tuple[KindSpec, ...] = ()
    reserve: Reserve = Reserve()
    labels: Labels = ()
    taints: tuple[Taint, ...] = ()
    complete_hooks: tuple[Annotated[str, FILLED], ...] = ()

    def __post_init__(self) -> None:
        # Not super(): dataclasses with slots are made anew, and the class that super() remembers is not this one.
        AwsSettings.__post_init__(self)
        if bool(self.auto_scaling_group) == bool(self.fleet):
            raise PolicyError("a pool is a group or a fleet", hint="write either auto_scaling_group: NAME or fleet: {…}")
        if self.fleet and self.endpoint_url:
            raise PolicyError("a fleet is asked of EC2 alone", hint="write ec2_endpoint_url instead of endpoint_url")
        if self.fleet and self.complete_hooks:
            raise PolicyError("a fleet has no hooks", hint="leave complete_hooks out")
        if abroad := [zone for zone, _ in (self.fleet.subnets if self.fleet else ()) if not zone.startswith(self.region)]:
            raise PolicyError(f"{abroad[0][:40]} is no zone of {self.region}", hint="name zones of the pool's region, or another region")
        if self.ec2_endpoint_url and not self.ec2_endpoint_url.text.startswith(("http://", "https://")):
            raise PolicyError("EC2 is reached by http or https", hint="write https://host, or leave ec2_endpoint_url out")

    @property
    def furnishing(self) -> Furnishing:
        """What its nodes have in common."""
        return Furnishing(reserve=self.reserve, labels=self.labels, taints=self.taints)

    def at(self, url: Url | None) -> AwsSettings:
        """The same identity at another service."""
        return AwsSettings(
            region=self.region, profile=self.profile, role=self.role, external_id=self.external_id, endpoint_url=url, timeout=self.timeout
        )
