"""What Azure says of an application gateway's backend pools, as a rotation: pure.

https://learn.microsoft.com/azure/application-gateway/configuration-http-settings
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autoscaler.errors import NotFoundError, SetupError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import WorkloadRef
from autoscaler.model.traffic import Member, MemberState
from autoscaler_azure.traffic_settings import GatewayTraffic, hint_of
from autoscaler_clouds.addresses import joined_address

if TYPE_CHECKING:
    from azure.mgmt.network.models import (
        ApplicationGateway,
        ApplicationGatewayBackendAddress,
        ApplicationGatewayBackendAddressPool,
        ApplicationGatewayBackendHealth,
        ApplicationGatewayBackendHttpSettings,
        ApplicationGatewayPropertiesFormat,
        SubResource,
    )

    Pair = tuple[SubResource | None, SubResource | None]

UP, STOPPED = "Up", "Stopped"


@dataclass(frozen=True, slots=True)
class Pool:
    """A workload's pool, and the HTTP settings by which rules send to it, all to one `port`. `drains`: how long who leaves may finish."""

    pool: "ApplicationGatewayBackendAddressPool"
    settings: frozenset[str]
    port: int
    drains: Duration

    @property
    def addresses(self) -> "list[ApplicationGatewayBackendAddress]":
        """Those in it. SetupError where others stand in it than addresses: machines by their interfaces, or names."""
        properties = self.pool.properties
        found = (properties and properties.backend_addresses) or []
        if (properties and properties.backend_ip_configurations) or any(not one.ip_address for one in found):
            words = f"backend pool {self.pool.name} holds names or network interfaces"
            raise SetupError(words, hint="make a pool of IP addresses for the workload")
        return found


def pool_of(workload: WorkloadRef, gateway: "ApplicationGateway", settings: GatewayTraffic) -> Pool:
    """NotFoundError without its pool. SetupError where no rule sends to it, or to several ports, or without letting anybody finish."""
    name, properties = settings.pool_of(workload), gateway.properties
    pools = (properties and properties.backend_address_pools) or []
    pool = next((one for one in pools if (one.name or "").lower() == name.lower()), None)
    if pool is None or properties is None:
        raise NotFoundError(f"application gateway {settings.gateway} has no backend pool {name} for {workload}", hint=hint_of(workload))
    return _used(pool, [one for one in _all(properties.backend_http_settings_collection) if _id(one) in _settings(properties, _id(pool))])


def _used(pool: "ApplicationGatewayBackendAddressPool", by: "list[ApplicationGatewayBackendHttpSettings]") -> Pool:
    found = [(one, one.properties) for one in by if one.properties]
    ports = {properties.port or 0 for _, properties in found}
    if len(ports) != 1:
        words = f"is sent to at ports {', '.join(map(str, sorted(ports)))}" if ports else "has no rule that sends to it over HTTP"
        raise SetupError(f"backend pool {pool.name} {words}", hint="let rules send to it, all to the port that replicas publish")
    draining = [(one.name, properties.connection_draining) for one, properties in found]
    cut = [name for name, how in draining if how is None or not how.enabled]
    if cut:
        hint = "set connectionDraining.enabled and drainTimeoutInSec there: without them who leaves loses the requests in flight"
        raise SetupError(
            f"the HTTP settings {', '.join(map(str, sorted(cut, key=str)))} of backend pool {pool.name} do not drain", hint=hint
        )
    longest = max(how.drain_timeout_in_sec for _, how in draining if how)
    return Pool(pool, frozenset(_id(one) for one, _ in found), ports.pop(), Duration(longest * 1000))


def _settings(properties: "ApplicationGatewayPropertiesFormat", pool: str) -> frozenset[str]:
    """Ids of HTTP settings by which anything sends to it."""
    return frozenset(_id(how) for to, how in _pairs(properties) if _id(to) == pool)


def _pairs(properties: "ApplicationGatewayPropertiesFormat") -> "Iterator[Pair]":
    """Where rules send to, and how: by themselves, by a path, and where no path of theirs fits."""
    for rule in _all(properties.request_routing_rules):
        if rule.properties:
            yield rule.properties.backend_address_pool, rule.properties.backend_http_settings
    for paths in _all(properties.url_path_maps):
        if paths.properties:
            yield paths.properties.default_backend_address_pool, paths.properties.default_backend_http_settings
            for one in _all(paths.properties.path_rules):
                if one.properties:
                    yield one.properties.backend_address_pool, one.properties.backend_http_settings


def well_of(health: "ApplicationGatewayBackendHealth", pool: Pool) -> frozenset[str]:
    """Addresses in it that are well by each of its settings. What some of the gateway's own machines find sick is not."""
    seen: dict[str, set[str]] = {}
    for one in _all(health.backend_address_pools):
        if _id(one.backend_address_pool) == _id(pool.pool):
            for by in _all(one.backend_http_settings_collection):
                seen[_id(by.backend_http_settings)] = {server.address or "" for server in _all(by.servers) if server.health == UP}
    return frozenset(set.intersection(*(seen.get(one, set()) for one in pool.settings)))


def members(workload: WorkloadRef, pool: Pool, well: frozenset[str]) -> Iterator[Member]:
    """Who is in it gets requests; who was taken out is shown no more."""
    for one in pool.addresses:
        host = one.ip_address or ""
        address = joined_address(host, pool.port)
        yield Member(workload=workload, address=address, state=MemberState.READY, sessions=None, up=host in well)


def _all(found: "Iterable[Any] | None") -> "Iterable[Any]":
    return found or ()


def _id(one: Any) -> str:  # noqa: ANN401 - anything that has an id
    return (one.id or "").lower() if one else ""
