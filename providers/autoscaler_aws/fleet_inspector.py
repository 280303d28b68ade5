"""Looks at what a pool without a group rests on: who we are, what we may, its launch template, and who else has its tags. Reads only."""

from typing import TYPE_CHECKING

from autoscaler.contracts.inspection import Finding
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import Token
from autoscaler_aws import behind
from autoscaler_aws.account import Account, tried
from autoscaler_aws.calls import read
from autoscaler_aws.ec2_reads import ALIVE, machines
from autoscaler_aws.fleet_reader import template
from autoscaler_aws.fleet_requests import first_choice, request
from autoscaler_aws.fleet_settings import Fleet
from autoscaler_aws.fleets import by_id, filters_of, tags_of
from autoscaler_aws.pool_clients import PoolClients
from autoscaler_aws.settings import AwsPool
from autoscaler_aws.simulating import about_fleet, rows_of_fleets
from autoscaler_clouds.findings import Findings
from autoscaler_clouds.permissions import table

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import ResponseLaunchTemplateDataTypeDef, TagTypeDef

ROWS = "autoscaler_aws"
NOBODY = Token("doctor")


class FleetInspector:
    """One pool."""

    def __init__(self, settings: AwsPool, fleet: Fleet, site: Site) -> None:
        self._settings = settings
        self._fleet = fleet
        self._site = site
        self._clients = PoolClients(settings, site.runtime)
        self._account = Account(settings, site)

    def examine(self, deadline: Duration) -> tuple[Finding, ...]:
        """First who we are: without that, nothing else can be asked."""
        found = Findings(f"pool {self._site.name}")
        ends = self._site.runtime.monotonic() + deadline.ms
        told: list[ResponseLaunchTemplateDataTypeDef] = []

        def look() -> None:
            with self._clients.ec2(self._left(ends)) as ec2:
                told.append(template(ec2, self._fleet))
                here = machines(ec2, filters_of(self._site.cluster, self._site.name), ALIVE)
                behind.of_fleet(self._fleet.launch_template, told[0], here, found)

        if found.part("identity", lambda: self._account.who(found, self._left(ends))) and found.part("fleet", look):
            if not found.guess("permissions", lambda: self._granted(told[0], found, ends)):
                found.guess("permissions", lambda: self._tried(found, ends))
            found.guess("quota", lambda: self._quotas(found, ends))
        return tuple(found.found)

    def _left(self, ends: int) -> Duration:
        return Duration(max(0, ends - self._site.runtime.monotonic()))

    def _granted(self, told: "ResponseLaunchTemplateDataTypeDef", found: Findings, ends: int) -> None:
        given = {one.get("ResourceType", ""): _tags(one.get("Tags", [])) for one in told.get("TagSpecifications", [])}
        given["instance"] = {**given.get("instance", {}), **_tags(tags_of(self._site.cluster, self._site.name, NOBODY))}
        with self._clients.ec2(self._left(ends)) as ec2:
            about = about_fleet(_own_tags(ec2, self._fleet), given, self._settings.region, self._account.arn)
        self._account.granted(rows_of_fleets(table(ROWS)), about, found, self._left(ends))

    def _tried(self, found: Findings, ends: int) -> None:
        market, overrides = first_choice(self._fleet)
        asked = request(self._fleet, 1, market, overrides, tags_of(self._site.cluster, self._site.name, NOBODY))
        with self._clients.ec2(self._left(ends)) as ec2:
            tried(ec2, asked, "CreateFleet", found)

    def _quotas(self, found: Findings, ends: int) -> None:
        """Of the kinds of machines that may come."""
        with self._clients.ec2(self._left(ends)) as ec2:
            self._account.quotas(ec2, self._fleet.types, found, self._left(ends))


def _own_tags(ec2: "EC2Client", fleet: Fleet) -> dict[str, str]:
    """Of the launch template itself."""
    name = [fleet.launch_template]
    told = read(
        lambda: (
            ec2.describe_launch_templates(LaunchTemplateIds=name)
            if by_id(fleet)
            else ec2.describe_launch_templates(LaunchTemplateNames=name)
        )
    )
    return _tags(told["LaunchTemplates"][0].get("Tags", []))


def _tags(told: "list[TagTypeDef]") -> dict[str, str]:
    return {one.get("Key", ""): one.get("Value", "") for one in told}
