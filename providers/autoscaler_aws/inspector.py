"""Looks at what a pool at AWS rests on: who we are, our clock, our permissions, and what AWS does behind us. Reads only."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from autoscaler.contracts.inspection import Finding
from autoscaler.contracts.provider import Site
from autoscaler.errors import SetupError
from autoscaler.model.quantities import Duration
from autoscaler_aws import behind
from autoscaler_aws.calls import DENIED, read
from autoscaler_aws.clients import Client, Clients
from autoscaler_aws.groups import template_of
from autoscaler_aws.pool_clients import PoolClients, group_of
from autoscaler_aws.quotas import Bucket, bucket, used
from autoscaler_aws.settings import AwsPool
from autoscaler_aws.simulating import Trial, principal_of, rows_of_pools, trials
from autoscaler_clouds.findings import Findings
from autoscaler_clouds.permissions import table

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.config import Config
    from types_boto3_autoscaling import AutoScalingClient
    from types_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef
    from types_boto3_ec2.type_defs import FilterTypeDef, TagTypeDef
    from types_boto3_iam import IAMClient
    from types_boto3_service_quotas import ServiceQuotasClient
    from types_boto3_sts import STSClient

ROWS = "autoscaler_aws"
GRANT = "let the module aws-roles make the role, or grant it: docs/providers/aws.md"
ALLOWED, WOULD_DO = "allowed", "DryRunOperation"
QUOTA = "ask AWS for more: aws service-quotas request-service-quota-increase, or the console's page of Service Quotas"
RUNNING: "FilterTypeDef" = {"Name": "instance-state-name", "Values": ["pending", "running"]}
PAGE = 1000
RESERVED = "aws:"
LAUNCHING = "ec2:CreateFleet"
SIMULATE = "grant iam:SimulatePrincipalPolicy on the role itself, as the module aws-roles does"


class GroupInspector:
    """One Auto Scaling group."""

    def __init__(self, settings: AwsPool, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._pools = PoolClients(settings, site.runtime)
        self._sts: Clients[STSClient] = _of(settings, site, lambda session, config: session.client("sts", config=config))
        self._iam: Clients[IAMClient] = _of(settings, site, lambda session, config: session.client("iam", config=config))
        self._limits: Clients[ServiceQuotasClient] = _of(
            settings, site, lambda session, config: session.client("service-quotas", config=config)
        )
        self._arn = ""

    def examine(self, deadline: Duration) -> tuple[Finding, ...]:
        """First who we are: without that, nothing else can be asked."""
        found = Findings(f"pool {self._site.name}")
        ends = self._site.runtime.monotonic() + deadline.ms
        groups: list[AutoScalingGroupTypeDef] = []

        def group() -> None:
            with self._pools.within(self._left(ends)) as (scaling, _):
                groups.append(group_of(self._settings, scaling))
                behind.of_group(groups[0], found)
                self._behind(scaling, found)

        if found.part("identity", lambda: self._who(found, ends)) and found.part("group", group):
            self._permissions(groups[0], found, ends)
            found.guess("quota", lambda: self._quotas(groups[0], found, ends))
        return tuple(found.found)

    def _permissions(self, group: "AutoScalingGroupTypeDef", found: Findings, ends: int) -> None:
        if not found.guess("permissions", lambda: self._granted(group, found, ends)):
            found.guess("permissions", lambda: self._tried(group, found, ends))

    def _left(self, ends: int) -> Duration:
        return Duration(max(0, ends - self._site.runtime.monotonic()))

    def _who(self, found: Findings, ends: int) -> None:
        sts = self._sts.within(self._left(ends))
        told = read(sts.get_caller_identity)
        self._arn = told["Arn"]
        found.fine("identity", f"we are {self._arn}")
        found.clock(told["ResponseMetadata"]["HTTPHeaders"].get("date", ""), self._site.runtime.now())

    def _behind(self, scaling: "AutoScalingClient", found: Findings) -> None:
        name = self._settings.auto_scaling_group
        before = len(found.found)
        looks: tuple[Callable[[], None], ...] = (
            lambda: behind.of_policies(read(lambda: scaling.describe_policies(AutoScalingGroupName=name))["ScalingPolicies"], found),
            lambda: behind.of_schedule(
                read(lambda: scaling.describe_scheduled_actions(AutoScalingGroupName=name))["ScheduledUpdateGroupActions"], found
            ),
            lambda: behind.of_refreshes(
                read(lambda: scaling.describe_instance_refreshes(AutoScalingGroupName=name))["InstanceRefreshes"], found
            ),
        )
        for look in looks:
            found.guess("group", look)
        if len(found.found) == before:
            found.fine("group", "nobody else sets its count")

    def _granted(self, group: "AutoScalingGroupTypeDef", found: Findings, ends: int) -> None:
        """By IAM's own simulation, which knows of no session's further limits, nor of what an organisation forbids by its resources."""
        rows = rows_of_pools(table(ROWS))
        asked, open_ones = trials(rows, group, self._arn)
        iam = self._iam.within(self._left(ends))
        denied = {action for trial in asked for action in self._denied(iam, trial)}
        found.permissions([row for row in rows if row.permission not in open_ones], denied, GRANT)
        for permission in open_ones:
            found.advise(
                "permissions", f"{permission} cannot be known: it is about the machines' own role", "a launch that is refused names it"
            )

    def _tried(self, group: "AutoScalingGroupTypeDef", found: Findings, ends: int) -> None:
        """Without IAM: what EC2 lets us try without doing it. Auto Scaling lets nothing be tried so."""
        name, version = template_of(group)
        tags: list[TagTypeDef] = [
            {"Key": one.get("Key", ""), "Value": one.get("Value", "")}
            for one in group.get("Tags", [])
            if one.get("PropagateAtLaunch", False) and not one.get("Key", "").startswith(RESERVED)
        ]
        with self._pools.within(self._left(ends)) as (_, ec2):
            try:
                read(
                    lambda: ec2.create_fleet(
                        DryRun=True,
                        Type="instant",
                        LaunchTemplateConfigs=[{"LaunchTemplateSpecification": {"LaunchTemplateId": name, "Version": version}}],
                        TargetCapacitySpecification={"TotalTargetCapacity": 1, "DefaultTargetCapacityType": "on-demand"},
                        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}] if tags else [],
                    )
                )
            except SetupError as error:
                _of_dry_run(error, found)

    def _quotas(self, group: "AutoScalingGroupTypeDef", found: Findings, ends: int) -> None:
        """Of the kinds of machines that the group has now, against all that runs in the region."""
        ours = {one.get("InstanceType", "") for one in group.get("Instances", [])}
        with self._pools.within(self._left(ends)) as (_, ec2):
            pages = ec2.get_paginator("describe_instances").paginate(Filters=[RUNNING], PaginationConfig={"PageSize": PAGE})
            count = used(read(lambda: [one for page in pages for each in page["Reservations"] for one in each["Instances"]]))
        asked = sorted({one for kind in ours for spot in (False, True) if (one := bucket(kind, spot=spot)).code})
        client = self._limits.within(self._left(ends))
        found.quotas(((str(one), count[one], _limit(client, one)) for one in asked), QUOTA)

    def _denied(self, iam: "IAMClient", trial: Trial) -> list[str]:
        principal = principal_of(self._arn)
        if ":root" in principal:
            return []
        try:
            told = read(
                lambda: iam.simulate_principal_policy(
                    PolicySourceArn=principal,
                    ActionNames=list(trial.actions),
                    ResourceArns=list(trial.objects),
                    ContextEntries=trial.entries,
                    MaxItems=1000,
                )
            )
        except SetupError as error:
            raise SetupError(str(error), hint=SIMULATE) from error
        return [one["EvalActionName"] for one in told["EvaluationResults"] if one["EvalDecision"] != ALLOWED]


def _limit(client: "ServiceQuotasClient", of: Bucket) -> int:
    told = read(lambda: client.get_service_quota(ServiceCode="ec2", QuotaCode=of.code))
    return int(told["Quota"].get("Value", 0))


def _of_dry_run(error: SetupError, found: Findings) -> None:
    """Whatever EC2 answers to a dry run is an error."""
    words = str(error)
    if WOULD_DO in words:
        found.fine("permissions", f"{LAUNCHING} is there, by a dry run")
    elif any(code in words for code in DENIED):
        found.broken("permissions", f"{LAUNCHING} is lacking: LaunchInstances", GRANT)
    else:
        raise error


def _of(settings: AwsPool, site: Site, make: Callable[["Session", "Config"], Client]) -> Clients[Client]:
    """At the service's own address, or that of the environment: those of the pool are of other services."""
    return Clients(replace(settings, endpoint_url=None), site.runtime, lambda session, config, _: make(session, config))
