"""Network endpoint groups at a stand-in, our reader and writer of them, and time that passes when told or when somebody waits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.contracts.traffic_reader import TrafficReader
from autoscaler.contracts.traffic_writer import TrafficWriter
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.model.traffic import Member, RotationState
from autoscaler_gcp.traffic_reader import EndpointReader
from autoscaler_gcp.traffic_settings import GcpTraffic
from autoscaler_gcp.traffic_writer import EndpointWriter
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.gcp.endpoints import EndpointGroup
from tests.providers.gcp.pool_stage import PROJECT, REAL, ZONES, CloudTime, regional
from tests.providers.granted import Granted

SHOP = ClusterName("shop")
WEB, NOBODY = (WorkloadRef(SHOP, name) for name in ("web", "nobody"))
ONE, TWO, THREE = (f"10.0.0.{number}:8080" for number in (1, 2, 3))
"""Each in a zone of its own."""

SOON = Duration(10_000)
AGES = Duration(7_200_000)
METHODS = "compute.networkEndpointGroups."


Settings = TypeVar("Settings")
Reader = TypeVar("Reader", bound=TrafficReader)
Writer = TypeVar("Writer", bound=TrafficWriter)


@dataclass(frozen=True)
class Staged(Generic[Settings, Reader, Writer]):
    """Machines in three zones that run, and in each zone a group of them, or of their endpoints. `methods`: what calls of it begin with."""

    cloud: GoogleCloud
    served: Granted
    settings: Settings
    site: Site
    reader: Reader
    writer: Writer
    methods: str = METHODS

    def look(self) -> RotationState:
        """The rotation now."""
        return self.reader.observe((WEB,), SOON)

    def member(self, address: str) -> Member | None:
        """Who is there now."""
        return next((one for one in self.look().members if one.address == address), None)

    def pass_(self, seconds: int) -> None:
        """So much time."""
        self.cloud.clock.skip(Duration(seconds * 1000))

    def settle(self) -> None:
        """Whatever is checked or drains has been."""
        self.cloud.clock.skip(AGES)

    def refuse(self, reason: str, status: int, *, on: str = "*", times: int = 1) -> None:
        """Google says so, that often."""
        operation = on if on == "*" else self.methods + on
        self.served.faults.add([Fault(operation=operation, kind=Kind.REFUSE, times=times, code=reason, status=status)])

    def asked(self) -> list[str]:
        """The methods that were called, without what they are of."""
        return [one.operation.removeprefix(self.methods) for one in self.served.calls]


TrafficStage = Staged[GcpTraffic, EndpointReader, EndpointWriter]


def groups(**changes: object) -> list[EndpointGroup]:
    """One in each zone."""
    return [replace(EndpointGroup(name="web", zone=zone, endpoints={}, sick=set()), **changes) for zone in ZONES]  # type: ignore[arg-type]


@contextmanager
def staged(*made: EndpointGroup, machines: int = 3, **settings: object) -> Iterator[TrafficStage]:
    """The stand-in must make no mistake of its own."""
    cloud = GoogleCloud(REAL, PROJECT)
    cloud.groups.add(replace(regional(), size=machines, members={}, failures=[]))
    cloud.endpoints.add(made or groups())
    cloud.clock.skip(AGES)
    cloud.groups.age()
    with Granted(cloud, REAL) as served:
        found = replace(GcpTraffic(project=PROJECT, zones=ZONES, url=Url(served.url)), **settings)  # type: ignore[arg-type]
        site = Site(name="edge", cluster=SHOP, runtime=CloudTime(cloud))
        yield TrafficStage(cloud, served, found, site, EndpointReader(found, site), EndpointWriter(found, site))
    assert served.mistakes == []
