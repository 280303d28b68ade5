"""What a policy file says of an Azure Load Balancer: `traffic: {edge: {azure_lb: {subscription: …, load_balancer: shop-edge, …}}}`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from autoscaler.errors import PolicyError
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
        for path, pool in self.pools.items():
            if not NAME.fullmatch(pool):
                raise PolicyError(f"{pool[:80]!r}, of {path[:60]}, is no backend pool", hint="write its name alone")
        self.check_signs()

    def pool_of(self, workload: WorkloadRef) -> str:
        """The name of the workload's backend pool."""
        return self.pools.get(workload.path, workload.name)

    @staticmethod
    def hint(workload: WorkloadRef) -> str:
        """What to write for a workload whose pool was not found."""
        return f"write `pools: {{{workload.path}: NAME}}` at the traffic entry, or make that pool, with a rule"
