"""A uniform scale set in two zones."""

from autoscaler.contracts.runtime import Runtime
from autoscaler_standins.azure.cloud import AzureCloud
from autoscaler_standins.azure.sets import Model
from autoscaler_standins.clock import Clock
from autoscaler_standins.demo import Demo, Wish
from autoscaler_standins.machines import Machines

ZONES = ("1", "2")
KIND, SUBSCRIPTION = "Standard_D2s_v5", "00000000-0000-0000-0000-000000000000"
POOL = """\
azure:
  subscription: 00000000-0000-0000-0000-000000000000
  resource_group: shop
  scale_set: shop-general
  url: "{url}"
  types: [{name: Standard_D2s_v5, cpu: 2, memory: 8Gi, price: 0.096 USD}]
"""


def make(runtime: Runtime, wish: Wish) -> Demo:
    """Its machines run from the beginning."""
    clock = Clock(runtime)
    machines = Machines(clock=clock)
    cloud = AzureCloud(clock=clock, machines=machines)
    cloud.add(Model(subscription=SUBSCRIPTION, group="shop", name="shop-general", kinds=(KIND,), zones=ZONES), wish.machines)
    machines.boot = machines.stop = wish.boot
    machines.stock = {(KIND, zone): 0 for zone in wish.sold_out}
    return Demo(cloud=cloud, zones=ZONES, pool=POOL, environment={"NO_PROXY": "127.0.0.1"})
