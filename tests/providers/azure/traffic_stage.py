"""A load balancer at a stand-in, our reader and writer of it, in virtual time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from autoscaler.config.secrets import Url
from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.model.traffic import Member, RotationState
from autoscaler.testing.runtime import VirtualRuntime
from autoscaler_azure.traffic_reader import BackendReader
from autoscaler_azure.traffic_settings import AzureTraffic
from autoscaler_azure.traffic_writer import BackendWriter
from autoscaler_standins.azure.balancers import BackendPool, LoadBalancer
from autoscaler_standins.azure.cloud import AzureCloud
from autoscaler_standins.clock import Clock
from autoscaler_standins.faults import Fault, Kind
from autoscaler_standins.machines import Machines
from tests.providers.azure.standin import GROUP, SUBSCRIPTION, model
from tests.providers.granted import Granted

SHOP = ClusterName("shop")
WEB, API, NOBODY = (WorkloadRef(SHOP, name) for name in ("web", "api", "nobody"))
ONE, TWO, THREE = (f"10.0.0.{number}:8080" for number in (1, 2, 3))
NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/virtualNetworks/shop"
SOON = Duration(10_000)
GET, PUT, HEALTH = "LoadBalancers.Get", "LoadBalancerBackendAddressPools.CreateOrUpdate", "LoadBalancerLoadBalancingRules.Health"


@dataclass(frozen=True)
class TrafficStage:
    """Machines that run, in front of them a load balancer with a pool for `web`."""

    runtime: VirtualRuntime
    balancer: LoadBalancer
    served: Granted
    settings: AzureTraffic
    reader: BackendReader
    writer: BackendWriter

    @property
    def pool(self) -> BackendPool:
        """The first."""
        return self.balancer.pools[0]

    def look(self, *workloads: WorkloadRef) -> RotationState:
        """The rotation now."""
        return self.reader.observe(workloads or (WEB,), SOON)

    def member(self, address: str) -> Member | None:
        """Who is there now."""
        return next((one for one in self.look().members if one.address == address), None)

    def settle(self) -> None:
        """Whatever is probed has been."""
        self.runtime.advance(Duration(60_000))
        self.balancer.machines.age()

    def refuse(self, code: str, status: int, *, on: str = "*", times: int = 1) -> None:
        """Azure says so, that often."""
        self.served.faults.add([Fault(operation=on, kind=Kind.REFUSE, times=times, code=code, status=status)])

    def asked(self) -> list[str]:
        """The operations that were called."""
        return [one.operation for one in self.served.calls]


def pool(name: str = "web", **rules: int) -> BackendPool:
    """Sent to port 8080, unless said."""
    return BackendPool(name=name, rules=rules or {name: 8080})


@contextmanager
def staged(*pools: BackendPool, machines: int = 3, **settings: object) -> Iterator[TrafficStage]:
    """The stand-in must make no mistake of its own."""
    runtime = VirtualRuntime()
    clock = Clock(runtime)
    cloud = AzureCloud(clock=clock, machines=Machines(clock=clock))
    cloud.add(model(), machines)
    balancer = LoadBalancer(subscription=SUBSCRIPTION, group=GROUP, name="edge", pools=pools or (pool(),), machines=cloud.machines)
    cloud.balancers.append(balancer)
    runtime.advance(Duration(120_000))
    cloud.machines.age()
    with Granted(cloud, runtime) as served:
        found = AzureTraffic(subscription=SUBSCRIPTION, resource_group=GROUP, load_balancer="edge", network=NETWORK, url=Url(served.url))
        found = replace(found, **settings)  # type: ignore[arg-type]
        site = Site(name="edge", cluster=SHOP, runtime=runtime)
        yield TrafficStage(runtime, balancer, served, found, BackendReader(found, site), BackendWriter(found, site))
    assert served.mistakes == []
