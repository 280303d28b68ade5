"""Puts replicas into the backend pools of an Azure Load Balancer, sets them down, and takes them out: one call, however many.

A pool is written as a whole, so it is read first, and written only if it is still as it was read (its etag).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler_azure.backends import DOWN, NONE, Backend, backend_of, host_of, set_state
from autoscaler_azure.network import Network
from autoscaler_azure.traffic_settings import AzureTraffic
from autoscaler_clouds.addresses import joined_address, split_address
from autoscaler_clouds.signing import signing_in_anew

if TYPE_CHECKING:
    from azure.mgmt.network.models import LoadBalancerBackendAddress

    Change = Callable[[Backend, list[LoadBalancerBackendAddress]], bool]

BUDGET = Duration(9000)
"""For all calls of one change together: less than the ten seconds after which the engine takes a call for lost."""


class BackendWriter:
    """One load balancer."""

    def __init__(self, settings: AzureTraffic, site: Site) -> None:
        self._settings = settings
        self._network = Network(settings, site)

    def join(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Adds those that are not there, and leaves the others to the probes again. PolicyError for another port than the rules'."""
        places = [split_address(one) for one in addresses]

        def change(backend: Backend, there: "list[LoadBalancerBackendAddress]") -> bool:
            for one, (_, port) in zip(addresses, places, strict=True):
                _check_port(backend, one, port)
            hosts = [host for host, _ in places]
            known = {host_of(one) for one in there}
            new = [self._address(host) for host in dict.fromkeys(hosts) if host not in known]
            raised = set_state(there, hosts, NONE)
            there += new
            return raised or bool(new)

        self._change(workload, change)

    def leave(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Sets them down: nothing new comes, and connections that are there stay."""
        self._change(workload, lambda backend, there: set_state(there, _meant(backend, there, addresses), DOWN))

    def remove(self, workload: WorkloadRef, addresses: tuple[str, ...]) -> None:
        """Out at once."""

        def change(backend: Backend, there: "list[LoadBalancerBackendAddress]") -> bool:
            gone = _meant(backend, there, addresses)
            there[:] = [one for one in there if host_of(one) not in gone]
            return bool(gone)

        self._change(workload, change)

    def _change(self, workload: WorkloadRef, change: "Change") -> None:
        """Nothing is sent where nothing changes."""
        with signing_in_anew(self._network.forget):
            session = self._network.within(BUDGET)
            backend = backend_of(workload, self._network.balancer(session), self._settings)
            there = [*backend.addresses]
        if change(backend, there) and backend.pool.properties:
            backend.pool.properties.load_balancer_backend_addresses = there
            self._network.put(session, backend.pool)

    def _address(self, host: str) -> "LoadBalancerBackendAddress":
        from azure.mgmt.network import models

        network = models.SubResource(id=self._settings.network)
        properties = models.LoadBalancerBackendAddressPropertiesFormat(ip_address=host, virtual_network=network)
        return models.LoadBalancerBackendAddress(name=f"poolkeeper-{host.replace('.', '-').replace(':', '-')}", properties=properties)


def _check_port(backend: Backend, address: str, port: int) -> None:
    if port != backend.port:
        words = f"{address}: the rules of backend pool {backend.pool.name} send to port {backend.port}"
        raise PolicyError(words, hint="publish the workload at that port of each node, or let the rules send to this one")


def _meant(backend: Backend, there: "list[LoadBalancerBackendAddress]", addresses: tuple[str, ...]) -> frozenset[str]:
    """Hosts of those that are there by these addresses."""
    return frozenset(host_of(one) for one in there if joined_address(host_of(one), backend.port) in addresses)
