"""Sees who stands in the target groups of Elastic Load Balancing: a call for each workload, two where its targets are instances."""

from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import TrafficName, WorkloadRef
from autoscaler.model.samples import Unknown
from autoscaler.model.traffic import Member, RotationState
from autoscaler_aws.calls import LATER, read
from autoscaler_aws.target_calls import TargetCalls
from autoscaler_aws.target_groups import drain_of, member
from autoscaler_aws.traffic_settings import AwsTraffic
from autoscaler_sources.asking import ask_each

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_elbv2 import ElasticLoadBalancingv2Client

IN_A_ROW = 4
"""Calls that a workload takes at most the first time: its group, its delay, its targets, their addresses."""

REMEMBERED = Duration(300_000)
"""How long a group's delay is not asked for again."""

Seen = tuple[tuple[Member, ...], Duration]


class TargetGroupReader:
    """The target groups of one region."""

    def __init__(self, settings: AwsTraffic, site: Site) -> None:
        self._site = site
        self._calls = TargetCalls(settings, site.runtime)
        self._delays: dict[str, tuple[int, Duration]] = {}

    def observe(self, workloads: tuple[WorkloadRef, ...], deadline: Duration) -> RotationState:
        """All targets of their groups, and how long those that leave are let finish."""
        now, found = self._site.runtime.now(), dict[WorkloadRef, Seen]()
        if workloads:
            with self._calls.within(Duration(deadline.ms // IN_A_ROW)) as (elb, ec2):
                asked = ask_each(self._site, workloads, deadline, lambda one, _: self._seen(elb, ec2, one))
            found = {workload: _known(workload, seen) for workload, seen in asked.items()}
        return RotationState(
            traffic=TrafficName(self._site.name),
            read_at=now,
            members=tuple(one for members, _ in found.values() for one in members),
            drains=tuple((workload, delay) for workload, (_, delay) in found.items()),
        )

    def _seen(self, elb: "ElasticLoadBalancingv2Client", ec2: "EC2Client", workload: WorkloadRef) -> Seen:
        delay = self._delay(elb, workload)
        found = self._calls.targets(elb, ec2, workload)
        return tuple(member(workload, address, one) for address, one in found), delay

    def _delay(self, elb: "ElasticLoadBalancingv2Client", workload: WorkloadRef) -> Duration:
        group, now = self._calls.group(elb, workload), self._site.runtime.monotonic()
        known = self._delays.get(group.arn)
        if known is None or now - known[0] > REMEMBERED.ms:
            asked = self._calls.of(workload, lambda: read(lambda: elb.describe_target_group_attributes(TargetGroupArn=group.arn)))
            known = self._delays[group.arn] = now, drain_of(group, asked["Attributes"])
        return known[1]


def _known(workload: WorkloadRef, seen: Seen | Unknown) -> Seen:
    if isinstance(seen, Unknown):
        raise UnavailableError(f"the targets of {workload} could not be read: {seen.detail or seen.why}", hint=LATER)
    return seen
