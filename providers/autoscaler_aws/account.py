"""Who we are at AWS, and what that one may: asked for `doctor`, and read only."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.errors import SetupError
from autoscaler.model.quantities import Duration
from autoscaler_aws.calls import DENIED, read
from autoscaler_aws.clients import Client, Clients
from autoscaler_aws.quotas import Bucket, bucket, used
from autoscaler_aws.settings import AwsPool
from autoscaler_aws.simulating import About, Trial, principal_of, trials
from autoscaler_clouds.findings import Findings
from autoscaler_clouds.permissions import Row

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.config import Config
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import CreateFleetRequestTypeDef, FilterTypeDef
    from types_boto3_iam import IAMClient
    from types_boto3_service_quotas import ServiceQuotasClient
    from types_boto3_sts import STSClient

GRANT = "let the module aws-roles make the role, or grant it: docs/providers/aws.md"
SIMULATE = "grant iam:SimulatePrincipalPolicy on the role itself, as the module aws-roles does"
QUOTA = "ask AWS for more: aws service-quotas request-service-quota-increase, or the console's page of Service Quotas"
ALLOWED, WOULD_DO = "allowed", "DryRunOperation"
LAUNCHING = "ec2:CreateFleet"
RUNNING: "FilterTypeDef" = {"Name": "instance-state-name", "Values": ["pending", "running"]}
PAGE = 1000


class Account:
    """As the settings of one pool say we are. STS, IAM and Service Quotas are asked at their own addresses, or the environment's."""

    def __init__(self, settings: AwsPool, site: Site) -> None:
        self._site = site
        self._region = settings.region
        self._sts: Clients[STSClient] = _of(settings, site, lambda session, config: session.client("sts", config=config))
        self._iam: Clients[IAMClient] = _of(settings, site, lambda session, config: session.client("iam", config=config))
        self._limits: Clients[ServiceQuotasClient] = _of(
            settings, site, lambda session, config: session.client("service-quotas", config=config)
        )
        self.arn = ""

    def who(self, found: Findings, left: Duration) -> None:
        """Who we are, and what time it is there."""
        sts = self._sts.within(left)
        told = read(sts.get_caller_identity)
        self.arn, found.account = told["Arn"], f"aws {told['Account']}"
        found.fine("identity", f"we are {self.arn}")
        found.clock(told["ResponseMetadata"]["HTTPHeaders"].get("date", ""), self._site.runtime.now())

    def granted(self, rows: list[Row], about: About, found: Findings, left: Duration) -> None:
        """By IAM's own simulation, which knows of no session's further limits, nor of what an organisation forbids by its resources."""
        asked, open_ones = trials(rows, about)
        iam = self._iam.within(left)
        denied = {action for trial in asked for action in self._denied(iam, trial)}
        found.permissions([row for row in rows if row.permission not in open_ones], denied, GRANT)
        for permission in open_ones:
            found.advise(
                "permissions", f"{permission} cannot be known: it is about the machines' own role", "a launch that is refused names it"
            )

    def quotas(self, ec2: "EC2Client", kinds: Iterable[str], found: Findings, left: Duration) -> None:
        """Of such kinds of machines, against all that runs in the region."""
        asked = sorted({one for kind in kinds for spot in (False, True) if (one := bucket(kind, spot=spot)).code})
        pages = ec2.get_paginator("describe_instances").paginate(Filters=[RUNNING], PaginationConfig={"PageSize": PAGE})
        count = used(read(lambda: [one for page in pages for each in page["Reservations"] for one in each["Instances"]]))
        client = self._limits.within(left)
        found.quotas(((str(one), count[one], _limit(client, one)) for one in asked), QUOTA, region=self._region)

    def _denied(self, iam: "IAMClient", trial: Trial) -> list[str]:
        principal = principal_of(self.arn)
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


def tried(ec2: "EC2Client", asked: "CreateFleetRequestTypeDef", call: str, found: Findings) -> None:
    """Without IAM: what EC2 lets us try without doing it. Auto Scaling lets nothing be tried so."""
    dry: CreateFleetRequestTypeDef = {**asked, "DryRun": True}
    try:
        read(lambda: ec2.create_fleet(**dry))
    except SetupError as error:
        _of_dry_run(error, call, found)


def _of_dry_run(error: SetupError, call: str, found: Findings) -> None:
    """Whatever EC2 answers to a dry run is an error."""
    words = str(error)
    if WOULD_DO in words:
        found.fine("permissions", f"{LAUNCHING} is there, by a dry run")
    elif any(code in words for code in DENIED):
        found.broken("permissions", f"{LAUNCHING} is lacking: {call}", GRANT)
    else:
        raise error


def _limit(client: "ServiceQuotasClient", of: Bucket) -> int:
    told = read(lambda: client.get_service_quota(ServiceCode="ec2", QuotaCode=of.code))
    return int(told["Quota"].get("Value", 0))


def _of(settings: AwsPool, site: Site, make: Callable[["Session", "Config"], Client]) -> Clients[Client]:
    return Clients(settings.at(None), site.runtime, lambda session, config, _: make(session, config))
