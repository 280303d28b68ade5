"""A managed instance group and a network endpoint group in one zone."""

from autoscaler.contracts.runtime import Runtime
from autoscaler_standins.demo import Demo, Wish
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.gcp.discovery import methods
from autoscaler_standins.gcp.endpoints import EndpointGroup
from autoscaler_standins.gcp.groups import Group, Template

ZONE = "europe-west4-a"
TEMPLATE = Template(name="shop-general-1", kind="e2-standard-2")
POOL = """\
gcp:
  project: shop-prod
  zone: europe-west4-a
  instance_group: shop-general
  url: "{url}"
  types: [{name: e2-standard-2, cpu: 2, memory: 8Gi, price: 0.0737 USD}]
"""

EDGE = """\
neg:
  project: shop-prod
  zones: [europe-west4-a]
  url: "{url}"
"""


def make(runtime: Runtime, wish: Wish) -> Demo:
    """Its machines run from the beginning. Over plain http its provider signs in to nobody."""
    methods()
    cloud = GoogleCloud(runtime)
    cloud.machines.boot = cloud.machines.stop = wish.boot
    cloud.groups.add(Group(name="shop-general", place=ZONE, zones=(ZONE,), template=TEMPLATE, base="shop-general", size=wish.machines))
    for machine in cloud.machines.all.values():
        machine.next_at = cloud.clock.now()
    cloud.endpoints.add([EndpointGroup(name="web", zone=ZONE, draining=wish.boot, checks=wish.boot)])
    cloud.machines.stock = {(TEMPLATE.kind, zone): 0 for zone in wish.sold_out}
    return Demo(cloud=cloud, zones=(ZONE,), pool=POOL, environment={}, edge=EDGE)
