"""Sees an Auto Scaling group as a pool: three calls at once, however many instances; more where types are new, or for a warm pool."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from autoscaler.contracts.pool_reader import PoolCapabilities
from autoscaler.contracts.provider import Site
from autoscaler.errors import SetupError
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import PoolName
from autoscaler_aws.calls import read, together
from autoscaler_aws.ec2_reads import ALIVE, MARGIN, learn, machines
from autoscaler_aws.groups import (
    SPOT,
    Shelf,
    failures,
    instances_of,
    mixed_kinds,
    offerings_of,
    shelf_of,
    sold_out,
    template_of,
    warms,
)
from autoscaler_aws.pool_clients import PoolClients, group_of, ready
from autoscaler_aws.settings import AwsPool
from autoscaler_clouds.sold import Kinds

if TYPE_CHECKING:
    from types_boto3_autoscaling import AutoScalingClient
    from types_boto3_autoscaling.type_defs import ActivityTypeDef, AutoScalingGroupTypeDef
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import InstanceTypeDef


class GroupReader:
    """One group. What a launch template and an instance type are does not change, so each is asked for once."""

    def __init__(self, settings: AwsPool, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._clients = PoolClients(settings, site.runtime)
        self._kinds = Kinds("aws", settings.types, site.catalogues)
        self._templates: dict[tuple[str, str], tuple[str, bool]] = {}

    @property
    def capabilities(self) -> PoolCapabilities:
        """LaunchInstances takes a token; how small a group may be is its own minimum's to say."""
        return PoolCapabilities(launch_token=True, to_zero=True)

    def observe(self, deadline: Duration) -> PoolState:
        """The group, its machines, and what it lately tried."""
        now = self._site.runtime.now()
        with self._clients.within(Duration(deadline.ms - MARGIN.ms)) as (scaling, ec2):
            group, machines, tried = self._asked(scaling, ec2, deadline)
            shelf = self._shelf(ec2, group)
            waiting = ready(self._settings, scaling) if warms(group) else 0
            learn(ec2, self._kinds, shelf.kinds, self._settings.region)
        refused = sold_out(tried, group["AvailabilityZones"], now)
        return PoolState(
            pool=PoolName(self._site.name),
            read_at=now,
            wanted=group["DesiredCapacity"],
            instances=instances_of(group, machines, shelf, self._settings.node_name),
            offerings=tuple(replace(one, standby=waiting) for one in offerings_of(group, shelf, self._kinds, self._settings, refused)),
            failed_launches=failures(tried, now),
        )

    def _asked(
        self, scaling: "AutoScalingClient", ec2: "EC2Client", deadline: Duration
    ) -> tuple["AutoScalingGroupTypeDef", list["InstanceTypeDef"], list["ActivityTypeDef"]]:
        calls: list[Callable[[], object]] = [
            lambda: group_of(self._settings, scaling),
            lambda: self._machines(ec2),
            lambda: self._tried(scaling),
        ]
        group, here, tried = together(self._site, calls, deadline)
        return group, here, tried

    def _machines(self, ec2: "EC2Client") -> list["InstanceTypeDef"]:
        return machines(ec2, {"tag:aws:autoscaling:groupName": self._settings.auto_scaling_group}, ALIVE)

    def _tried(self, scaling: "AutoScalingClient") -> list["ActivityTypeDef"]:
        """The newest hundred."""
        name = self._settings.auto_scaling_group
        return read(lambda: scaling.describe_scaling_activities(AutoScalingGroupName=name, MaxRecords=100))["Activities"]

    def _shelf(self, ec2: "EC2Client", group: "AutoScalingGroupTypeDef") -> Shelf:
        """What it may launch. Where its machines are told by attributes, the settings must list which may come."""
        if (kinds := mixed_kinds(group)) is not None:
            return shelf_of(group, kinds or self._listed())
        kind, spot = self._template(ec2, *template_of(group))
        return shelf_of(group, (kind,), spot=spot)

    def _listed(self) -> tuple[str, ...]:
        if not self._settings.types:
            raise SetupError(
                f"the group {self._settings.auto_scaling_group} chooses its instance types by attributes",
                hint="list those that may come under `types:` of the pool, or name types in the group's overrides",
            )
        return tuple(one.name for one in self._settings.types)

    def _template(self, ec2: "EC2Client", name: str, version: str) -> tuple[str, bool]:
        """Its instance type, and whether it asks for spot. `$Latest` may be another each time."""
        known = self._templates.get((name, version))
        if known is None:
            asked = read(lambda: ec2.describe_launch_template_versions(LaunchTemplateId=name, Versions=[version]))
            data = asked["LaunchTemplateVersions"][0]["LaunchTemplateData"]
            if "InstanceType" not in data:
                raise SetupError(f"launch template {name} version {version} names no instance type", hint="name one there")
            known = data["InstanceType"], data.get("InstanceMarketOptions", {}).get("MarketType") == SPOT
            if version.isdigit():
                self._templates[name, version] = known
        return known
