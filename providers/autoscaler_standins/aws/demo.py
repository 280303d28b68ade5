"""An Auto Scaling group in two zones, and a target group."""

from autoscaler.contracts.runtime import Runtime
from autoscaler.model.quantities import Cpu, Memory, Money
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.aws.balancing import TargetGroupSpec
from autoscaler_standins.aws.cloud import Aws
from autoscaler_standins.aws.groups import GroupSpec
from autoscaler_standins.demo import Demo, Wish
from autoscaler_standins.machines import Condition

ZONES = ("eu-central-1a", "eu-central-1b")
LARGE = KindSpec(name="m7g.large", cpu=Cpu(2000), memory=Memory(8 * 2**30), price=Money(95_200))
POOL = """\
aws:
  region: eu-central-1
  auto_scaling_group: shop-general
  endpoint_url: "{url}"
  ec2_endpoint_url: "{url}"
  types: [{name: m7g.large, cpu: 2, memory: 8Gi, price: 0.0952 USD}]
"""
EDGE = """\
elb:
  region: eu-central-1
  endpoint_url: "{url}"
  ec2_endpoint_url: "{url}"
"""
WHO = {
    "AWS_ACCESS_KEY_ID": "anybody",
    "AWS_SECRET_ACCESS_KEY": "anything",
    "AWS_ENDPOINT_URL_STS": "{url}",
    "AWS_ENDPOINT_URL_IAM": "{url}",
    "AWS_ENDPOINT_URL_SERVICE_QUOTAS": "{url}",
}


def make(runtime: Runtime, wish: Wish) -> Demo:
    """Its machines run from the beginning."""
    group = GroupSpec(name="shop-general", kinds=(LARGE.name,), zones=ZONES, desired=wish.machines)
    cloud = Aws(runtime, [group], [LARGE], [TargetGroupSpec(name="web", kind="instance", delay=wish.boot, checks=wish.boot)])
    cloud.step()
    for machine in cloud.machines.all.values():
        machine.condition = Condition.RUNNING
    cloud.machines.boot = cloud.machines.stop = wish.boot
    cloud.machines.stock = {(LARGE.name, zone): 0 for zone in wish.sold_out}
    return Demo(cloud=cloud, zones=ZONES, pool=POOL, environment=WHO, edge=EDGE)
