"""Machines that EC2 Fleet launched for a pool, as that pool: pure. No group stands behind them; their tags say whose they are.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instant-fleet.html
"""

from collections.abc import Iterable, Mapping
from itertools import product, takewhile
from typing import TYPE_CHECKING

from autoscaler.model.nodes import Instance, InstanceState
from autoscaler.model.pools import Offering
from autoscaler.model.quantities import Instant
from autoscaler.model.refs import ClusterName, OfferingName, Token
from autoscaler_aws.fleet_settings import BY_ID, Fleet, Market
from autoscaler_aws.groups import SPOT, node_name, ref_of
from autoscaler_aws.settings import AwsPool, NodeName
from autoscaler_clouds.kinds import Place
from autoscaler_clouds.launches import FORGET
from autoscaler_clouds.sold import Kinds, Lot
from autoscaler_sources.moments import instant

if TYPE_CHECKING:
    from types_boto3_ec2.type_defs import (
        FleetLaunchTemplateOverridesRequestTypeDef,
        FleetLaunchTemplateSpecificationRequestTypeDef,
        InstanceTypeDef,
        TagTypeDef,
    )

CLUSTER_TAG, POOL_TAG, TOKEN_TAG = "poolkeeper:cluster", "poolkeeper:fleet", "poolkeeper:token"
STATES = {
    "pending": InstanceState.LAUNCHING,
    "running": InstanceState.RUNNING,
    "shutting-down": InstanceState.STOPPING,
    "stopping": InstanceState.STOPPING,
    "stopped": InstanceState.FAILED,  # nobody starts it again, and its disks are paid for until it is given back
}
COUNTED = ("pending", "running")
ENDED = (
    "Client.InstanceInitiatedShutdown",
    "Client.UserInitiatedShutdown",
    "Server.InsufficientInstanceCapacity",
    "Server.ScheduledStop",
    "Server.SpotInstanceShutdown",
    "Server.SpotInstanceTermination",
)
"""Why machines end that could start, or had no room: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html"""


def filters_of(cluster: ClusterName, pool: str) -> Mapping[str, str]:
    """By which its machines are found."""
    return {f"tag:{CLUSTER_TAG}": cluster, f"tag:{POOL_TAG}": pool}


def tags_of(cluster: ClusterName, pool: str, token: Token) -> "list[TagTypeDef]":
    """What a machine is launched with."""
    given = {CLUSTER_TAG: cluster, POOL_TAG: pool, TOKEN_TAG: token}
    return [{"Key": key, "Value": value} for key, value in given.items()]


def by_id(fleet: Fleet) -> bool:
    """Whether its launch template is named by its id."""
    return bool(BY_ID.fullmatch(fleet.launch_template))


def template_of(fleet: Fleet) -> "FleetLaunchTemplateSpecificationRequestTypeDef":
    """The launch template, as a fleet is asked for with it."""
    if by_id(fleet):
        return {"LaunchTemplateId": fleet.launch_template, "Version": fleet.version}
    return {"LaunchTemplateName": fleet.launch_template, "Version": fleet.version}


def choices(fleet: Fleet) -> "dict[OfferingName, tuple[Market, FleetLaunchTemplateOverridesRequestTypeDef]]":
    """Each type in each zone by each market: what the pool offers, and how it is asked for."""
    return {
        Place(zone=zone, spot=market is Market.SPOT).name(kind): (market, _override(kind, subnet))
        for market, kind, (zone, subnet) in product(fleet.markets, fleet.types, fleet.subnets)
    }


def _override(kind: str, subnet: str) -> "FleetLaunchTemplateOverridesRequestTypeDef":
    return {"InstanceType": kind, "SubnetId": subnet}  # type: ignore[typeddict-item]  # its stubs list the types of their day


def offerings_of(fleet: Fleet, kinds: Kinds, settings: AwsPool) -> tuple[Offering, ...]:
    """The same, with what it has and costs. What is sold out is the engine's to remember, for EC2 shows it nowhere."""
    places = product(fleet.markets, fleet.types, [zone for zone, _ in fleet.subnets])
    lots = (
        Lot(kinds=(kind,), called=kind, region=settings.region, zones=(zone,), place=Place(zone=zone, spot=market is Market.SPOT))
        for market, kind, zone in places
    )
    return tuple(kinds.offered(one, settings.furnishing) for one in lots)


def instances_of(machines: "Iterable[InstanceTypeDef]", called: NodeName) -> tuple[Instance, ...]:
    """Those that are not gone."""
    return tuple(_instance(one, called) for one in machines if state_of(one) in STATES)


def counted(machines: "Iterable[InstanceTypeDef]") -> int:
    """How many launch or run."""
    return sum(state_of(one) in COUNTED for one in machines)


def state_of(machine: "InstanceTypeDef") -> str:
    """As EC2 calls it."""
    return machine.get("State", {}).get("Name", "")


def token_of(machine: "InstanceTypeDef") -> str:
    """Of the request that launched it."""
    return next((one.get("Value", "") for one in machine.get("Tags", []) if one.get("Key") == TOKEN_TAG), "")


def failures(machines: "Iterable[InstanceTypeDef]", now: Instant) -> int:
    """Launches that came to nothing since the last machine that runs, unless that is long ago. EC2 shows who ended for an hour."""
    newest = sorted((one for one in machines if "LaunchTime" in one), key=lambda one: one["LaunchTime"], reverse=True)
    lately = takewhile(lambda one: state_of(one) != "running" and instant(one["LaunchTime"]) >= now - FORGET.ms, newest)
    return sum(_failed(one) for one in lately)


def _failed(machine: "InstanceTypeDef") -> bool:
    why = machine.get("StateReason", {}).get("Code", "")
    return state_of(machine) not in COUNTED and bool(why) and why not in ENDED


def _instance(machine: "InstanceTypeDef", called: NodeName) -> Instance:
    name, token = machine["InstanceId"], token_of(machine)
    place = Place(zone=machine.get("Placement", {}).get("AvailabilityZone", ""), spot=machine.get("InstanceLifecycle", "") == SPOT)
    return Instance(
        ref=ref_of(name),
        state=STATES[state_of(machine)],
        offering=place.name(machine.get("InstanceType", "")),
        node_name=node_name(name, machine.get("PrivateDnsName", ""), called),
        launched_at=instant(machine["LaunchTime"]) if "LaunchTime" in machine else Instant(0),
        token=Token(token) if token else None,
    )
