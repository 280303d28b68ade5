"""Load balancers: addresses are put into backend pools, probed, set down and taken out.

https://learn.microsoft.com/azure/load-balancer/admin-state-overview
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from azure.mgmt.network import models
from azure.mgmt.network.operations import _operations as built

from autoscaler.model.quantities import Duration, Instant, later
from autoscaler_standins.azure.model import checked
from autoscaler_standins.azure.routes import route_by
from autoscaler_standins.machines import Condition, Machines

Json = Any
DOWN = "Down"
HEALTH = "LoadBalancerLoadBalancingRules.Health"
REPORT = "NetworkOperationResults.Get"
"""A report of health that was asked for before: a promise of the Resource Manager, in no model of the SDK's."""

REPORTED = re.compile(r"/subscriptions/[^/]+/providers/Microsoft\.Network/locations/[^/]+/operationResults/(?P<id>[^/]+)")
ROUTES = (
    route_by("LoadBalancers.Get", built.build_load_balancers_get_request, gives=models.LoadBalancer),
    route_by(
        "LoadBalancerBackendAddressPools.CreateOrUpdate",
        built.build_load_balancer_backend_address_pools_create_or_update_request,
        takes=models.BackendAddressPool,
        gives=models.BackendAddressPool,
    ),
    route_by(HEALTH, built.build_load_balancer_load_balancing_rules_health_request, gives=models.LoadBalancerHealthPerRule),
)


@dataclass(slots=True)
class Address:
    """One of a pool. `down_at`: when it was set down, or taken out."""

    shown: Json
    since: Instant
    down_at: Instant | None = None


@dataclass(slots=True, kw_only=True)
class BackendPool:
    """`rules`: those that send to it, and to which port. `sick`: addresses whose probes fail although their machine runs."""

    name: str
    rules: Mapping[str, int]
    version: int = 1
    addresses: dict[str, Address] = field(default_factory=dict)
    sick: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class LoadBalancer:
    """`checks`: how long the first probes of an address take. `reports`: how long a report of health takes; 0: it comes at once.

    `busy`: a change is under way.
    """

    subscription: str
    group: str
    name: str
    pools: tuple[BackendPool, ...]
    machines: Machines
    location: str = "westeurope"
    checks: Duration = Duration(10_000)
    reports: Duration = Duration(400)
    busy: bool = False
    asked: dict[str, tuple[BackendPool, Instant]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its own, as Azure writes it."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers/Microsoft.Network/loadBalancers/{self.name}"

    def pool(self, name: str) -> BackendPool | None:
        """By its name."""
        return next((one for one in self.pools if one.name.lower() == name.lower()), None)

    def fed_by(self, rule: str) -> BackendPool | None:
        """The pool that a rule sends to."""
        return next((one for one in self.pools if rule in one.rules), None)

    def put(self, pool: BackendPool, body: Json) -> None:
        """Its addresses as they are to be."""
        now, wanted = self.machines.clock.now(), body["properties"].get("loadBalancerBackendAddresses", [])
        found = dict[str, Address]()
        for one in wanted:
            host, down = one["properties"]["ipAddress"], one["properties"].get("adminState") == DOWN
            known = pool.addresses.get(host)
            found[host] = Address(one, known.since if known else now, (known and known.down_at) or now if down else None)
        pool.addresses, pool.version = found, pool.version + 1

    def well(self, pool: BackendPool, host: str) -> bool:
        """Whether its probe finds it so."""
        known, machine = pool.addresses[host], self.machines.at(host)
        up = machine is not None and machine.condition is Condition.RUNNING
        return up and host not in pool.sick and self.machines.clock.now() >= later(known.since, self.checks)

    def sent_to(self, pool: BackendPool) -> set[str]:
        """Addresses that get new connections: what no API tells."""
        return {host for host, one in pool.addresses.items() if one.down_at is None and self.well(pool, host)}

    def shown(self) -> Json:
        """A LoadBalancer."""
        rules = [self._rule(pool, name, port) for pool in self.pools for name, port in pool.rules.items()]
        properties = {"backendAddressPools": [self.shown_pool(one) for one in self.pools], "loadBalancingRules": rules}
        sku = {"name": "Standard", "tier": "Regional"}
        return checked(
            {"id": self.id, "name": self.name, "location": self.location, "sku": sku, "properties": properties}, models.LoadBalancer
        )

    def shown_pool(self, pool: BackendPool) -> Json:
        """A BackendAddressPool."""
        addresses = [{**one.shown, "properties": {**one.shown["properties"]}} for one in pool.addresses.values()]
        properties = {
            "loadBalancerBackendAddresses": addresses,
            "loadBalancingRules": [{"id": f"{self.id}/loadBalancingRules/{name}"} for name in pool.rules],
            "provisioningState": "Succeeded",
        }
        return checked(
            {"id": self._pool_id(pool), "name": pool.name, "etag": etag(pool), "properties": properties}, models.BackendAddressPool
        )

    def ask(self, pool: BackendPool) -> str:
        """For a report; the path at which it will be."""
        name = f"{len(self.asked) + 1:08x}-0000-4000-8000-000000000000"
        self.asked[name] = pool, later(self.machines.clock.now(), self.reports)
        return f"/subscriptions/{self.subscription}/providers/Microsoft.Network/locations/{self.location}/operationResults/{name}"

    def report(self, name: str) -> Json | None:
        """A LoadBalancerHealthPerRule, once it is there."""
        pool, at = self.asked[name]
        return self.health(pool) if self.machines.clock.now() >= at else None

    def health(self, pool: BackendPool) -> Json:
        """The same, now."""
        states = {host: self.well(pool, host) and one.down_at is None for host, one in pool.addresses.items()}
        each = [{"ipAddress": host, "state": "Up" if well else DOWN, "reason": "told by the probe"} for host, well in states.items()]
        up = sum(states.values())
        return checked({"up": up, "down": len(each) - up, "loadBalancerBackendAddresses": each}, models.LoadBalancerHealthPerRule)

    def _rule(self, pool: BackendPool, name: str, port: int) -> Json:
        to = {"id": self._pool_id(pool)}
        properties = {"protocol": "Tcp", "frontendPort": port, "backendPort": port, "backendAddressPool": to}
        return {"id": f"{self.id}/loadBalancingRules/{name}", "name": name, "properties": properties}

    def _pool_id(self, pool: BackendPool) -> str:
        return f"{self.id}/backendAddressPools/{pool.name}"


def etag(pool: BackendPool) -> str:
    """Of a pool as it is."""
    return f'W/"{pool.version:08x}-0000-4000-8000-000000000000"'


def found(balancers: Iterable[LoadBalancer], parts: Mapping[str, str]) -> LoadBalancer | None:
    """The one that a path names."""
    group = parts.get("resource_group_name") or parts.get("group_name") or ""
    named = (parts["subscription_id"].lower(), group.lower(), parts["load_balancer_name"].lower())
    return next((one for one in balancers if (one.subscription.lower(), one.group.lower(), one.name.lower()) == named), None)


def problems(body: Json) -> list[str]:
    """What Azure would say of a pool's addresses beside what its model says."""
    addresses = body.get("properties", {}).get("loadBalancerBackendAddresses", [])
    names = [one.get("name") for one in addresses]
    lacking = [json.dumps(one) for one in addresses if not one.get("properties", {}).get("ipAddress")]
    networked = [one for one in addresses if one.get("properties", {}).get("virtualNetwork") or one.get("properties", {}).get("subnet")]
    twice = ["names of addresses must be unique"] if len(set(names)) < len(names) else []
    return [*twice, *lacking, *(["an address needs a virtual network"] if len(networked) < len(addresses) else [])]
