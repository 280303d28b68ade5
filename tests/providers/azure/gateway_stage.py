"""An application gateway at a stand-in, our reader and writer of it, in virtual time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.traffic import RotationState
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler_azure.gateway_reader import GatewayReader
from autoscaler_azure.gateway_writer import GatewayWriter
from autoscaler_azure.traffic_settings import GatewayTraffic
from autoscaler_standins.azure.cloud import AzureCloud
from autoscaler_standins.azure.gateways import ApplicationGateway, Sending
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.machines import Machines
from tests.providers.azure.standin import GROUP, SUBSCRIPTION, model
from tests.providers.azure.traffic_stage import SHOP, WEB
from tests.providers.granted import Granted

SOON = Duration(10_000)
GET, PUT, HEALTH = "ApplicationGateways.Get", "ApplicationGateways.CreateOrUpdate", "ApplicationGateways.BackendHealth"


@dataclass(frozen=True)
class GatewayStage:
    """Machines that run, in front of them an application gateway with a pool for `web`."""

    runtime: VirtualRuntime
    gateway: ApplicationGateway
    served: Granted
    reader: GatewayReader
    writer: GatewayWriter

    def look(self, *workloads: WorkloadRef) -> RotationState:
        """The rotation now."""
        return self.reader.observe(workloads or (WEB,), SOON)

    def up(self) -> dict[str, bool]:
        """Who stands in rotation, and whether it is well."""
        return {one.address: one.up for one in self.look().members}

    def settle(self) -> None:
        """Whatever changes has changed, and whatever is probed has been."""
        self.runtime.advance(Duration(300_000))
        self.gateway.machines.age()

    def refuse(self, code: str, status: int, *, on: str = "*", times: int = 1) -> None:
        """Azure says so, that often."""
        self.served.faults.add([Fault(operation=on, kind=Kind.REFUSE, times=times, code=code, status=status)])

    def asked(self) -> list[str]:
        """The operations that were called."""
        return [one.operation for one in self.served.calls]


@contextmanager
def fronted(sends: Mapping[str, Mapping[str, Sending]] | None = None, **settings: object) -> Iterator[GatewayStage]:
    """The stand-in must make no mistake of its own."""
    runtime = VirtualRuntime()
    clock = Clock(runtime)
    cloud = AzureCloud(clock=clock, machines=Machines(clock=clock))
    cloud.add(model(), 3)
    sent = {"web": {"http": Sending()}} if sends is None else sends
    gateway = ApplicationGateway(subscription=SUBSCRIPTION, group=GROUP, name="edge", sends=sent, machines=cloud.machines)
    cloud.gateways.append(gateway)
    runtime.advance(Duration(120_000))
    cloud.machines.age()
    with Granted(cloud, runtime) as served:
        found = GatewayTraffic(subscription=SUBSCRIPTION, resource_group=GROUP, gateway="edge", url=Url(served.url))
        found = replace(found, **settings)  # type: ignore[arg-type]
        site = Site(name="edge", cluster=SHOP, runtime=runtime)
        yield GatewayStage(runtime, gateway, served, GatewayReader(found, site), GatewayWriter(found, site))
    assert served.mistakes == []
