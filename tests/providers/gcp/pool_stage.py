"""A managed instance group at a stand-in, our reader and writer of it, and time that passes when told or when somebody waits."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.pools import PoolState
from autoscaler.model.quantities import Cpu, Duration, Instant, Memory, Money
from autoscaler.model.refs import ClusterName, InstanceRef, Token
from autoscaler.service.runtime import SystemRuntime
from autoscaler_clouds.kinds import KindSpec
from autoscaler_gcp.pool_reader import GroupReader
from autoscaler_gcp.pool_settings import GcpPool
from autoscaler_gcp.pool_writer import GroupWriter
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.gcp.cloud import GoogleCloud
from autoscaler_standins.gcp.groups import Group, Template
from autoscaler_standins.gcp.kinds import KINDS
from tests.providers.granted import Granted

REAL = SystemRuntime()
PROJECT, REGION = "shop-prod", "europe-west4"
ZONES = tuple(f"{REGION}-{letter}" for letter in "abc")
ZONE = ZONES[0]
CUT, STALE = (Fault(operation="*", kind=kind) for kind in (Kind.CUT, Kind.STALE))
SOON, AGES = Duration(10_000), Duration(300_000)
E2 = KindSpec(name="e2-standard-4", cpu=Cpu(4000), memory=Memory(16 * 2**30), price=Money(147_000), spot_price=Money(59_000))
TOKEN = Token("01KB7Z3M2Q8V5X0C4N6P9R1STW")


class CloudTime(SystemRuntime):
    """The cloud's clock; who waits makes it pass."""

    def __init__(self, cloud: GoogleCloud) -> None:
        super().__init__()
        self._cloud = cloud

    def now(self) -> Instant:
        """The cloud's."""
        return self._cloud.clock.now()

    def monotonic(self) -> int:
        """As real time, and what was skipped."""
        return super().monotonic() + self._cloud.clock.ahead

    def sleep(self, span: Duration) -> None:
        """It is over at once."""
        self._cloud.clock.skip(span)


@dataclass(frozen=True)
class Stage:
    """One group, listening."""

    cloud: GoogleCloud
    served: Granted
    group: Group
    settings: GcpPool
    site: Site
    reader: GroupReader
    writer: GroupWriter

    def look(self) -> PoolState:
        """The pool now."""
        return self.reader.observe(SOON)

    def there(self) -> list[InstanceRef]:
        """Its instances now."""
        return sorted(one.ref for one in self.look().instances)

    def settle(self) -> None:
        """Whatever boots has booted, whatever stops has stopped."""
        for _ in range(2):
            self.cloud.clock.skip(AGES)
            self.cloud.groups.age()

    def sell_out(self) -> None:
        """Nothing more to be had anywhere."""
        self.leave(0)

    def leave(self, count: int) -> None:
        """So many machines that can be had, all of one kind in one zone: the next that the group would take."""
        next_zone = min(self.group.zones, key=lambda zone: (self.cloud.machines.by_zone(self.group.name)[zone], zone))
        for kind in KINDS:
            for zone in self.group.zones:
                self.cloud.machines.stock[kind, zone] = count if (kind, zone) == (E2.name, next_zone) else 0

    def stand_by(self, stopped: int, suspended: int = 0) -> None:
        """So many machines are made, and stopped or suspended."""
        self.group.standby.stopped, self.group.standby.suspended = stopped, suspended
        self.settle()
        self.settle()

    def refuse(self, reason: str, status: int, *, on: str = "*", times: int = 100) -> None:
        """Calls of `on` are refused."""
        self.served.faults.add([Fault(operation=on, kind=Kind.REFUSE, times=times, code=reason, status=status)])

    def befall(self, fault: Fault, verbs: Iterable[str]) -> None:
        """Once for each of these methods of the group."""
        resource = "regionInstanceGroupManagers" if self.group.regional else "instanceGroupManagers"
        self.served.faults.add(replace(fault, operation=f"compute.{resource}.{verb}") for verb in verbs)

    def asked(self, verb: str) -> int:
        """How many calls of this method there were."""
        return sum(one.operation.endswith(f".{verb}") for one in self.served.calls)

    def counted(self) -> int:
        """Machines that the cloud bills and the group counts."""
        return sum(one.counts for one in self.cloud.machines.all.values())


def zonal() -> Group:
    """Two machines in one zone."""
    template = Template(name="shop-general-1", kind=E2.name)
    return Group(name="shop-general", place=ZONE, zones=(ZONE,), template=template, base="shop-general", size=2)


def regional() -> Group:
    """Two machines over three zones."""
    return replace(zonal(), place=REGION, zones=ZONES)


@contextmanager
def staged(group: Group, *types: KindSpec) -> Iterator[Stage]:
    """The group's first machines run. The stand-in must make no mistake of its own."""
    cloud = GoogleCloud(REAL, PROJECT)
    cloud.groups.add(group)
    with Granted(cloud, REAL) as served:
        found = GcpPool(project=PROJECT, zone=ZONE, instance_group=group.name, url=Url(served.url), types=types)
        settings = replace(found, zone="", region=REGION) if group.regional else found
        site = Site(name="general", cluster=ClusterName("shop"), runtime=CloudTime(cloud))
        stage = Stage(cloud, served, group, settings, site, GroupReader(settings, site), GroupWriter(settings, site))
        stage.settle()
        yield stage
    assert served.mistakes == []
