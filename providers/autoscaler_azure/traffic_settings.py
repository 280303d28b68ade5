"""What a policy file says of Azure's balancers: `traffic: {edge: {azure_lb: {subscription: …, load_balancer: shop-edge, …}}}`.

`app_gateway` of Application Gateways alike.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler_azure.settings import AzureSettings

NAME = re.compile(r"[A-Za-z0-9]([\w.-]{0,78}\w)?", re.ASCII)
NETWORK = re.compile(
    r"/subscriptions/[0-9a-f-]{36}/resourceGroups/[\w().-]{1,90}/providers/Microsoft\.Network/virtualNetworks/[\w.-]{2,64}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureTraffic(AzureSettings):
    """`load_balancer`: its name in the resource group. `network`: the id of the virtual network that replicas' nodes are in.

    `pools`: workload path to its backend pool, where that is not named as the workload.
    """

    load_balancer: str
    network: str
    pools: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Not super(): dataclasses with slots are made anew, and the class that super() remembers is not this one.
        AzureSettings.__post_init__(self)
        if not NAME.fullmatch(self.load_balancer):
            raise PolicyError(f"{self.load_balancer[:80]!r} is no load balancer", hint="write its name, as az network lb list shows it")
        if not NETWORK.fullmatch(self.network):
            raise PolicyError(f"{self.network[:80]!r} is no virtual network's id", hint="write it as az network vnet show --query id does")
        check_pools(self.pools)
        self.check_signs()

    def pool_of(self, workload: WorkloadRef) -> str:
        """The name of the workload's backend pool."""
        return self.pools.get(workload.path, workload.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTraffic(AzureSettings):
    """`gateway`: its name in the resource group. `pools`: as of AzureTraffic.

    `change`: how long Azure takes, at most, until a change of the gateway holds in all of it. Nothing that can be read tells that: its
    state is back to Succeeded long before (Azure/azure-cli#32961).
    """

    gateway: str
    pools: Mapping[str, str] = field(default_factory=dict)
    change: Duration = Duration(120_000)

    def __post_init__(self) -> None:
        AzureSettings.__post_init__(self)
        if not NAME.fullmatch(self.gateway):
            hint = "write its name, as az network application-gateway list shows it"
            raise PolicyError(f"{self.gateway[:80]!r} is no application gateway", hint=hint)
        check_pools(self.pools)
        self.check_signs()

    def pool_of(self, workload: WorkloadRef) -> str:
        """The name of the workload's backend pool."""
        return self.pools.get(workload.path, workload.name)


def check_pools(pools: Mapping[str, str]) -> None:
    """PolicyError for what cannot be a backend pool's name."""
    for path, pool in pools.items():
        if not NAME.fullmatch(pool):
            raise PolicyError(f"{pool[:80]!r}, of {path[:60]}, is no backend pool", hint="write its name alone")


def hint_of(workload: WorkloadRef) -> str:
    """What to write for a workload whose pool was not found."""
    return f"write `pools: {{{workload.path}: NAME}}` at the traffic entry, or make that pool, with a rule"
