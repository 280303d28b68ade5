"""Registers replicas with the target groups of Elastic Load Balancing, and deregisters them: a hundred in one call."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.errors import AutoscalerError, NoCapacityError, NotFoundError, SetupError
from autoscaler.model.refs import WorkloadRef
from autoscaler_aws.calls import write
from autoscaler_aws.target_calls import TargetCalls, in_lots, instances_at
from autoscaler_aws.target_groups import DRAINING, TargetGroup
from autoscaler_aws.traffic_settings import AwsTraffic
from autoscaler_clouds.addresses import split_address

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_elbv2 import ElasticLoadBalancingv2Client
    from types_boto3_elbv2.type_defs import TargetDescriptionTypeDef

MOST_AT_ONCE = 100
"""Targets in one call."""

FULL = ("TooManyTargets", "TooManyRegistrationsForTargetId")
ILL = "InvalidTarget"


class TargetGroupWriter:
    """The target groups of one region. Every call reads what it rests on: there is no other memory."""

    def __init__(self, settings: AwsTraffic, site: Site) -> None:
        self._settings = settings
        self._calls = TargetCalls(settings, site.runtime)

    def join(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Registers them; a target that drains is taken back by that. One that ELB refuses keeps no other out."""
        with self._calls.within(self._settings.timeout) as (elb, ec2):
            group = self._calls.group(elb, workload)
            targets, strange = _targets(ec2, group, addresses)
            refused = [error for some in in_lots(targets, MOST_AT_ONCE) for error in _register(elb, group, some)]
        for error in (*refused, *strange):
            raise error

    def leave(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Deregisters those that are there: they drain for the group's own delay, and are gone then."""
        with self._calls.within(self._settings.timeout) as (elb, ec2):
            group = self._calls.group(elb, workload)
            there = [(address, one) for address, one in self._calls.targets(elb, ec2, workload) if address in addresses]
            going = [one["Target"] for _, one in there if "Target" in one and one.get("TargetHealth", {}).get("State") != DRAINING]
            for some in in_lots(going, MOST_AT_ONCE):
                write(partial(elb.deregister_targets, TargetGroupArn=group.arn, Targets=some))

    def remove(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """ELB knows no other way out than `leave`, and lets go by itself."""
        self.leave(workload, addresses)


def _targets(
    ec2: "EC2Client", group: TargetGroup, addresses: Iterable[str]
) -> tuple[list["TargetDescriptionTypeDef"], list[AutoscalerError]]:
    """As the group knows them; and what is wrong with those that it cannot."""
    places = [split_address(one) for one in addresses]
    if not group.by_instance:
        return [{"Id": host, "Port": port} for host, port in places], []
    ids = instances_at(ec2, group, (host for host, _ in places))
    nobody = sorted({host for host, _ in places if host not in ids})
    hint = "let the orchestrator know its nodes by their private address in the group's network, or take a target group of type ip"
    strange = [NotFoundError(f"no instance in {group.vpc} has the address {', '.join(nobody)}"[:200], hint=hint)] if nobody else []
    return [{"Id": ids[host], "Port": port} for host, port in places if host in ids], [*strange]


def _register(
    elb: "ElasticLoadBalancingv2Client", group: TargetGroup, targets: Sequence["TargetDescriptionTypeDef"]
) -> list[AutoscalerError]:
    """What was refused; ELB refuses all of a call for one, so they are told one by one then."""
    try:
        write(lambda: elb.register_targets(TargetGroupArn=group.arn, Targets=targets))
    except SetupError as error:
        code = _code(error)
        if code in FULL:
            raise NoCapacityError(str(error), hint="raise the account's quota of targets, or share the load among target groups") from error
        if code != ILL:
            raise
        if len(targets) == 1:
            return [error]
        return [each for one in targets for each in _register(elb, group, [one])]
    return []


def _code(error: AutoscalerError) -> str:
    """AWS's own word for it."""
    return str(getattr(error.__cause__, "response", {}).get("Error", {}).get("Code", ""))
