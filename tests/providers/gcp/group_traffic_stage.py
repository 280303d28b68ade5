"""Instance groups behind a backend service at a stand-in, and our reader and writer of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler_gcp.instance_group_reader import GroupTrafficReader
from autoscaler_gcp.instance_group_settings import GcpGroupTraffic
from autoscaler_gcp.instance_group_writer import GroupTrafficWriter
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.gcp.instance_groups import InstanceGroup
from tests.providers.gcp.pool_stage import PROJECT, REAL, ZONES, CloudTime, regional
from tests.providers.gcp.traffic_stage import AGES, SHOP, Staged
from tests.providers.granted import Granted

GroupStage = Staged[GcpGroupTraffic, GroupTrafficReader, GroupTrafficWriter]


def groups(**changes: object) -> list[InstanceGroup]:
    """One in each zone."""
    fresh = (InstanceGroup(name=f"web-{zone[-1]}", zone=zone, members={}, left={}, sick=set()) for zone in ZONES)
    return [replace(one, **changes) for one in fresh]  # type: ignore[arg-type]


@contextmanager
def staged(*made: InstanceGroup, machines: int = 3, **settings: object) -> Iterator[GroupStage]:
    """The stand-in must make no mistake of its own."""
    cloud = GoogleCloud(REAL, PROJECT)
    cloud.groups.add(replace(regional(), size=machines, members={}, failures=[]))
    cloud.instance_groups.add(made or groups())
    cloud.clock.skip(AGES)
    cloud.groups.age()
    with Granted(cloud, REAL) as served:
        found = replace(GcpGroupTraffic(project=PROJECT, url=Url(served.url)), **settings)  # type: ignore[arg-type]
        site = Site(name="edge", cluster=SHOP, runtime=CloudTime(cloud))
        reader, writer = GroupTrafficReader(found, site), GroupTrafficWriter(found, site)
        yield Staged(cloud, served, found, site, reader, writer, "compute.instanceGroups.")
    assert served.mistakes == []
