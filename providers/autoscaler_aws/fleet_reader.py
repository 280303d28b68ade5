"""Sees a pool that has no group: its machines are those with its tags. Two calls at once, however many there are up to a thousand."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from autoscaler.contracts.pool_reader import PoolCapabilities
from autoscaler.contracts.provider import Site
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import PoolName
from autoscaler_aws.calls import read, together
from autoscaler_aws.ec2_reads import EVERY, MARGIN, learn, machines
from autoscaler_aws.fleet_settings import Fleet
from autoscaler_aws.fleets import by_id, counted, failures, filters_of, instances_of, offerings_of
from autoscaler_aws.pool_clients import PoolClients
from autoscaler_aws.settings import AwsPool
from autoscaler_clouds.sold import Kinds

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import ResponseLaunchTemplateDataTypeDef


class FleetReader:
    """One pool. Nothing but the machines is counted, so a launch is counted once they are listed: its writer waits for that."""

    def __init__(self, settings: AwsPool, fleet: Fleet, site: Site) -> None:
        self._settings = settings
        self._fleet = fleet
        self._site = site
        self._clients = PoolClients(settings, site.runtime)
        self._kinds = Kinds("aws", settings.types, site.catalogues)

    @property
    def capabilities(self) -> PoolCapabilities:
        """CreateFleet takes a token, and there is no minimum but the policy file's."""
        return PoolCapabilities(launch_token=True, to_zero=True)

    def observe(self, deadline: Duration) -> PoolState:
        """Its machines, and whether there is what more could be launched of: without that the pool is not there."""
        now = self._site.runtime.now()
        with self._clients.ec2(Duration(deadline.ms - MARGIN.ms)) as ec2:
            calls: list[Callable[[], object]] = [
                lambda: machines(ec2, filters_of(self._site.cluster, self._site.name), EVERY),
                lambda: template(ec2, self._fleet),
            ]
            here, _ = together(self._site, calls, deadline)
            learn(ec2, self._kinds, self._fleet.types, self._settings.region)
        return PoolState(
            pool=PoolName(self._site.name),
            read_at=now,
            wanted=counted(here),
            instances=instances_of(here, self._settings.node_name),
            offerings=offerings_of(self._fleet, self._kinds, self._settings),
            failed_launches=failures(here, now),
        )


def template(ec2: "EC2Client", fleet: Fleet) -> "ResponseLaunchTemplateDataTypeDef":
    """What its launch template says; NotFoundError without one."""
    name, versions = fleet.launch_template, [fleet.version]
    found = read(
        lambda: (
            ec2.describe_launch_template_versions(LaunchTemplateId=name, Versions=versions)
            if by_id(fleet)
            else ec2.describe_launch_template_versions(LaunchTemplateName=name, Versions=versions)
        )
    )
    return found["LaunchTemplateVersions"][0]["LaunchTemplateData"]
