"""The clouds that a whole engine is tried at: how each is made, its pools in a policy file, its calls, and what it sells where."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Cpu, Duration, Memory
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.aws.cloud import Aws
from autoscaler_standins.aws.fleets import TemplateSpec
from autoscaler_standins.aws.groups import GroupSpec
from autoscaler_standins.aws.warm import label
from autoscaler_standins.azure.cloud import AzureCloud
from autoscaler_standins.clock import Clock
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.gcp.groups import Group, Template
from autoscaler_standins.gcp.standby import Standby
from autoscaler_standins.machines import Condition, Machine, Machines
from autoscaler_standins.serving import Cloud
from tests.providers.azure.standin import model

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1",
}
"""What the vendors' clients want to know."""


class Stocked(Cloud, Protocol):
    """A cloud with machines."""

    machines: Machines


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One cloud with a machine that runs.

    `pools`: as a policy file has them, `{url}` for where the cloud is. `grow`, `shrink`: the calls that do. `sold`: kinds and zones.
    `named`: what its plugin calls a machine, where that is not the machine's own id. `at_work`: whether it is one of the pool's.
    """

    name: str
    make: Callable[[Runtime], Stocked]
    pools: Mapping[str, Any]
    grow: str
    shrink: str
    reads: tuple[str, ...]
    throttled: tuple[str, int]
    sold: tuple[tuple[str, str], ...]
    named: Callable[[Cloud, Machine], str] = field(default=lambda _, machine: machine.id)
    at_work: Callable[[Machine], bool] = field(default=lambda machine: machine.counts)


LARGE = KindSpec(name="m7g.large", cpu=Cpu(2000), memory=Memory(8 * 2**30))
ZONES = ("eu-central-1a", "eu-central-1b")


def aws(runtime: Runtime, *, standby: int | None = None) -> Aws:
    """A group in two zones, with or without a warm pool."""
    found = Aws(runtime, [GroupSpec(name="shop-general", kinds=(LARGE.name,), zones=ZONES, desired=1, standby=standby)], [LARGE])
    found.step()
    for one in found.machines.all.values():
        one.next_at = found.clock.now()
    return found


AT_ONCE = Duration(0)
SUBNETS = {"subnet-0000000a": ZONES[0], "subnet-0000000b": ZONES[1]}


def aws_fleet(runtime: Runtime, *, unlisted: Duration = AT_ONCE) -> Aws:
    """No group, in two zones."""
    template = TemplateSpec(name="shop-burst", id="lt-0123456789abcdef0", data={"InstanceType": LARGE.name})
    found = Aws(runtime, [], [LARGE], templates=[template], subnets=SUBNETS)
    found.fleets.add(LARGE.name, ZONES[0], {"poolkeeper:cluster": "shop", "poolkeeper:fleet": "fleet"}, 1)
    for one in found.machines.all.values():
        one.next_at = found.clock.now()
    found.machines.unlisted = unlisted
    return found


def azure(runtime: Runtime, *, flexible: bool = False) -> AzureCloud:
    """A scale set in one zone."""
    clock = Clock(runtime)
    found = AzureCloud(clock=clock, machines=Machines(clock=clock))
    found.add(model(flexible=flexible), 1)
    return found


def google(runtime: Runtime) -> GoogleCloud:
    """A group in one zone."""
    found = GoogleCloud(runtime)
    template = Template(name="shop-general-1", kind="e2-standard-2")
    found.groups.add(Group(name="shop-general", place=ZONE, zones=(ZONE,), template=template, base="shop-general", size=1))
    for one in found.machines.all.values():
        one.next_at = found.clock.now()
    return found


def google_prepared(runtime: Runtime, *, suspended: int = 0) -> GoogleCloud:
    """Three machines stand by, some of them suspended; nobody makes others in their place."""
    found = google(runtime)
    (group,) = found.groups.all.values()
    group.standby = Standby(stopped=3 - suspended, suspended=suspended)
    found.groups.age()
    for one in found.machines.all.values():
        one.next_at = found.clock.now() if one.condition is Condition.BOOTING else one.next_at
    found.groups.age()
    return found


def _azure_name(of: Cloud, machine: Machine) -> str:
    assert isinstance(of, AzureCloud)
    return of.sets[machine.group].instance(machine)


def kind(name: str, price: str) -> Mapping[str, Any]:
    """A machine of a policy file."""
    return {"name": name, "cpu": 2, "memory": "8Gi", "price": price}


AWS_POOL = {
    "region": "eu-central-1",
    "auto_scaling_group": "shop-general",
    "endpoint_url": "{url}",
    "ec2_endpoint_url": "{url}",
    "types": [kind(LARGE.name, "0.0952 USD")],
}
FLEET_POOL = {
    "region": "eu-central-1",
    "fleet": {"launch_template": "shop-burst", "types": [LARGE.name], "subnets": {zone: subnet for subnet, zone in SUBNETS.items()}},
    "ec2_endpoint_url": "{url}",
    "types": [kind(LARGE.name, "0.0952 USD")],
}
AZURE_POOL = {
    "subscription": "1f3fa6d2-851c-4a91-9087-1a050f3a9c38",
    "resource_group": "shop",
    "scale_set": "shop-general",
    "url": "{url}",
    "types": [kind("Standard_D2s_v5", "0.096 USD")],
}
ZONE = "europe-west4-a"
GOOGLE_POOL = {
    "project": "shop-prod",
    "zone": ZONE,
    "instance_group": "shop-general",
    "url": "{url}",
    "types": [kind("e2-standard-2", "0.0737 USD")],
}
MANAGERS = "compute.instanceGroupManagers"

AWS = Place(
    name="aws",
    make=aws,
    pools={"aws": {"aws": AWS_POOL}},
    grow="autoscaling.LaunchInstances",
    shrink="autoscaling.TerminateInstanceInAutoScalingGroup",
    reads=("autoscaling.DescribeAutoScalingGroups", "ec2.DescribeInstances", "autoscaling.DescribeScalingActivities"),
    throttled=("Throttling", 400),
    sold=tuple((LARGE.name, zone) for zone in ZONES),
)
WARM = replace(
    AWS,
    make=partial(aws, standby=2),
    grow="autoscaling.SetDesiredCapacity",
    reads=(*AWS.reads, "autoscaling.DescribeWarmPool"),
    at_work=lambda machine: machine.counts and machine.group != label("shop-general"),
)
FLEET = Place(
    name="aws",
    make=aws_fleet,
    pools={"fleet": {"aws": FLEET_POOL}},
    grow="ec2.CreateFleet",
    shrink="ec2.TerminateInstances",
    reads=("ec2.DescribeInstances", "ec2.DescribeLaunchTemplateVersions"),
    throttled=("RequestLimitExceeded", 503),
    sold=tuple((LARGE.name, zone) for zone in ZONES),
)
AZURE = Place(
    name="azure",
    make=azure,
    pools={"azure": {"azure": AZURE_POOL}},
    grow="VirtualMachineScaleSets.Update",
    shrink="VirtualMachineScaleSets.DeleteInstances",
    reads=("VirtualMachineScaleSets.Get", "VirtualMachineScaleSetVMs.List", "VirtualMachines.List"),
    throttled=("TooManyRequests", 429),
    sold=(("Standard_D2s_v5", "1"),),
    named=_azure_name,
)
GOOGLE = Place(
    name="gcp",
    make=google,
    pools={"gcp": {"gcp": GOOGLE_POOL}},
    grow=f"{MANAGERS}.createInstances",
    shrink=f"{MANAGERS}.deleteInstances",
    reads=(f"{MANAGERS}.get", f"{MANAGERS}.listManagedInstances", f"{MANAGERS}.listErrors", "compute.zoneOperations.get"),
    throttled=("rateLimitExceeded", 403),
    sold=(("e2-standard-2", ZONE),),
)
CLOUDS = (AWS, AZURE, GOOGLE)
"""From the second cheapest to the dearest, then the cheapest."""
