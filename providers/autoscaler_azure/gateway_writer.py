"""Puts replicas into the backend pools of an application gateway, and takes them out: one call, however many.

A gateway is written as a whole, with its listeners and certificates, so it is read first, and written only if it is still as it was read.
A change that comes while another is under way takes its place and holds what that one did, for it was read after it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError, SetupError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler_azure.gateway_calls import Gateways
from autoscaler_azure.gateways import STOPPED, Pool, pool_of
from autoscaler_azure.traffic_settings import GatewayTraffic
from autoscaler_clouds.addresses import joined_address, split_address
from autoscaler_clouds.signing import signing_in_anew

if TYPE_CHECKING:
    from azure.mgmt.network.models import ApplicationGatewayBackendAddress

    Change = Callable[[Pool, list[ApplicationGatewayBackendAddress]], list[ApplicationGatewayBackendAddress]]

BUDGET = Duration(9000)
"""For all calls of one change together: less than the ten seconds after which the engine takes a call for lost."""


class GatewayWriter:
    """One application gateway."""

    def __init__(self, settings: GatewayTraffic, site: Site) -> None:
        self._settings = settings
        self._gateways = Gateways(settings, site)

    def join(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Adds those that are not there. PolicyError for another port than the HTTP settings'."""
        places = [split_address(one) for one in addresses]

        def change(pool: Pool, there: "list[ApplicationGatewayBackendAddress]") -> "list[ApplicationGatewayBackendAddress]":
            from azure.mgmt.network.models import ApplicationGatewayBackendAddress

            for one, (_, port) in zip(addresses, places, strict=True):
                _check_port(pool, one, port)
            known = {one.ip_address for one in there}
            new = [host for host in dict.fromkeys(host for host, _ in places) if host not in known]
            return [*there, *(ApplicationGatewayBackendAddress(ip_address=host) for host in new)]

        self._change(workload, change)

    def leave(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Takes them out: that is how the gateway is told to let them finish."""

        def change(pool: Pool, there: "list[ApplicationGatewayBackendAddress]") -> "list[ApplicationGatewayBackendAddress]":
            return [one for one in there if joined_address(one.ip_address or "", pool.port) not in addresses]

        self._change(workload, change)

    def remove(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """The same: the gateway lets go by itself."""
        self.leave(workload, addresses)

    def _change(self, workload: WorkloadRef, change: "Change") -> None:
        """Nothing is sent where nothing changes. SetupError for a gateway that was stopped, for a change would start it."""
        with signing_in_anew(self._gateways.forget):
            session = self._gateways.within(BUDGET)
            gateway = self._gateways.gateway(session)
            pool = pool_of(workload, gateway, self._settings)
            there = pool.addresses
        wanted = change(pool, there)
        if len(wanted) == len(there) or pool.pool.properties is None:
            return
        if gateway.properties and gateway.properties.operational_state == STOPPED:
            hint = "az network application-gateway start: a change would start it, and that is somebody else's to decide"
            raise SetupError(f"application gateway {self._settings.gateway} is stopped", hint=hint)
        pool.pool.properties.backend_addresses = wanted
        self._gateways.put(session, gateway)


def _check_port(pool: Pool, address: str, port: int) -> None:
    if port != pool.port:
        words = f"{address}: the HTTP settings of backend pool {pool.pool.name} send to port {pool.port}"
        raise PolicyError(words, hint="publish the workload at that port of each node, or let the settings send to this one")
