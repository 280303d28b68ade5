"""What Azure says of a load balancer's backend pools, as a rotation: pure.

https://learn.microsoft.com/azure/load-balancer/backend-pool-management
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoscaler.errors import NotFoundError, SetupError
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.traffic import Member, MemberState
from autoscaler_azure.traffic_settings import AzureTraffic, hint_of
from autoscaler_clouds.addresses import joined_address

if TYPE_CHECKING:
    from azure.mgmt.network.models import (
        BackendAddressPool,
        LoadBalancer,
        LoadBalancerBackendAddress,
        LoadBalancerHealthPerRule,
        LoadBalancingRule,
    )

DOWN, NONE, UP = "Down", "None", "Up"
"""https://learn.microsoft.com/azure/load-balancer/admin-state-overview"""


@dataclass(frozen=True, slots=True)
class Backend:
    """A workload's pool, and the rules that send to it, all to one `port`: an address in it has none of its own."""

    pool: "BackendAddressPool"
    rules: tuple[str, ...]
    port: int

    @property
    def addresses(self) -> "list[LoadBalancerBackendAddress]":
        """Those in it. SetupError where machines stand in it by their network interfaces: they are the scale set's to put there."""
        found = (self.pool.properties and self.pool.properties.load_balancer_backend_addresses) or []
        if any(one.properties and one.properties.network_interface_ip_configuration for one in found):
            raise SetupError(f"backend pool {self.pool.name} holds network interfaces", hint="make a pool of IP addresses for the workload")
        return found


def backend_of(workload: WorkloadRef, balancer: "LoadBalancer", settings: AzureTraffic) -> Backend:
    """NotFoundError without its pool; SetupError where no rule sends to it, or several send to different ports."""
    name, properties = settings.pool_of(workload), balancer.properties
    pools = (properties and properties.backend_address_pools) or []
    pool = next((one for one in pools if (one.name or "").lower() == name.lower()), None)
    if pool is None:
        raise NotFoundError(f"load balancer {settings.load_balancer} has no backend pool {name} for {workload}", hint=hint_of(workload))
    rules = [one for one in (properties and properties.load_balancing_rules) or [] if _sends(one, pool)]
    ports = {one.properties.backend_port or 0 for one in rules if one.properties}
    if len(ports) != 1:
        words = f"is sent to at ports {', '.join(map(str, sorted(ports)))}" if ports else "has no rule that sends to it"
        raise SetupError(f"backend pool {name} {words}", hint="let rules send to it, all to the port that replicas publish")
    return Backend(pool, tuple(one.name or "" for one in rules), ports.pop())


def _sends(rule: "LoadBalancingRule", pool: "BackendAddressPool") -> bool:
    if rule.properties is None:
        return False
    named = [rule.properties.backend_address_pool, *(rule.properties.backend_address_pools or [])]
    return any(one is not None and (one.id or "").lower() == (pool.id or "").lower() for one in named)


def well_of(health: "LoadBalancerHealthPerRule") -> frozenset[str]:
    """Addresses that a rule's probe finds well."""
    found = health.load_balancer_backend_addresses or []
    return frozenset(one.ip_address or "" for one in found if one.state == UP)


def members(workload: WorkloadRef, backend: Backend, well: Mapping[str, frozenset[str]]) -> Iterable[Member]:
    """`well`: by rule. Who is set down gets nothing new, and keeps its connections. Azure tells no sessions of single addresses."""
    for one in backend.addresses:
        host = host_of(one)
        yield Member(
            workload=workload,
            address=joined_address(host, backend.port),
            state=MemberState.DRAINING if is_down(one) else MemberState.READY,
            sessions=None,
            up=all(host in well[rule] for rule in backend.rules),
        )


def host_of(one: "LoadBalancerBackendAddress") -> str:
    """Its IP address."""
    return (one.properties and one.properties.ip_address) or ""


def is_down(one: "LoadBalancerBackendAddress") -> bool:
    """Whether somebody set it so."""
    return one.properties is not None and (one.properties.admin_state or NONE) == DOWN


def set_state(there: "Iterable[LoadBalancerBackendAddress]", hosts: Collection[str], state: str) -> bool:
    """In place; whether that changed any."""
    changed = False
    for one in there:
        if one.properties and host_of(one) in hosts and is_down(one) != (state == DOWN):
            one.properties.admin_state, changed = state, True
    return changed
