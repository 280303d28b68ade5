"""The stand-in for Azure's scale sets, in virtual time, as tests of the stand-in and of the pool's plugin use it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Cpu, Duration, Memory, Money
from autoscaler.model.refs import ClusterName
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler_azure.pool_reader import ScaleSetReader
from autoscaler_azure.pool_writer import ScaleSetWriter
from autoscaler_azure.settings import AzurePool
from autoscaler_clouds.kinds import KindSpec
from autoscaler_standins.azure.cloud import AzureCloud
from autoscaler_standins.azure.sets import Model, ScaleSet
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault
from autoscaler_standins.machines import Machine, Machines
from tests.providers.granted import Granted

SUBSCRIPTION = "1f3fa6d2-851c-4a91-9087-1a050f3a9c38"
GROUP = "shop"
NAME = "shop-general"
SOON = Duration(120_000)


@dataclass(frozen=True, kw_only=True)
class Azure:
    """A cloud that listens, with one scale set."""

    runtime: VirtualRuntime
    cloud: AzureCloud
    standin: Granted
    set: ScaleSet

    @property
    def machines(self) -> list[Machine]:
        """Those of the set that are not gone, oldest first."""
        return self.set.all()

    def settle(self) -> None:
        """Wait until nothing launches or stops any more."""
        self.runtime.advance(Duration(SOON.ms + self.set.lingers.ms))
        self.cloud.machines.age()

    def befall(self, *faults: Fault) -> None:
        """What is to go wrong next."""
        self.standin.faults.add(faults)

    def leave(self, count: int) -> None:
        """So many are left, and Azure says at once that it has no more."""
        self.set.patient = False
        self.sell_out()
        self.cloud.machines.stock[self.set.model.kinds[0], self.set.zone()] = count

    def sell_out(self) -> None:
        """Nothing of its kinds is left."""
        self.cloud.machines.stock |= {(kind, zone): 0 for kind in self.set.model.kinds for zone in self.set.model.zones or ("",)}


def model(
    *, flexible: bool = False, zones: tuple[str, ...] = ("1",), kinds: tuple[str, ...] = ("Standard_D2s_v5",), spot: bool = False
) -> Model:
    """What the set was made with."""
    return Model(subscription=SUBSCRIPTION, group=GROUP, name=NAME, flexible=flexible, zones=zones, kinds=kinds, spot=spot)


@contextmanager
def listening(of: Model, count: int = 2) -> Iterator[Azure]:
    """Such a set with as many running machines."""
    runtime = VirtualRuntime()
    clock = Clock(runtime)
    cloud = AzureCloud(clock=clock, machines=Machines(clock=clock))
    found = cloud.add(of, count)
    with Granted(cloud, runtime) as standin:
        yield Azure(runtime=runtime, cloud=cloud, standin=standin, set=found)


def site_of(azure: Azure) -> Site:
    """Where its pool lives."""
    return Site(name="general", cluster=ClusterName("shop"), runtime=azure.runtime)


def settings_of(azure: Azure) -> AzurePool:
    """Its standby pool, if it has one, is named.

    Two kinds of machines are told, so that nothing need be asked; the price of the third is not known.
    """
    return AzurePool(
        subscription=SUBSCRIPTION,
        resource_group=GROUP,
        scale_set=NAME,
        url=Url(azure.standin.url),
        standby_pool=next((one.name for one in azure.cloud.standby), ""),
        types=(
            KindSpec(name="Standard_D2s_v5", cpu=Cpu(2000), memory=Memory(8 * 2**30), price=Money(96_000), spot_price=Money(20_000)),
            KindSpec(name="Standard_E2s_v5", cpu=Cpu(2000), memory=Memory(16 * 2**30), price=Money(126_000)),
        ),
    )


def reader_of(azure: Azure) -> ScaleSetReader:
    """Sees it."""
    return ScaleSetReader(settings_of(azure), site_of(azure))


def writer_of(azure: Azure) -> ScaleSetWriter:
    """Changes it."""
    return ScaleSetWriter(settings_of(azure), site_of(azure))
