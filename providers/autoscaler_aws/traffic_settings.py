"""What a policy file says of target groups: `traffic: {edge: {elb: {region: eu-central-1, target_groups: {web: shop-web}}}}`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from autoscaler.config.secrets import Url
from autoscaler.errors import NotFoundError, PolicyError
from autoscaler.model.refs import WorkloadRef
from autoscaler_aws.settings import AwsSettings

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
ARN = re.compile(r"arn:aws[a-z-]{0,20}:elasticloadbalancing:[a-z0-9-]{1,30}:[0-9]{12}:targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{1,32}")
NAMES = "a target group's name has at most 32 letters, digits and hyphens; an ARN does as well"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsTraffic(AwsSettings):
    """`target_groups`: workload path to the name or ARN of its target group, where it is not named as the workload.

    `endpoint_url` is that of Elastic Load Balancing, `ec2_endpoint_url` of EC2, which knows the addresses of targets that are instances.
    """

    target_groups: Mapping[str, str] = field(default_factory=dict)
    ec2_endpoint_url: Url | None = None

    def __post_init__(self) -> None:
        # Not super(): dataclasses with slots are made anew, and the class that super() remembers is not this one.
        AwsSettings.__post_init__(self)
        for path, group in self.target_groups.items():
            if not (NAME.fullmatch(group) or ARN.fullmatch(group)):
                raise PolicyError(f"{group[:60]!r}, of {path[:60]}, is no target group", hint=NAMES)
        if self.ec2_endpoint_url and not self.ec2_endpoint_url.text.startswith(("http://", "https://")):
            raise PolicyError("EC2 is reached by http or https", hint="write https://host, or leave ec2_endpoint_url out")

    def group_of(self, workload: WorkloadRef) -> str:
        """The name or ARN of the workload's target group; NotFoundError where no group can be called as the workload is."""
        found = self.target_groups.get(workload.path, workload.name)
        if workload.path not in self.target_groups and not NAME.fullmatch(found):
            raise NotFoundError(f"no target group can be called {found[:60]!r}, as {workload} is", hint=self.hint(workload))
        return found

    @staticmethod
    def hint(workload: WorkloadRef) -> str:
        """What to write for a workload whose group was not found."""
        return f"write `target_groups: {{{workload.path}: NAME}}` at the traffic entry, in its region and account"
