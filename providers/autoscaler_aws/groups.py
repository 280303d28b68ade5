"""An Auto Scaling group's answers, as a pool: pure, and strict about what it relies on.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from autoscaler.errors import SetupError
from autoscaler.model.nodes import Instance, InstanceState
from autoscaler.model.pools import Offering
from autoscaler.model.quantities import Cpu, Instant, Memory
from autoscaler.model.refs import InstanceRef, Token
from autoscaler_aws.settings import AwsPool, NodeName
from autoscaler_clouds.kinds import NEVER, KindSpec, Place, called
from autoscaler_clouds.launches import AGAIN, FORGET
from autoscaler_clouds.sold import Kinds, Lot
from autoscaler_sources.moments import instant

if TYPE_CHECKING:
    from types_boto3_autoscaling.type_defs import ActivityTypeDef, AutoScalingGroupTypeDef
    from types_boto3_autoscaling.type_defs import InstanceTypeDef as MemberTypeDef
    from types_boto3_ec2.type_defs import InstanceTypeDef, InstanceTypeInfoTypeDef

NO_CAPACITY = "capacity"
"""In the words of every such failure: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-capacity.html"""

OUT = ("Standby", "Detach", "Warmed", "Terminated")
"""Beginnings of states in which the group does not count an instance: somebody took it out, or it waits to be needed."""
READY = ("Warmed:Stopped", "Warmed:Hibernated", "Warmed:Running")
SPOT, WHOLE = "spot", 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What a group may launch: `kinds` of machines. `spot`: some may be. `chosen`: all are of one market, and we may say in which zone."""

    kinds: tuple[str, ...]
    spot: bool
    chosen: bool

    @property
    def kind(self) -> str:
        """What its machines are called."""
        return called(self.kinds)


def template_of(group: "AutoScalingGroupTypeDef") -> tuple[str, str]:
    """Id and version of the launch template. SetupError for a group with a launch configuration, which AWS no longer develops."""
    mixed = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
    found = mixed or group.get("LaunchTemplate") or {}
    name = found.get("LaunchTemplateId")
    if name is None:
        raise SetupError(
            f"the group {group['AutoScalingGroupName']} has no launch template", hint="give it one for its launch configuration"
        )
    return name, found.get("Version", "$Default")


def mixed_kinds(group: "AutoScalingGroupTypeDef") -> tuple[str, ...] | None:
    """Types that a mixed group's overrides name; empty where attributes choose them; None where the launch template does."""
    overrides = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("Overrides", [])
    if not overrides:
        return None
    named = all("InstanceType" in one for one in overrides)
    return tuple(dict.fromkeys(one["InstanceType"] for one in overrides)) if named else ()


def shelf_of(group: "AutoScalingGroupTypeDef", kinds: tuple[str, ...], *, spot: bool = False) -> Shelf:
    """What it may launch; `spot`: its launch template asks for that.

    LaunchInstances lets us choose the zone, where all are of one market. It launches new machines always, by CreateFleet: only a higher
    desired capacity draws on a warm pool, and then the group chooses. A warm pool has one type on demand.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/launch-instances-synchronously
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
    """
    policy = group.get("MixedInstancesPolicy")
    if policy is None:
        return Shelf(kinds=kinds, spot=spot, chosen=not warms(group))
    spread = policy.get("InstancesDistribution", {})
    base, share = spread.get("OnDemandBaseCapacity", 0), spread.get("OnDemandPercentageAboveBaseCapacity", WHOLE)
    return Shelf(kinds=kinds, spot=share < WHOLE, chosen=share == WHOLE or (share == 0 and not base))


def warms(group: "AutoScalingGroupTypeDef") -> bool:
    """Whether it has a warm pool."""
    return group.get("WarmPoolConfiguration", {"Status": "PendingDelete"}).get("Status") != "PendingDelete"


def standing_by(machines: "Iterable[MemberTypeDef]") -> int:
    """How many of a warm pool can be started now."""
    return sum(one["LifecycleState"] in READY for one in machines)


def offerings_of(
    group: "AutoScalingGroupTypeDef", shelf: Shelf, kinds: Kinds, settings: AwsPool, sold_out: Mapping[str, Instant]
) -> tuple[Offering, ...]:
    """One per zone where we may choose it, else one; `sold_out`: until when, by zone."""
    everywhere, nodes = sorted(group["AvailabilityZones"]), settings.furnishing
    every = min(sold_out.get(zone, NEVER) for zone in everywhere)
    lot = Lot(
        kinds=shelf.kinds,
        called=shelf.kind,
        region=settings.region,
        zones=everywhere,
        place=Place(spot=shelf.spot),
        mixed=not shelf.chosen,  # some of them will be on demand
    )
    if not shelf.chosen and len(everywhere) > 1:
        return (kinds.offered(lot, nodes, every),)
    lots = (replace(lot, zones=(zone,), place=Place(zone=zone, spot=shelf.spot)) for zone in everywhere)
    return tuple(kinds.offered(one, nodes, sold_out.get(one.place.zone, NEVER)) for one in lots)


def instances_of(
    group: "AutoScalingGroupTypeDef", machines: Iterable["InstanceTypeDef"], shelf: Shelf, named: NodeName
) -> tuple[Instance, ...]:
    """Its members, each with what EC2 knows of it; one that EC2 does not show yet has its id for a name."""
    known = {one["InstanceId"]: one for one in machines}
    members = (one for one in group.get("Instances", []) if not one["LifecycleState"].startswith(OUT))
    several = shelf.chosen or len(group["AvailabilityZones"]) == 1
    return tuple(
        _instance(one, known.get(one["InstanceId"], {}), shelf, named, one["AvailabilityZone"] if several else "") for one in members
    )


def _instance(member: "MemberTypeDef", machine: "InstanceTypeDef", shelf: Shelf, named: NodeName, zone: str) -> Instance:
    name, began, token = member["InstanceId"], machine.get("LaunchTime"), machine.get("ClientToken")
    return Instance(
        ref=ref_of(name),
        state=_state(member),
        offering=Place(zone=zone, spot=shelf.spot).name(shelf.kind),
        node_name=node_name(name, machine.get("PrivateDnsName", ""), named),
        launched_at=instant(began) if began else Instant(0),
        token=Token(token) if token else None,
    )


def ref_of(name: str) -> InstanceRef:
    """EC2 gives no id twice, so the id is its own incarnation."""
    return InstanceRef(name, name)


def _state(member: "MemberTypeDef") -> InstanceState:
    state = member["LifecycleState"]
    if state.startswith("Terminating") or member["HealthStatus"] == "Unhealthy":  # which the group is about to replace
        return InstanceState.STOPPING
    return InstanceState.RUNNING if state == "InService" else InstanceState.LAUNCHING


def node_name(name: str, dns: str, named: NodeName) -> str:
    """What its orchestrator calls the machine; by its id while EC2 tells no name."""
    if named is NodeName.ID or not dns:
        return name
    return dns.partition(".")[0] if named is NodeName.HOST else dns


def failures(activities: Sequence["ActivityTypeDef"], now: Instant) -> int:
    """Launches that failed since the last that did not, unless that is long ago; where there is no capacity, nothing fails.

    Newest come first, as AWS tells them.
    """
    lately = takewhile(lambda one: one["StatusCode"] != "Successful" and instant(one["StartTime"]) >= now - FORGET.ms, activities)
    return sum(one["StatusCode"] == "Failed" and not _sold_out(one) for one in lately)


def sold_out(activities: Sequence["ActivityTypeDef"], zones: Sequence[str], now: Instant) -> dict[str, Instant]:
    """Until when not to ask again, by zone, after the group's own launches found no capacity; all, where its words name no zone."""
    found: dict[str, Instant] = {}
    for one in activities:
        until = Instant(instant(one.get("EndTime", one["StartTime"])) + AGAIN.ms)
        if one["StatusCode"] == "Successful" or until <= now:
            break
        if _sold_out(one):
            named = [zone for zone in zones if zone in one.get("StatusMessage", "")]
            found = {**dict.fromkeys(named or zones, until), **found}
    return found


def _sold_out(activity: "ActivityTypeDef") -> bool:
    return activity["StatusCode"] == "Failed" and NO_CAPACITY in activity.get("StatusMessage", "").lower()


def kind_of(found: "InstanceTypeInfoTypeDef") -> KindSpec:
    """What EC2 says of an instance type; it says no price."""
    gpus = found.get("GpuInfo", {}).get("Gpus", [])
    return KindSpec(
        name=found["InstanceType"],
        cpu=Cpu(found["VCpuInfo"]["DefaultVCpus"] * 1000),
        memory=Memory(found["MemoryInfo"]["SizeInMiB"] * 2**20),
        gpus=sum(one.get("Count", 0) for one in gpus),
        gpu=gpus[0].get("Name", "") if gpus else "",
    )
